-- Doing the job: pauses, plans, staff and time, quality.

-- Timer and plans
-- ---------------

create table renos.breaks (
    id         text not null default shared.new_id(),
    booking_id text not null,
    start_time timestamptz not null,
    end_time   timestamptz,
    duration   integer,
    reason     text,
    notes      text,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint breaks_pkey primary key (id),
    constraint breaks_end_time_check check (end_time is null or end_time >= start_time),
    constraint breaks_booking_id_fkey
        foreign key (booking_id) references renos.bookings (id) on delete cascade
);

comment on table renos.breaks is 'Pauses inside a running job.';
comment on column renos.breaks.id is 'Primary key.';
comment on column renos.breaks.booking_id is 'Booking.';
comment on column renos.breaks.start_time is 'Start.';
comment on column renos.breaks.end_time is 'End; null while the pause lasts.';
comment on column renos.breaks.duration is 'Minutes, set when the pause ends.';
comment on column renos.breaks.reason is
    'Why. Known values, others are accepted: lunch, equipment, bathroom, transport, other.';
comment on column renos.breaks.notes is 'Remarks.';
comment on column renos.breaks.created_at is 'When the row was made.';
comment on column renos.breaks.updated_at is 'When the row was last changed; set by trigger on every update.';

create index breaks_booking_id_idx on renos.breaks (booking_id);
create index breaks_start_time_idx on renos.breaks (start_time);
create unique index breaks_booking_id_key_partial on renos.breaks (booking_id) where end_time is null;

create trigger breaks_set_updated_at
    before update on renos.breaks
    for each row execute function shared.set_updated_at();

create table renos.cleaning_plans (
    id                 text not null default shared.new_id(),
    customer_id        text not null,
    name               text not null,
    description        text,
    service_type       text not null,
    frequency          text not null default 'once',
    is_template        boolean not null default false,
    is_active          boolean not null default true,
    estimated_duration integer not null default 120,
    estimated_price    numeric(12,2),
    square_meters      double precision,
    address            text,
    notes              text,
    created_at         timestamptz not null default now(),
    updated_at         timestamptz not null default now(),
    constraint cleaning_plans_pkey primary key (id),
    constraint cleaning_plans_frequency_check check (frequency in ('once', 'weekly', 'biweekly', 'monthly')),
    constraint cleaning_plans_customer_id_fkey
        foreign key (customer_id) references renos.customers (id) on delete cascade
);

comment on table renos.cleaning_plans is 'Agreed cleaning plans and templates.';
comment on column renos.cleaning_plans.id is 'Primary key.';
comment on column renos.cleaning_plans.customer_id is 'Customer.';
comment on column renos.cleaning_plans.name is 'Title.';
comment on column renos.cleaning_plans.description is 'Explanation.';
comment on column renos.cleaning_plans.service_type is
    'Kind of service. Known values, others are accepted: Fast Rengøring, Flytterengøring, Hovedrengøring, Engangsopgave, office_cleaning.';
comment on column renos.cleaning_plans.frequency is 'How often.';
comment on column renos.cleaning_plans.is_template is 'Whether it serves as a pattern for new plans.';
comment on column renos.cleaning_plans.is_active is 'Whether in use.';
comment on column renos.cleaning_plans.estimated_duration is 'Minutes; the sum over the tasks when there are any.';
comment on column renos.cleaning_plans.estimated_price is 'DKK; the sum of the task prices when any is set.';
comment on column renos.cleaning_plans.square_meters is 'Area.';
comment on column renos.cleaning_plans.address is 'Place.';
comment on column renos.cleaning_plans.notes is 'Remarks.';
comment on column renos.cleaning_plans.created_at is 'When the row was made.';
comment on column renos.cleaning_plans.updated_at is 'When the row was last changed; set by trigger on every update.';

create index cleaning_plans_customer_id_idx on renos.cleaning_plans (customer_id);
create index cleaning_plans_service_type_idx on renos.cleaning_plans (service_type);
create index cleaning_plans_is_active_idx on renos.cleaning_plans (is_active);
create index cleaning_plans_is_template_idx on renos.cleaning_plans (is_template);

create trigger cleaning_plans_set_updated_at
    before update on renos.cleaning_plans
    for each row execute function shared.set_updated_at();

create table renos.cleaning_tasks (
    id             text not null default shared.new_id(),
    plan_id        text not null,
    name           text not null,
    description    text,
    category       text not null,
    estimated_time integer not null default 15,
    is_required    boolean not null default true,
    is_completed   boolean not null default false,
    sort_order     integer not null default 0,
    price_per_task numeric(12,2),
    created_at     timestamptz not null default now(),
    updated_at     timestamptz not null default now(),
    constraint cleaning_tasks_pkey primary key (id),
    constraint cleaning_tasks_estimated_time_check check (estimated_time >= 0),
    constraint cleaning_tasks_plan_id_fkey
        foreign key (plan_id) references renos.cleaning_plans (id) on delete cascade
);

