-- Accounts, conversations with the assistant, data protection, and the trails.

create schema if not exists renos;

comment on schema renos is 'Running a cleaning company: leads, offers, bookings, plans, invoices, mail, staff, quality.';

-- Accounts
-- --------

create table renos.users (
    id             text not null default shared.new_id(),
    email          text not null,
    name           text not null,
    phone          text,
    password_hash  text not null,
    role           text not null default 'employee',
    is_active      boolean not null default true,
    shared_user_id uuid,
    last_login_at  timestamptz,
    created_at     timestamptz not null default now(),
    updated_at     timestamptz not null default now(),
    constraint users_pkey primary key (id),
    constraint users_email_key unique (email),
    constraint users_shared_user_id_key unique (shared_user_id),
    constraint users_role_check check (role in ('owner', 'admin', 'manager', 'employee', 'customer')),
    constraint users_shared_user_id_fkey
        foreign key (shared_user_id) references shared.users (id) on delete set null
);

comment on table renos.users is 'Staff and portal accounts of RenOS.';
comment on column renos.users.id is 'Primary key.';
comment on column renos.users.email is 'Lower-case address; login name.';
comment on column renos.users.name is 'Full name.';
comment on column renos.users.phone is 'Phone number.';
comment on column renos.users.password_hash is 'Hash of the password (bcrypt, cost 12, or argon2id). Never returned.';
comment on column renos.users.role is 'Rights of the account.';
comment on column renos.users.is_active is 'Whether the account may sign in.';
comment on column renos.users.shared_user_id is
    'The same person in shared.users; empty while the account is not tied.';
comment on column renos.users.last_login_at is 'Last sign-in.';
comment on column renos.users.created_at is 'When the row was made.';
comment on column renos.users.updated_at is 'When the row was last changed; set by trigger on every update.';

create index users_role_idx on renos.users (role);

create trigger users_set_updated_at
    before update on renos.users
    for each row execute function shared.set_updated_at();

-- Conversations with the assistant
-- --------------------------------

create table renos.chat_sessions (
    id              text not null default shared.new_id(),
    user_id         text not null,
    organization_id text not null,
    context         text not null,
    title           text,
    metadata        jsonb,
    created_at      timestamptz not null default now(),
    updated_at      timestamptz not null default now(),
    constraint chat_sessions_pkey primary key (id)
);

comment on table renos.chat_sessions is 'A conversation of a person with the assistant.';
comment on column renos.chat_sessions.id is 'Primary key.';
comment on column renos.chat_sessions.user_id is
    'Person who chats; a renos.users id or an id of an outer identity provider, hence no foreign key.';
comment on column renos.chat_sessions.organization_id is 'Organisation the session belongs to.';
comment on column renos.chat_sessions.context is
    'Role under which the person chats. Known values, others are accepted: owner, admin, manager, employee, customer.';
comment on column renos.chat_sessions.title is 'Heading shown in lists; generated when absent.';
comment on column renos.chat_sessions.metadata is 'Current page, selected ids, preferences.';
comment on column renos.chat_sessions.created_at is 'When the row was made.';
comment on column renos.chat_sessions.updated_at is 'When the row was last changed; set by trigger on every update.';

create index chat_sessions_organization_id_idx on renos.chat_sessions (organization_id);
create index chat_sessions_updated_at_idx on renos.chat_sessions (updated_at);
create index chat_sessions_user_id_organization_id_updated_at_idx
    on renos.chat_sessions (user_id, organization_id, updated_at desc);

create trigger chat_sessions_set_updated_at
    before update on renos.chat_sessions
    for each row execute function shared.set_updated_at();

create table renos.chat_messages (
    id         text not null default shared.new_id(),
    session_id text not null,
    role       text not null,
    content    text not null,
    metadata   jsonb,
    created_at timestamptz not null default now(),
    constraint chat_messages_pkey primary key (id),
    constraint chat_messages_role_check check (role in ('user', 'assistant', 'system')),
    constraint chat_messages_session_id_fkey
        foreign key (session_id) references renos.chat_sessions (id) on delete cascade
);

comment on table renos.chat_messages is 'Messages of a chat session, oldest first.';
comment on column renos.chat_messages.id is 'Primary key.';
comment on column renos.chat_messages.session_id is 'Session.';
comment on column renos.chat_messages.role is 'Author side.';
comment on column renos.chat_messages.content is 'Text.';
comment on column renos.chat_messages.metadata is 'Actions, suggestions and data that came with an answer.';
comment on column renos.chat_messages.created_at is 'When the row was made.';

