-- Calendar intelligence. Its keys are text of another system, so there are no foreign keys here.

create table renos.customer_intelligence (
    id                    text not null default shared.new_id(),
    customer_id           text not null,
    customer_name         text not null,
    access_notes          text,
    parking_instructions  text,
    special_instructions  text,
    preferences           jsonb not null default '{}'::jsonb,
    fixed_schedule        jsonb,
    total_bookings        integer not null default 0,
    completed_bookings    integer not null default 0,
    canceled_bookings     integer not null default 0,
    average_job_duration  numeric(6,2) not null default 0,
    last_booking_date     timestamptz,
    risk_score            integer not null default 0,
    risk_factors          text[] not null default '{}',
    total_revenue         numeric(12,2) not null default 0,
    average_booking_value numeric(12,2) not null default 0,
    outstanding_invoices  integer not null default 0,
    payment_history       text not null default 'good',
    satisfaction_score    numeric(2,1),
    complaints            integer not null default 0,
    praises               integer not null default 0,
    created_at            timestamptz not null default now(),
    last_updated          timestamptz not null default now(),
    constraint customer_intelligence_pkey primary key (id),
    constraint customer_intelligence_customer_id_key unique (customer_id),
    constraint customer_intelligence_risk_score_check check (risk_score between 0 and 100),
    constraint customer_intelligence_payment_history_check check (
        payment_history in (
            'excellent', 'good', 'fair', 'poor'
        )
    ),
    constraint customer_intelligence_satisfaction_score_check check (satisfaction_score between 1 and 5)
);

comment on table renos.customer_intelligence is 'What is known about a customer for planning: access, habits, risk.';
comment on column renos.customer_intelligence.id is 'Primary key.';
comment on column renos.customer_intelligence.customer_id is
    'Key of the customer as the calendar service knows it; usually a renos.customers id, but older keys are slugs, hence no foreign key.';
comment on column renos.customer_intelligence.customer_name is 'Name, for lookup.';
comment on column renos.customer_intelligence.access_notes is
    'How to get in. May reveal where a key is hidden: restricted.';
comment on column renos.customer_intelligence.parking_instructions is 'Where to park.';
comment on column renos.customer_intelligence.special_instructions is 'Anything else.';
comment on column renos.customer_intelligence.preferences is
    'communicationStyle, confirmationRequired, preferredDays[], preferredTimes[], avoidWeekends.';
comment on column renos.customer_intelligence.fixed_schedule is
    '{dayOfWeek 1..7 from Monday, time HH:MM, frequency weekly|biweekly|monthly, confidence 0..100} or null.';
comment on column renos.customer_intelligence.total_bookings is 'Bookings so far.';
comment on column renos.customer_intelligence.completed_bookings is 'Of these, done.';
comment on column renos.customer_intelligence.canceled_bookings is 'Of these, cancelled.';
comment on column renos.customer_intelligence.average_job_duration is 'Hours.';
comment on column renos.customer_intelligence.last_booking_date is 'Newest booking.';
comment on column renos.customer_intelligence.risk_score is '0 (safe) to 100.';
comment on column renos.customer_intelligence.risk_factors is 'Reasons for the score.';
comment on column renos.customer_intelligence.total_revenue is 'DKK.';
comment on column renos.customer_intelligence.average_booking_value is 'DKK.';
comment on column renos.customer_intelligence.outstanding_invoices is 'Number unpaid.';
comment on column renos.customer_intelligence.payment_history is 'Paying habit.';
comment on column renos.customer_intelligence.satisfaction_score is 'Stars 1 to 5.';
comment on column renos.customer_intelligence.complaints is 'Number of complaints.';
comment on column renos.customer_intelligence.praises is 'Number of praises.';
comment on column renos.customer_intelligence.created_at is 'When the row was made.';
comment on column renos.customer_intelligence.last_updated is 'Maintained like updated_at.';

create index customer_intelligence_risk_score_idx on renos.customer_intelligence (risk_score);
create index customer_intelligence_customer_name_idx on renos.customer_intelligence (customer_name);