comment on table renos.cleaning_tasks is 'Tasks of a cleaning plan, in order.';
comment on column renos.cleaning_tasks.id is 'Primary key.';
comment on column renos.cleaning_tasks.plan_id is 'Plan.';
comment on column renos.cleaning_tasks.name is 'What to do.';
comment on column renos.cleaning_tasks.description is 'Explanation.';
comment on column renos.cleaning_tasks.category is 'Group, e.g. Cleaning, Kitchen, Bathroom, Windows, Special.';
comment on column renos.cleaning_tasks.estimated_time is 'Minutes.';
comment on column renos.cleaning_tasks.is_required is 'Whether it must be done.';
comment on column renos.cleaning_tasks.is_completed is 'Done flag of the plan''s own list.';
comment on column renos.cleaning_tasks.sort_order is 'Position from 0.';
comment on column renos.cleaning_tasks.price_per_task is 'Extra price in DKK.';
comment on column renos.cleaning_tasks.created_at is 'When the row was made.';
comment on column renos.cleaning_tasks.updated_at is 'When the row was last changed; set by trigger on every update.';

create index cleaning_tasks_category_idx on renos.cleaning_tasks (category);
create index cleaning_tasks_plan_id_sort_order_idx on renos.cleaning_tasks (plan_id, sort_order);

create trigger cleaning_tasks_set_updated_at
    before update on renos.cleaning_tasks
    for each row execute function shared.set_updated_at();

create table renos.cleaning_plan_bookings (
    id              text not null default shared.new_id(),
    plan_id         text not null,
    booking_id      text not null,
    completed_tasks text[] not null default '{}',
    actual_duration integer,
    notes           text,
    created_at      timestamptz not null default now(),
    updated_at      timestamptz not null default now(),
    constraint cleaning_plan_bookings_pkey primary key (id),
    constraint cleaning_plan_bookings_booking_id_key unique (booking_id),
    constraint cleaning_plan_bookings_plan_id_fkey
        foreign key (plan_id) references renos.cleaning_plans (id) on delete cascade,
    constraint cleaning_plan_bookings_booking_id_fkey
        foreign key (booking_id) references renos.bookings (id) on delete cascade
);

comment on table renos.cleaning_plan_bookings is 'Which plan a booking carries out and which tasks were done.';
comment on column renos.cleaning_plan_bookings.id is 'Primary key.';
comment on column renos.cleaning_plan_bookings.plan_id is 'Plan.';
comment on column renos.cleaning_plan_bookings.booking_id is 'Booking; at most one plan a booking.';
comment on column renos.cleaning_plan_bookings.completed_tasks is 'Ids of the cleaning_tasks done.';
comment on column renos.cleaning_plan_bookings.actual_duration is 'Minutes used.';
comment on column renos.cleaning_plan_bookings.notes is 'Remarks.';
comment on column renos.cleaning_plan_bookings.created_at is 'When the row was made.';
comment on column renos.cleaning_plan_bookings.updated_at is
    'When the row was last changed; set by trigger on every update.';

create index cleaning_plan_bookings_plan_id_idx on renos.cleaning_plan_bookings (plan_id);

create trigger cleaning_plan_bookings_set_updated_at
    before update on renos.cleaning_plan_bookings
    for each row execute function shared.set_updated_at();

-- Staff and time
-- --------------

create table renos.team_members (
    id                  text not null default shared.new_id(),
    user_id             text not null,
    employee_id         text not null,
    skills              text[] not null default '{}',
    hourly_rate         numeric(12,2),
    availability        jsonb not null default '{}'::jsonb,
    performance_metrics jsonb not null default '{}'::jsonb,
    is_active           boolean not null default true,
    hire_date           date,
    created_at          timestamptz not null default now(),
    updated_at          timestamptz not null default now(),
    constraint team_members_pkey primary key (id),
    constraint team_members_user_id_key unique (user_id),
    constraint team_members_employee_id_key unique (employee_id),
    constraint team_members_user_id_fkey
        foreign key (user_id) references renos.users (id) on delete cascade
);