create index chat_messages_created_at_idx on renos.chat_messages (created_at);
create index chat_messages_session_id_created_at_idx on renos.chat_messages (session_id, created_at);

-- Notifications
-- -------------

create table renos.notifications (
    id              text not null default shared.new_id(),
    organization_id text not null,
    user_id         text not null,
    type            text not null,
    title           text not null,
    message         text not null,
    data            jsonb,
    is_read         boolean not null default false,
    read_at         timestamptz,
    created_at      timestamptz not null default now(),
    updated_at      timestamptz not null default now(),
    constraint notifications_pkey primary key (id),
    constraint notifications_user_id_fkey
        foreign key (user_id) references renos.users (id) on delete cascade
);

comment on table renos.notifications is 'In-app messages to a user.';
comment on column renos.notifications.id is 'Primary key.';
comment on column renos.notifications.organization_id is 'Organisation.';
comment on column renos.notifications.user_id is 'Addressee.';
comment on column renos.notifications.type is
    'Kind of message. Known values, others are accepted: job_assigned, job_started, job_completed, job_cancelled, job_status_update, payment_received, customer_message, quality_issue, schedule_change.';
comment on column renos.notifications.title is 'Heading.';
comment on column renos.notifications.message is 'Text.';
comment on column renos.notifications.data is 'Ids and values the client needs to act on it.';
comment on column renos.notifications.is_read is 'Whether it was read.';
comment on column renos.notifications.read_at is 'When it was read.';
comment on column renos.notifications.created_at is 'When the row was made.';
comment on column renos.notifications.updated_at is 'When the row was last changed; set by trigger on every update.';

create index notifications_organization_id_idx on renos.notifications (organization_id);
create index notifications_is_read_idx on renos.notifications (is_read);
create index notifications_type_idx on renos.notifications (type);
create index notifications_created_at_idx on renos.notifications (created_at);
create index notifications_user_id_organization_id_created_at_idx
    on renos.notifications (user_id, organization_id, created_at desc);
create index notifications_user_id_organization_id_idx_partial
    on renos.notifications (user_id, organization_id) where not is_read;

create trigger notifications_set_updated_at
    before update on renos.notifications
    for each row execute function shared.set_updated_at();

-- Data protection
-- ---------------

create table renos.data_export_requests (
    id           text not null default shared.new_id(),
    user_id      text not null,
    email        text not null,
    request_date timestamptz not null default now(),
    status       text not null default 'pending',
    download_url text,
    expires_at   timestamptz,
    created_at   timestamptz not null default now(),
    updated_at   timestamptz not null default now(),
    constraint data_export_requests_pkey primary key (id),
    constraint data_export_requests_status_check check (
        status in (
            'pending', 'processing', 'completed', 'failed'
        )
    ),
    constraint data_export_requests_user_id_fkey
        foreign key (user_id) references renos.users (id) on delete cascade
);

comment on table renos.data_export_requests is 'GDPR requests for a copy of one''s data.';
comment on column renos.data_export_requests.id is 'Primary key.';
comment on column renos.data_export_requests.user_id is 'Person asking.';
comment on column renos.data_export_requests.email is 'Address to send the link to.';
comment on column renos.data_export_requests.request_date is 'When asked.';
comment on column renos.data_export_requests.status is 'State.';
comment on column renos.data_export_requests.download_url is 'Link to the finished export; expires.';
comment on column renos.data_export_requests.expires_at is 'When the export is removed.';
comment on column renos.data_export_requests.created_at is 'When the row was made.';
comment on column renos.data_export_requests.updated_at is
    'When the row was last changed; set by trigger on every update.';

create index data_export_requests_user_id_idx on renos.data_export_requests (user_id);
create index data_export_requests_status_idx on renos.data_export_requests (status);
create index data_export_requests_created_at_idx on renos.data_export_requests (created_at);
create unique index data_export_requests_user_id_key_partial
    on renos.data_export_requests (user_id) where status = 'pending';

create trigger data_export_requests_set_updated_at
    before update on renos.data_export_requests
    for each row execute function shared.set_updated_at();

