-- Mail with customers and leads, drafts that wait for approval, and conflicts handed to a person.

create table renos.conversations (
    id              text not null default shared.new_id(),
    customer_id     text,
    lead_id         text,
    subject         text,
    channel         text not null default 'email',
    status          text not null default 'active',
    gmail_thread_id text,
    created_at      timestamptz not null default now(),
    updated_at      timestamptz not null default now(),
    closed_at       timestamptz,
    constraint conversations_pkey primary key (id),
    constraint conversations_gmail_thread_id_key unique (gmail_thread_id),
    constraint conversations_status_check check (status in ('active', 'closed')),
    constraint conversations_customer_id_fkey
        foreign key (customer_id) references renos.customers (id) on delete set null,
    constraint conversations_lead_id_fkey
        foreign key (lead_id) references renos.leads (id) on delete set null
);

comment on table renos.conversations is 'A dialogue with a customer or lead across messages.';
comment on column renos.conversations.id is 'Primary key.';
comment on column renos.conversations.customer_id is 'Customer.';
comment on column renos.conversations.lead_id is 'Lead.';
comment on column renos.conversations.subject is 'Subject line.';
comment on column renos.conversations.channel is
    'Medium. Known values, others are accepted: email, phone, sms, chat.';
comment on column renos.conversations.status is 'State.';
comment on column renos.conversations.gmail_thread_id is 'Gmail thread, when by mail.';
comment on column renos.conversations.created_at is 'When the row was made.';
comment on column renos.conversations.updated_at is 'When the row was last changed; set by trigger on every update.';
comment on column renos.conversations.closed_at is 'When closed.';

create index conversations_lead_id_idx on renos.conversations (lead_id);
create index conversations_status_idx on renos.conversations (status);
create index conversations_customer_id_updated_at_idx on renos.conversations (customer_id, updated_at desc);

create trigger conversations_set_updated_at
    before update on renos.conversations
    for each row execute function shared.set_updated_at();

create table renos.email_ingest_runs (
    id             text not null default shared.new_id(),
    started_at     timestamptz not null default now(),
    finished_at    timestamptz,
    status         text not null default 'running',
    total_emails   integer not null default 0,
    new_emails     integer not null default 0,
    updated_emails integer not null default 0,
    errors         integer not null default 0,
    error_log      jsonb,
    created_at     timestamptz not null default now(),
    constraint email_ingest_runs_pkey primary key (id),
    constraint email_ingest_runs_status_check check (status in ('running', 'completed', 'failed'))
);

comment on table renos.email_ingest_runs is 'Runs of the mailbox import.';
comment on column renos.email_ingest_runs.id is 'Primary key.';
comment on column renos.email_ingest_runs.started_at is 'Start.';
comment on column renos.email_ingest_runs.finished_at is 'End.';
comment on column renos.email_ingest_runs.status is 'State.';
comment on column renos.email_ingest_runs.total_emails is 'Threads seen.';
comment on column renos.email_ingest_runs.new_emails is 'Threads added.';
comment on column renos.email_ingest_runs.updated_emails is 'Threads changed.';
comment on column renos.email_ingest_runs.errors is 'Failures.';
comment on column renos.email_ingest_runs.error_log is 'Array of failure texts.';
comment on column renos.email_ingest_runs.created_at is 'When the row was made.';

create table renos.email_threads (
    id              text not null default shared.new_id(),
    gmail_thread_id text not null,
    customer_id     text,
    subject         text not null,
    snippet         text,
    last_message_at timestamptz not null,
    participants    text[] not null default '{}',
    message_count   integer not null default 0,
    labels          text[] not null default '{}',
    is_matched      boolean not null default false,
    matched_at      timestamptz,
    matched_by      text,
    confidence      double precision,
    created_at      timestamptz not null default now(),
    updated_at      timestamptz not null default now(),
    constraint email_threads_pkey primary key (id),
    constraint email_threads_gmail_thread_id_key unique (gmail_thread_id),
    constraint email_threads_confidence_check check (confidence between 0 and 1),
    constraint email_threads_customer_id_fkey
        foreign key (customer_id) references renos.customers (id) on delete set null
);

comment on table renos.email_threads is 'Gmail threads and the customer they belong to.';
comment on column renos.email_threads.id is 'Primary key.';
comment on column renos.email_threads.gmail_thread_id is 'Gmail id.';
comment on column renos.email_threads.customer_id is 'Customer matched.';
comment on column renos.email_threads.subject is 'Subject line.';
comment on column renos.email_threads.snippet is 'Preview text from Gmail.';
comment on column renos.email_threads.last_message_at is 'Time of the newest message.';
comment on column renos.email_threads.participants is 'Addresses in the thread, lower case.';
comment on column renos.email_threads.message_count is 'Messages stored; derived.';
comment on column renos.email_threads.labels is 'Gmail labels.';
comment on column renos.email_threads.is_matched is 'Whether a customer was found.';
comment on column renos.email_threads.matched_at is 'When.';
comment on column renos.email_threads.matched_by is
    'How. Known values, others are accepted: exact_email, message_email, snippet_email, domain, heuristic, manual.';