comment on table renos.team_members is 'Employment record of a user who cleans.';
comment on column renos.team_members.id is 'Primary key.';
comment on column renos.team_members.user_id is 'The account; one record a user.';
comment on column renos.team_members.employee_id is 'Staff number, EMP-<year>-<four digits>.';
comment on column renos.team_members.skills is 'Skills, e.g. standard_cleaning, deep_cleaning, window_cleaning.';
comment on column renos.team_members.hourly_rate is 'Wage per hour in DKK.';
comment on column renos.team_members.availability is 'Per weekday {start, end, available}.';
comment on column renos.team_members.performance_metrics is
    'jobsCompleted, averageJobDuration, averageQualityScore, customerSatisfaction, punctualityScore, efficiencyRating, totalHoursWorked, overtimeHours.';
comment on column renos.team_members.is_active is 'Whether employed.';
comment on column renos.team_members.hire_date is 'First day.';
comment on column renos.team_members.created_at is 'When the row was made.';
comment on column renos.team_members.updated_at is 'When the row was last changed; set by trigger on every update.';

create index team_members_is_active_idx on renos.team_members (is_active);

create trigger team_members_set_updated_at
    before update on renos.team_members
    for each row execute function shared.set_updated_at();

create table renos.time_entries (
    id             text not null default shared.new_id(),
    team_member_id text not null,
    lead_id        text,
    booking_id     text,
    start_time     timestamptz not null,
    end_time       timestamptz,
    break_duration integer not null default 0,
    notes          text,
    location       jsonb,
    created_at     timestamptz not null default now(),
    updated_at     timestamptz not null default now(),
    constraint time_entries_pkey primary key (id),
    constraint time_entries_end_time_check check (end_time is null or end_time > start_time),
    constraint time_entries_break_duration_check check (break_duration >= 0),
    constraint time_entries_team_member_id_fkey
        foreign key (team_member_id) references renos.team_members (id) on delete cascade,
    constraint time_entries_lead_id_fkey
        foreign key (lead_id) references renos.leads (id) on delete set null,
    constraint time_entries_booking_id_fkey
        foreign key (booking_id) references renos.bookings (id) on delete set null
);

comment on table renos.time_entries is 'Worked time of a team member.';
comment on column renos.time_entries.id is 'Primary key.';
comment on column renos.time_entries.team_member_id is 'Who worked.';
comment on column renos.time_entries.lead_id is 'Lead worked on.';
comment on column renos.time_entries.booking_id is 'Booking worked on.';
comment on column renos.time_entries.start_time is 'Start.';
comment on column renos.time_entries.end_time is 'End; null while running.';
comment on column renos.time_entries.break_duration is 'Minutes of pause to subtract.';
comment on column renos.time_entries.notes is 'Remarks.';
comment on column renos.time_entries.location is '{lat, lng} at check-in.';
comment on column renos.time_entries.created_at is 'When the row was made.';
comment on column renos.time_entries.updated_at is 'When the row was last changed; set by trigger on every update.';

create index time_entries_lead_id_idx on renos.time_entries (lead_id);
create index time_entries_booking_id_idx on renos.time_entries (booking_id);
create index time_entries_start_time_idx on renos.time_entries (start_time);
create index time_entries_team_member_id_start_time_idx on renos.time_entries (team_member_id, start_time desc);
create unique index time_entries_team_member_id_key_partial
    on renos.time_entries (team_member_id) where end_time is null;

create trigger time_entries_set_updated_at
    before update on renos.time_entries
    for each row execute function shared.set_updated_at();

create table renos.time_corrections (
    id                       text not null default shared.new_id(),
    original_entry_id        text not null,
    original_start_time      timestamptz not null,
    original_end_time        timestamptz,
    original_break_duration  integer not null,
    corrected_start_time     timestamptz not null,
    corrected_end_time       timestamptz,
    corrected_break_duration integer not null,
    reason                   text not null,
    status                   text not null default 'pending',
    submitted_by             text not null,
    approved_by              text,
    approved_at              timestamptz,
    rejected_by              text,
    rejected_at              timestamptz,
    rejection_reason         text,
    created_at               timestamptz not null default now(),
    updated_at               timestamptz not null default now(),
    constraint time_corrections_pkey primary key (id),
    constraint time_corrections_status_check check (status in ('pending', 'approved', 'rejected')),
    constraint time_corrections_corrected_end_time_check
        check (corrected_end_time is null or corrected_end_time > corrected_start_time),
    constraint time_corrections_original_entry_id_fkey
        foreign key (original_entry_id) references renos.time_entries (id) on delete cascade,
    constraint time_corrections_submitted_by_fkey
        foreign key (submitted_by) references renos.users (id) on delete restrict,
    constraint time_corrections_approved_by_fkey
        foreign key (approved_by) references renos.users (id) on delete set null,
    constraint time_corrections_rejected_by_fkey
        foreign key (rejected_by) references renos.users (id) on delete set null
);