create table renos.data_deletion_requests (
    id                      text not null default shared.new_id(),
    user_id                 text not null,
    email                   text not null,
    request_date            timestamptz not null default now(),
    scheduled_deletion_date timestamptz not null,
    status                  text not null default 'pending',
    reason                  text,
    created_at              timestamptz not null default now(),
    updated_at              timestamptz not null default now(),
    constraint data_deletion_requests_pkey primary key (id),
    constraint data_deletion_requests_status_check check (
        status in (
            'pending', 'processing', 'completed', 'cancelled', 'failed'
        )
    ),
    constraint data_deletion_requests_user_id_fkey
        foreign key (user_id) references renos.users (id) on delete cascade
);

comment on table renos.data_deletion_requests is 'GDPR requests to be forgotten, carried out 30 days after asking.';
comment on column renos.data_deletion_requests.id is 'Primary key.';
comment on column renos.data_deletion_requests.user_id is 'Person asking.';
comment on column renos.data_deletion_requests.email is 'Address at the time of asking.';
comment on column renos.data_deletion_requests.request_date is 'When asked.';
comment on column renos.data_deletion_requests.scheduled_deletion_date is
    'When the erasure is due; request_date + 30 days.';
comment on column renos.data_deletion_requests.status is 'State.';
comment on column renos.data_deletion_requests.reason is 'Reason the person gave.';
comment on column renos.data_deletion_requests.created_at is 'When the row was made.';
comment on column renos.data_deletion_requests.updated_at is
    'When the row was last changed; set by trigger on every update.';

create index data_deletion_requests_user_id_idx on renos.data_deletion_requests (user_id);
create index data_deletion_requests_status_idx on renos.data_deletion_requests (status);
create index data_deletion_requests_scheduled_deletion_date_idx
    on renos.data_deletion_requests (scheduled_deletion_date);
create unique index data_deletion_requests_user_id_key_partial
    on renos.data_deletion_requests (user_id) where status in ('pending','processing');

create trigger data_deletion_requests_set_updated_at
    before update on renos.data_deletion_requests
    for each row execute function shared.set_updated_at();

create table renos.consent_records (
    id           text not null default shared.new_id(),
    user_id      text not null,
    consent_type text not null,
    granted      boolean not null,
    granted_at   timestamptz not null default now(),
    revoked_at   timestamptz,
    ip_address   text not null,
    user_agent   text not null,
    version      text not null default '1.0',
    created_at   timestamptz not null default now(),
    updated_at   timestamptz not null default now(),
    constraint consent_records_pkey primary key (id),
    constraint consent_records_user_id_fkey
        foreign key (user_id) references renos.users (id) on delete cascade
);

comment on table renos.consent_records is 'History of consents given and withdrawn.';
comment on column renos.consent_records.id is 'Primary key.';
comment on column renos.consent_records.user_id is 'Person.';
comment on column renos.consent_records.consent_type is
    'What the consent is for. Known values, others are accepted: marketing, analytics, cookies, data_processing, third_party.';
comment on column renos.consent_records.granted is 'True for a grant, false for a refusal.';
comment on column renos.consent_records.granted_at is 'When the statement was made.';
comment on column renos.consent_records.revoked_at is 'When a grant was withdrawn; null while it holds.';
comment on column renos.consent_records.ip_address is 'Address the statement came from.';
comment on column renos.consent_records.user_agent is 'Client the statement came from.';
comment on column renos.consent_records.version is 'Version of the privacy policy.';
comment on column renos.consent_records.created_at is 'When the row was made.';
comment on column renos.consent_records.updated_at is
    'When the row was last changed; set by trigger on every update.';

create index consent_records_user_id_idx on renos.consent_records (user_id);
create index consent_records_consent_type_idx on renos.consent_records (consent_type);
create index consent_records_granted_idx on renos.consent_records (granted);
create unique index consent_records_user_id_consent_type_key_partial
    on renos.consent_records (user_id, consent_type) where granted and revoked_at is null;

create trigger consent_records_set_updated_at
    before update on renos.consent_records
    for each row execute function shared.set_updated_at();

create table renos.privacy_policies (
    id         text not null default shared.new_id(),
    version    text not null,
    content    text not null,
    active     boolean not null default false,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint privacy_policies_pkey primary key (id),
    constraint privacy_policies_version_key unique (version)
);