create trigger customer_intelligence_set_last_updated
    before update on renos.customer_intelligence
    for each row execute function shared.set_last_updated();

create table renos.booking_validations (
    id              text not null default shared.new_id(),
    booking_id      text,
    validation_type text not null,
    passed          boolean not null,
    confidence      numeric(5,2) not null,
    input           jsonb not null,
    warnings        jsonb not null default '[]'::jsonb,
    errors          jsonb not null default '[]'::jsonb,
    action          text not null,
    reviewed_by     text,
    created_at      timestamptz not null default now(),
    constraint booking_validations_pkey primary key (id),
    constraint booking_validations_validation_type_check check (
        validation_type in (
            'date', 'conflict', 'pattern', 'team', 'full'
        )
    ),
    constraint booking_validations_confidence_check check (confidence between 0 and 100),
    constraint booking_validations_action_check check (action in ('approved', 'rejected', 'manual_review'))
);

comment on table renos.booking_validations is 'Log of checks run on a booking before it is made.';
comment on column renos.booking_validations.id is 'Primary key.';
comment on column renos.booking_validations.booking_id is 'Booking or calendar key checked; soft reference.';
comment on column renos.booking_validations.validation_type is 'Which check.';
comment on column renos.booking_validations.passed is 'Outcome.';
comment on column renos.booking_validations.confidence is 'Certainty 0 to 100.';
comment on column renos.booking_validations.input is 'What was checked.';
comment on column renos.booking_validations.warnings is 'Array of {type, message, severity, data}.';
comment on column renos.booking_validations.errors is 'Array of {type, message, field, data}.';
comment on column renos.booking_validations.action is 'What was decided.';
comment on column renos.booking_validations.reviewed_by is 'Who decided by hand.';
comment on column renos.booking_validations.created_at is 'When the row was made.';

create index booking_validations_validation_type_idx on renos.booking_validations (validation_type);
create index booking_validations_passed_idx on renos.booking_validations (passed);
create index booking_validations_created_at_idx on renos.booking_validations (created_at);
create index booking_validations_booking_id_created_at_idx
    on renos.booking_validations (booking_id, created_at desc);

create table renos.overtime_logs (
    id                text not null default shared.new_id(),
    booking_id        text not null,
    customer_id       text not null,
    customer_name     text not null,
    estimated_hours   numeric(6,2) not null,
    actual_hours      numeric(6,2),
    overtime_hours    numeric(6,2),
    start_time        timestamptz not null,
    end_time          timestamptz,
    alert_sent_at     timestamptz,
    alert_method      text,
    communication_log jsonb not null default '[]'::jsonb,
    customer_notified boolean not null default false,
    customer_response text,
    created_at        timestamptz not null default now(),
    constraint overtime_logs_pkey primary key (id),
    constraint overtime_logs_booking_id_key unique (booking_id),
    constraint overtime_logs_alert_method_check check (alert_method in ('voice', 'sms', 'email'))
);

comment on table renos.overtime_logs is 'One row per job that runs over its time, with the talk with the customer.';
comment on column renos.overtime_logs.id is 'Primary key.';
comment on column renos.overtime_logs.booking_id is 'Booking or calendar key; one log a booking; soft reference.';
comment on column renos.overtime_logs.customer_id is 'Customer key; soft reference.';
comment on column renos.overtime_logs.customer_name is 'Name.';
comment on column renos.overtime_logs.estimated_hours is 'Planned hours.';
comment on column renos.overtime_logs.actual_hours is 'Hours used.';
comment on column renos.overtime_logs.overtime_hours is 'Hours over.';
comment on column renos.overtime_logs.start_time is 'Start of the job.';
comment on column renos.overtime_logs.end_time is 'End of the job.';
comment on column renos.overtime_logs.alert_sent_at is 'When the alert went out; sent once.';
comment on column renos.overtime_logs.alert_method is 'How.';
comment on column renos.overtime_logs.communication_log is
    'Array of {timestamp, type call|sms|email|in_person, direction outgoing|incoming, content, outcome}.';