comment on table renos.time_corrections is 'Requests to change a time entry, kept with both old and new values.';
comment on column renos.time_corrections.id is 'Primary key.';
comment on column renos.time_corrections.original_entry_id is 'Entry to change.';
comment on column renos.time_corrections.original_start_time is 'Start before.';
comment on column renos.time_corrections.original_end_time is 'End before.';
comment on column renos.time_corrections.original_break_duration is 'Pause minutes before.';
comment on column renos.time_corrections.corrected_start_time is 'Start asked for.';
comment on column renos.time_corrections.corrected_end_time is 'End asked for.';
comment on column renos.time_corrections.corrected_break_duration is 'Pause minutes asked for.';
comment on column renos.time_corrections.reason is 'Why.';
comment on column renos.time_corrections.status is 'State.';
comment on column renos.time_corrections.submitted_by is 'Who asked; must be the owner of the entry.';
comment on column renos.time_corrections.approved_by is 'Who approved.';
comment on column renos.time_corrections.approved_at is 'When approved.';
comment on column renos.time_corrections.rejected_by is 'Who rejected.';
comment on column renos.time_corrections.rejected_at is 'When rejected.';
comment on column renos.time_corrections.rejection_reason is 'Why rejected.';
comment on column renos.time_corrections.created_at is 'When the row was made.';
comment on column renos.time_corrections.updated_at is
    'When the row was last changed; set by trigger on every update.';

create index time_corrections_original_entry_id_idx on renos.time_corrections (original_entry_id);
create index time_corrections_submitted_by_idx on renos.time_corrections (submitted_by);
create index time_corrections_status_idx on renos.time_corrections (status);
create index time_corrections_created_at_idx on renos.time_corrections (created_at);
create unique index time_corrections_original_entry_id_key_partial
    on renos.time_corrections (original_entry_id) where status = 'pending';
create index time_corrections_approved_by_idx on renos.time_corrections (approved_by);
create index time_corrections_rejected_by_idx on renos.time_corrections (rejected_by);

create trigger time_corrections_set_updated_at
    before update on renos.time_corrections
    for each row execute function shared.set_updated_at();

-- Quality
-- -------

create table renos.quality_checklists (
    id           text not null default shared.new_id(),
    service_type text not null,
    name         text not null,
    description  text,
    items        jsonb not null,
    is_active    boolean not null default true,
    version      integer not null default 1,
    created_at   timestamptz not null default now(),
    updated_at   timestamptz not null default now(),
    constraint quality_checklists_pkey primary key (id),
    constraint quality_checklists_version_check check (version >= 1)
);

comment on table renos.quality_checklists is 'Versioned checklists per kind of service.';
comment on column renos.quality_checklists.id is 'Primary key.';
comment on column renos.quality_checklists.service_type is
    'Kind of service the list is for. Known values, others are accepted: standard, deep, window, moveout, office, construction, move_in_out.';
comment on column renos.quality_checklists.name is 'Title.';
comment on column renos.quality_checklists.description is 'Explanation.';
comment on column renos.quality_checklists.items is
    'Array of {id, title, description?, required, photo_required, order, category?, points 1..10}.';
comment on column renos.quality_checklists.is_active is 'Whether the list is the one in use for its service type.';
comment on column renos.quality_checklists.version is 'Version number, from 1.';
comment on column renos.quality_checklists.created_at is 'When the row was made.';
comment on column renos.quality_checklists.updated_at is
    'When the row was last changed; set by trigger on every update.';

create index quality_checklists_is_active_idx on renos.quality_checklists (is_active);
create index quality_checklists_version_idx on renos.quality_checklists (version);
create unique index quality_checklists_service_type_key_partial
    on renos.quality_checklists (service_type) where is_active;
create index quality_checklists_service_type_version_idx
    on renos.quality_checklists (service_type, version desc);

create trigger quality_checklists_set_updated_at
    before update on renos.quality_checklists
    for each row execute function shared.set_updated_at();

create table renos.quality_assessments (
    id                  text not null default shared.new_id(),
    lead_id             text not null,
    checklist_id        text not null,
    assessed_by         text not null,
    completed_items     jsonb not null,
    overall_score       integer not null,
    percentage_score    numeric(5,2) not null,
    total_points_earned integer not null,
    max_possible_points integer not null,
    notes               text,
    status              text not null default 'in_progress',
    created_at          timestamptz not null default now(),
    updated_at          timestamptz not null default now(),
    constraint quality_assessments_pkey primary key (id),
    constraint quality_assessments_overall_score_check check (overall_score between 1 and 5),
    constraint quality_assessments_percentage_score_check check (percentage_score between 0 and 100),
    constraint quality_assessments_status_check check (status in ('in_progress', 'completed', 'reviewed')),
    constraint quality_assessments_lead_id_fkey
        foreign key (lead_id) references renos.leads (id) on delete cascade,
    constraint quality_assessments_checklist_id_fkey
        foreign key (checklist_id) references renos.quality_checklists (id) on delete restrict,
    constraint quality_assessments_assessed_by_fkey
        foreign key (assessed_by) references renos.users (id) on delete restrict
);