comment on column renos.email_threads.confidence is 'Certainty of the match, 0 to 1.';
comment on column renos.email_threads.created_at is 'When the row was made.';
comment on column renos.email_threads.updated_at is 'When the row was last changed; set by trigger on every update.';

create index email_threads_last_message_at_idx on renos.email_threads (last_message_at);
create index email_threads_is_matched_idx on renos.email_threads (is_matched);
create index email_threads_customer_id_last_message_at_idx
    on renos.email_threads (customer_id, last_message_at desc);
create index email_threads_last_message_at_idx_partial
    on renos.email_threads (last_message_at desc) where not is_matched;
create index email_threads_participants_idx on renos.email_threads using gin (participants);

create trigger email_threads_set_updated_at
    before update on renos.email_threads
    for each row execute function shared.set_updated_at();

create table renos.email_messages (
    id               text not null default shared.new_id(),
    gmail_message_id text,
    gmail_thread_id  text not null,
    thread_id        text,
    "from"           text not null,
    "to"             text[] not null default '{}',
    subject          text,
    body             text not null,
    body_preview     text,
    direction        text not null default 'inbound',
    status           text not null default 'delivered',
    is_ai_generated  boolean not null default false,
    ai_model         text,
    sent_at          timestamptz not null,
    created_at       timestamptz not null default now(),
    updated_at       timestamptz not null default now(),
    conversation_id  text,
    constraint email_messages_pkey primary key (id),
    constraint email_messages_gmail_message_id_key unique (gmail_message_id),
    constraint email_messages_direction_check check (direction in ('inbound', 'outbound')),
    constraint email_messages_thread_id_fkey
        foreign key (thread_id) references renos.email_threads (id) on delete cascade,
    constraint email_messages_conversation_id_fkey
        foreign key (conversation_id) references renos.conversations (id) on delete set null
);

comment on table renos.email_messages is 'Single mails.';
comment on column renos.email_messages.id is 'Primary key.';
comment on column renos.email_messages.gmail_message_id is 'Gmail id; makes the import repeatable.';
comment on column renos.email_messages.gmail_thread_id is 'Gmail thread id.';
comment on column renos.email_messages.thread_id is 'Thread row.';
comment on column renos.email_messages."from" is 'Sender.';
comment on column renos.email_messages."to" is 'Recipients.';
comment on column renos.email_messages.subject is 'Subject line.';
comment on column renos.email_messages.body is 'Text.';
comment on column renos.email_messages.body_preview is 'First 200 characters of body.';
comment on column renos.email_messages.direction is 'From or to us.';
comment on column renos.email_messages.status is
    'Delivery state. Known values, others are accepted: queued, sent, delivered, failed, bounced.';
comment on column renos.email_messages.is_ai_generated is 'Whether the text was written by the assistant.';
comment on column renos.email_messages.ai_model is 'Model that wrote it.';
comment on column renos.email_messages.sent_at is 'When sent.';
comment on column renos.email_messages.created_at is 'When the row was made.';
comment on column renos.email_messages.updated_at is 'When the row was last changed; set by trigger on every update.';
comment on column renos.email_messages.conversation_id is 'Conversation row.';

create index email_messages_sent_at_idx on renos.email_messages (sent_at);
create index email_messages_direction_idx on renos.email_messages (direction);
create index email_messages_thread_id_sent_at_idx on renos.email_messages (thread_id, sent_at desc);
create index email_messages_gmail_thread_id_idx on renos.email_messages (gmail_thread_id);
create index email_messages_conversation_id_sent_at_idx on renos.email_messages (conversation_id, sent_at);

create trigger email_messages_set_updated_at
    before update on renos.email_messages
    for each row execute function shared.set_updated_at();

create table renos.email_responses (
    id               text not null default shared.new_id(),
    lead_id          text not null,
    recipient_email  text not null,
    subject          text not null,
    body             text not null,
    status           text not null default 'pending',
    gmail_thread_id  text,
    gmail_message_id text,
    sent_at          timestamptz,
    rejected_reason  text,
    ai_model         text,
    created_at       timestamptz not null default now(),
    updated_at       timestamptz not null default now(),
    constraint email_responses_pkey primary key (id),
    constraint email_responses_status_check check (
        status in (
            'pending', 'approved', 'sent', 'rejected', 'failed'
        )
    ),
    constraint email_responses_lead_id_fkey
        foreign key (lead_id) references renos.leads (id) on delete restrict
);

