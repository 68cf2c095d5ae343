-- People, sign-in sessions and the trail of all applications.

create table shared.users (
    id         uuid not null default gen_random_uuid(),
    email      text not null,
    name       text not null,
    role       text not null default 'user',
    metadata   jsonb not null default '{}'::jsonb,
    is_active  boolean not null default true,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint users_pkey primary key (id),
    constraint users_email_key unique (email)
);

comment on table shared.users is 'People known across applications.';
comment on column shared.users.id is 'Primary key.';
comment on column shared.users.email is 'Lower-case address.';
comment on column shared.users.name is 'Name.';
comment on column shared.users.role is 'Right across applications. Known values, others are accepted: user, admin.';
comment on column shared.users.metadata is 'Free attributes.';
comment on column shared.users.is_active is 'Whether sign-in is allowed.';
comment on column shared.users.created_at is 'When the row was made.';
comment on column shared.users.updated_at is 'When the row was last changed; set by trigger on every update.';

create trigger users_set_updated_at
    before update on shared.users
    for each row execute function shared.set_updated_at();

create table shared.sessions (
    id           uuid not null default gen_random_uuid(),
    user_id      uuid not null,
    app          text not null,
    token_hash   text not null,
    ip_address   text,
    user_agent   text,
    metadata     jsonb not null default '{}'::jsonb,
    last_seen_at timestamptz not null default now(),
    expires_at   timestamptz not null,
    revoked_at   timestamptz,
    created_at   timestamptz not null default now(),
    constraint sessions_pkey primary key (id),
    constraint sessions_token_hash_key unique (token_hash),
    constraint sessions_user_id_fkey
        foreign key (user_id) references shared.users (id) on delete cascade
);

comment on table shared.sessions is 'Sign-in sessions across applications.';
comment on column shared.sessions.id is 'Primary key.';
comment on column shared.sessions.user_id is 'Person.';
comment on column shared.sessions.app is
    'Application signed in to. Known values, others are accepted: vault, billy, renos, crm, flow, dashboard.';
comment on column shared.sessions.token_hash is
    'SHA-256 of the session token, hex. The token itself is shown once and never stored.';
comment on column shared.sessions.ip_address is 'Address at sign-in.';
comment on column shared.sessions.user_agent is 'Client at sign-in.';
comment on column shared.sessions.metadata is 'Free attributes, e.g. organization_id chosen.';
comment on column shared.sessions.last_seen_at is 'Last use.';
comment on column shared.sessions.expires_at is 'Not valid at or after this time.';
comment on column shared.sessions.revoked_at is 'When ended early.';
comment on column shared.sessions.created_at is 'When the row was made.';

create index sessions_user_id_created_at_idx on shared.sessions (user_id, created_at desc);
create index sessions_expires_at_idx on shared.sessions (expires_at);

create table shared.audit_logs (
    id            uuid not null default gen_random_uuid(),
    user_id       uuid,
    service       text,
    action        text not null,
    resource_type text not null,
    resource_id   text not null,
    success       boolean,
    metadata      jsonb not null default '{}'::jsonb,
    created_at    timestamptz not null default now(),
    constraint audit_logs_pkey primary key (id)
);

comment on table shared.audit_logs is 'Append-only trail across applications.';
comment on column shared.audit_logs.id is 'Primary key.';
comment on column shared.audit_logs.user_id is 'Acting person; kept after deletion, hence no foreign key.';
comment on column shared.audit_logs.service is 'Application: vault, billy, renos, crm, flow, shared.';
comment on column shared.audit_logs.action is 'Verb.';
comment on column shared.audit_logs.resource_type is 'Kind of object.';
comment on column shared.audit_logs.resource_id is 'Id of the object.';
comment on column shared.audit_logs.success is 'Outcome; null when unknown.';
comment on column shared.audit_logs.metadata is 'Details.';
comment on column shared.audit_logs.created_at is 'When the row was made.';

create index audit_logs_user_id_idx on shared.audit_logs (user_id);
create index audit_logs_created_at_idx on shared.audit_logs (created_at);
create index audit_logs_resource_type_resource_id_idx on shared.audit_logs (resource_type, resource_id);
create index audit_logs_service_created_at_idx on shared.audit_logs (service, created_at desc);