comment on table renos.quality_assessments is 'A filled-in checklist for one job (lead).';
comment on column renos.quality_assessments.id is 'Primary key.';
comment on column renos.quality_assessments.lead_id is 'The lead (job) assessed.';
comment on column renos.quality_assessments.checklist_id is 'The checklist version used.';
comment on column renos.quality_assessments.assessed_by is 'Who assessed.';
comment on column renos.quality_assessments.completed_items is
    'Array of {id, completed, photo_urls[], notes?, points_earned?, completion_time?}.';
comment on column renos.quality_assessments.overall_score is 'Stars, 1 to 5.';
comment on column renos.quality_assessments.percentage_score is 'Points earned over points possible, 0 to 100.';
comment on column renos.quality_assessments.total_points_earned is 'Points of the completed items.';
comment on column renos.quality_assessments.max_possible_points is 'Points of all items of the checklist.';
comment on column renos.quality_assessments.notes is 'Remarks.';
comment on column renos.quality_assessments.status is 'State.';
comment on column renos.quality_assessments.created_at is 'When the row was made.';
comment on column renos.quality_assessments.updated_at is
    'When the row was last changed; set by trigger on every update.';

create index quality_assessments_lead_id_idx on renos.quality_assessments (lead_id);
create index quality_assessments_checklist_id_idx on renos.quality_assessments (checklist_id);
create index quality_assessments_assessed_by_idx on renos.quality_assessments (assessed_by);
create index quality_assessments_overall_score_idx on renos.quality_assessments (overall_score);
create index quality_assessments_status_idx on renos.quality_assessments (status);

create trigger quality_assessments_set_updated_at
    before update on renos.quality_assessments
    for each row execute function shared.set_updated_at();

create table renos.photo_documentation (
    id                text not null default shared.new_id(),
    lead_id           text not null,
    checklist_item_id text,
    type              text not null,
    photo_url         text not null,
    thumbnail_url     text,
    description       text,
    uploaded_by       text not null,
    "timestamp"       timestamptz not null,
    metadata          jsonb,
    created_at        timestamptz not null default now(),
    updated_at        timestamptz not null default now(),
    constraint photo_documentation_pkey primary key (id),
    constraint photo_documentation_type_check check (type in ('before', 'during', 'after', 'issue', 'quality')),
    constraint photo_documentation_lead_id_fkey
        foreign key (lead_id) references renos.leads (id) on delete cascade,
    constraint photo_documentation_uploaded_by_fkey
        foreign key (uploaded_by) references renos.users (id) on delete restrict
);

comment on table renos.photo_documentation is 'Photos taken on a job.';
comment on column renos.photo_documentation.id is 'Primary key.';
comment on column renos.photo_documentation.lead_id is 'The lead (job) shown.';
comment on column renos.photo_documentation.checklist_item_id is
    'Id of the checklist item the photo proves (an id inside the items JSON, not a row).';
comment on column renos.photo_documentation.type is 'What the photo shows.';
comment on column renos.photo_documentation.photo_url is 'Where the picture is stored.';
comment on column renos.photo_documentation.thumbnail_url is 'Small version.';
comment on column renos.photo_documentation.description is 'Caption.';
comment on column renos.photo_documentation.uploaded_by is 'Who uploaded.';
comment on column renos.photo_documentation."timestamp" is 'When the photo was taken.';
comment on column renos.photo_documentation.metadata is 'originalFilename, size, uploadTime, ...';
comment on column renos.photo_documentation.created_at is 'When the row was made.';
comment on column renos.photo_documentation.updated_at is
    'When the row was last changed; set by trigger on every update.';

create index photo_documentation_lead_id_idx on renos.photo_documentation (lead_id);
create index photo_documentation_type_idx on renos.photo_documentation (type);
create index photo_documentation_uploaded_by_idx on renos.photo_documentation (uploaded_by);
create index photo_documentation_timestamp_idx on renos.photo_documentation ("timestamp");

create trigger photo_documentation_set_updated_at
    before update on renos.photo_documentation
    for each row execute function shared.set_updated_at();