comment on column renos.overtime_logs.customer_notified is 'Whether the customer knows.';
comment on column renos.overtime_logs.customer_response is 'Answer of the customer.';
comment on column renos.overtime_logs.created_at is 'When the row was made.';

create index overtime_logs_customer_id_idx on renos.overtime_logs (customer_id);
create index overtime_logs_customer_notified_idx on renos.overtime_logs (customer_notified);

create table renos.learned_patterns (
    id             text not null default shared.new_id(),
    pattern_type   text not null,
    entity_id      text not null,
    pattern_data   jsonb not null,
    confidence     numeric(5,2) not null,
    occurrences    integer not null default 1,
    last_observed  timestamptz not null,
    last_validated timestamptz,
    created_at     timestamptz not null default now(),
    constraint learned_patterns_pkey primary key (id),
    constraint learned_patterns_pattern_type_check check (
        pattern_type in (
            'customer_schedule', 'job_duration', 'team_preference', 'communication_style'
        )
    ),
    constraint learned_patterns_confidence_check check (confidence between 0 and 100)
);

comment on table renos.learned_patterns is 'Habits learned from history.';
comment on column renos.learned_patterns.id is 'Primary key.';
comment on column renos.learned_patterns.pattern_type is 'Kind of habit.';
comment on column renos.learned_patterns.entity_id is 'What it is about: customer key, job type.';
comment on column renos.learned_patterns.pattern_data is 'The habit.';
comment on column renos.learned_patterns.confidence is 'Certainty 0 to 100.';
comment on column renos.learned_patterns.occurrences is 'Times seen.';
comment on column renos.learned_patterns.last_observed is 'Last seen.';
comment on column renos.learned_patterns.last_validated is 'Last confirmed.';
comment on column renos.learned_patterns.created_at is 'When the row was made.';

create index learned_patterns_entity_id_idx on renos.learned_patterns (entity_id);
create index learned_patterns_confidence_idx on renos.learned_patterns (confidence);
create index learned_patterns_pattern_type_entity_id_confidence_idx
    on renos.learned_patterns (pattern_type, entity_id, confidence desc);

create table renos.undo_actions (
    id           text not null default shared.new_id(),
    type         text not null,
    entity_id    text not null,
    entity_type  text not null,
    before       jsonb not null,
    after        jsonb not null,
    performed_by text not null,
    performed_at timestamptz not null,
    expires_at   timestamptz not null,
    undone_at    timestamptz,
    undone_by    text,
    constraint undo_actions_pkey primary key (id),
    constraint undo_actions_type_check check (
        type in (
            'booking_created', 'invoice_created', 'customer_updated', 'validation_override'
        )
    ),
    constraint undo_actions_entity_type_check check (
        entity_type in (
            'booking', 'invoice', 'customer', 'validation'
        )
    )
);

comment on table renos.undo_actions is 'Actions that can be taken back for five minutes.';
comment on column renos.undo_actions.id is 'Primary key.';
comment on column renos.undo_actions.type is 'What was done.';
comment on column renos.undo_actions.entity_id is 'Row concerned.';
comment on column renos.undo_actions.entity_type is 'Kind of row.';
comment on column renos.undo_actions.before is 'State before.';
comment on column renos.undo_actions.after is 'State after.';
comment on column renos.undo_actions.performed_by is 'Who did it.';
comment on column renos.undo_actions.performed_at is 'When.';
comment on column renos.undo_actions.expires_at is 'performed_at + 5 minutes; no undo at or after this time.';
comment on column renos.undo_actions.undone_at is 'When taken back.';
comment on column renos.undo_actions.undone_by is 'By whom.';

create index undo_actions_entity_type_entity_id_idx on renos.undo_actions (entity_type, entity_id);
create index undo_actions_expires_at_idx on renos.undo_actions (expires_at);
create index undo_actions_performed_at_idx on renos.undo_actions (performed_at);