comment on table renos.privacy_policies is 'Versions of the privacy policy; at most one is active.';
comment on column renos.privacy_policies.id is 'Primary key.';
comment on column renos.privacy_policies.version is 'Version label.';
comment on column renos.privacy_policies.content is 'Text of the policy.';
comment on column renos.privacy_policies.active is 'Whether this version is in force.';
comment on column renos.privacy_policies.created_at is 'When the row was made.';
comment on column renos.privacy_policies.updated_at is
    'When the row was last changed; set by trigger on every update.';

create index privacy_policies_active_idx on renos.privacy_policies (active);
create unique index privacy_policies_active_key_partial on renos.privacy_policies (active) where active;

create trigger privacy_policies_set_updated_at
    before update on renos.privacy_policies
    for each row execute function shared.set_updated_at();

-- Trails
-- ------

create table renos.audit_logs (
    id              text not null default shared.new_id(),
    organization_id text not null,
    user_id         text,
    action          text not null,
    entity_type     text not null,
    entity_id       text,
    old_values      jsonb,
    new_values      jsonb,
    ip_address      text,
    user_agent      text,
    created_at      timestamptz not null default now(),
    constraint audit_logs_pkey primary key (id)
);

comment on table renos.audit_logs is 'Append-only trail of changes in RenOS.';
comment on column renos.audit_logs.id is 'Primary key.';
comment on column renos.audit_logs.organization_id is 'Organisation.';
comment on column renos.audit_logs.user_id is 'Acting user; kept after the user is deleted, hence no foreign key.';
comment on column renos.audit_logs.action is 'Verb, e.g. create, update, delete, login, security_event.';
comment on column renos.audit_logs.entity_type is 'Kind of object touched.';
comment on column renos.audit_logs.entity_id is 'Id of the object touched.';
comment on column renos.audit_logs.old_values is 'Values before.';
comment on column renos.audit_logs.new_values is 'Values after.';
comment on column renos.audit_logs.ip_address is 'Address of the caller.';
comment on column renos.audit_logs.user_agent is 'Client of the caller.';
comment on column renos.audit_logs.created_at is 'When the row was made.';

create index audit_logs_user_id_idx on renos.audit_logs (user_id);
create index audit_logs_action_idx on renos.audit_logs (action);
create index audit_logs_created_at_idx on renos.audit_logs (created_at);
create index audit_logs_organization_id_created_at_idx on renos.audit_logs (organization_id, created_at desc);
create index audit_logs_entity_type_entity_id_idx on renos.audit_logs (entity_type, entity_id);

create table renos.security_events (
    id              text not null default shared.new_id(),
    organization_id text not null,
    user_id         text,
    event_type      text not null,
    severity        text not null,
    description     text not null,
    metadata        jsonb,
    ip_address      text,
    user_agent      text,
    resolved        boolean not null default false,
    resolved_at     timestamptz,
    resolved_by     text,
    created_at      timestamptz not null default now(),
    constraint security_events_pkey primary key (id),
    constraint security_events_severity_check check (severity in ('low', 'medium', 'high', 'critical'))
);

comment on table renos.security_events is 'Security incidents to be looked at and resolved.';
comment on column renos.security_events.id is 'Primary key.';
comment on column renos.security_events.organization_id is 'Organisation.';
comment on column renos.security_events.user_id is 'Person concerned; no foreign key.';
comment on column renos.security_events.event_type is 'Kind of event, e.g. failed_login, rate_limit_exceeded.';
comment on column renos.security_events.severity is 'Weight.';
comment on column renos.security_events.description is 'What happened.';
comment on column renos.security_events.metadata is 'Details.';
comment on column renos.security_events.ip_address is 'Source address.';
comment on column renos.security_events.user_agent is 'Source client.';
comment on column renos.security_events.resolved is 'Whether somebody dealt with it.';
comment on column renos.security_events.resolved_at is 'When.';
comment on column renos.security_events.resolved_by is 'By whom (user id).';
comment on column renos.security_events.created_at is 'When the row was made.';

create index security_events_user_id_idx on renos.security_events (user_id);
create index security_events_event_type_idx on renos.security_events (event_type);
create index security_events_severity_idx on renos.security_events (severity);
create index security_events_resolved_at_idx on renos.security_events (resolved_at);
create index security_events_resolved_idx on renos.security_events (resolved);
create index security_events_created_at_idx on renos.security_events (created_at);
create index security_events_organization_id_created_at_idx
    on renos.security_events (organization_id, created_at desc);
create index security_events_organization_id_severity_idx_partial
    on renos.security_events (organization_id, severity) where not resolved;