comment on table renos.email_responses is 'Drafted answers to leads that a person approves before they are sent.';
comment on column renos.email_responses.id is 'Primary key.';
comment on column renos.email_responses.lead_id is 'Lead answered.';
comment on column renos.email_responses.recipient_email is 'Recipient.';
comment on column renos.email_responses.subject is 'Subject line.';
comment on column renos.email_responses.body is 'Text.';
comment on column renos.email_responses.status is 'State of the approval.';
comment on column renos.email_responses.gmail_thread_id is 'Thread to answer in.';
comment on column renos.email_responses.gmail_message_id is 'Gmail id once sent.';
comment on column renos.email_responses.sent_at is 'When sent.';
comment on column renos.email_responses.rejected_reason is 'Why rejected.';
comment on column renos.email_responses.ai_model is 'Model that wrote the draft.';
comment on column renos.email_responses.created_at is 'When the row was made.';
comment on column renos.email_responses.updated_at is
    'When the row was last changed; set by trigger on every update.';

create index email_responses_lead_id_idx on renos.email_responses (lead_id);
create index email_responses_status_created_at_idx on renos.email_responses (status, created_at desc);

create trigger email_responses_set_updated_at
    before update on renos.email_responses
    for each row execute function shared.set_updated_at();

create table renos.escalations (
    id               text not null default shared.new_id(),
    lead_id          text not null,
    customer_email   text not null,
    customer_name    text,
    thread_id        text not null,
    severity         text not null,
    conflict_score   integer not null,
    matched_keywords text[] not null default '{}',
    email_snippet    text not null,
    escalated_at     timestamptz not null default now(),
    escalated_by     text not null,
    jonas_notified   boolean not null default false,
    resolved_at      timestamptz,
    resolution       text,
    created_at       timestamptz not null default now(),
    updated_at       timestamptz not null default now(),
    constraint escalations_pkey primary key (id),
    constraint escalations_severity_check check (severity in ('low', 'medium', 'high', 'critical')),
    constraint escalations_lead_id_fkey
        foreign key (lead_id) references renos.leads (id) on delete restrict
);

comment on table renos.escalations is 'Conflicts with a customer handed to a person.';
comment on column renos.escalations.id is 'Primary key.';
comment on column renos.escalations.lead_id is 'Lead concerned.';
comment on column renos.escalations.customer_email is 'Address of the customer.';
comment on column renos.escalations.customer_name is 'Name of the customer.';
comment on column renos.escalations.thread_id is 'Gmail thread id.';
comment on column renos.escalations.severity is 'Weight.';
comment on column renos.escalations.conflict_score is
    'Sum of keyword weights; 10 low, 25 medium, 50 high, 100 critical.';
comment on column renos.escalations.matched_keywords is 'Words that raised the alarm.';
comment on column renos.escalations.email_snippet is 'Text around the first match.';
comment on column renos.escalations.escalated_at is 'When raised.';
comment on column renos.escalations.escalated_by is
    'Who raised it. Known values, others are accepted: system, manual.';
comment on column renos.escalations.jonas_notified is 'Whether the owner was notified.';
comment on column renos.escalations.resolved_at is 'When settled.';
comment on column renos.escalations.resolution is 'How it was settled.';
comment on column renos.escalations.created_at is 'When the row was made.';
comment on column renos.escalations.updated_at is 'When the row was last changed; set by trigger on every update.';

create index escalations_lead_id_idx on renos.escalations (lead_id);
create index escalations_severity_idx on renos.escalations (severity);
create index escalations_escalated_at_idx on renos.escalations (escalated_at);
create index escalations_severity_escalated_at_idx_partial
    on renos.escalations (severity, escalated_at desc) where resolved_at is null;

create trigger escalations_set_updated_at
    before update on renos.escalations
    for each row execute function shared.set_updated_at();

create table renos.labels (
    id         text not null default shared.new_id(),
    name       text not null,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint labels_pkey primary key (id),
    constraint labels_name_key unique (name)
);

comment on table renos.labels is 'Mail labels.';
comment on column renos.labels.id is 'Primary key.';
comment on column renos.labels.name is 'Label.';
comment on column renos.labels.created_at is 'When the row was made.';
comment on column renos.labels.updated_at is 'When the row was last changed; set by trigger on every update.';

create trigger labels_set_updated_at
    before update on renos.labels
    for each row execute function shared.set_updated_at();
