-- What the Billy.dk connector keeps: organisations, copies of invoices, contacts and products, a trail,
-- hourly figures and request limits.

create schema if not exists billy;

comment on schema billy is 'Billy.dk accounting connector: organisations, copies with an expiry, trail, figures and limits.';

-- Organisations
-- -------------

create table billy.organizations (
    id                    uuid not null default gen_random_uuid(),
    name                  text not null,
    billy_api_key         text not null,
    billy_organization_id text not null,
    created_at            timestamptz not null default now(),
    updated_at            timestamptz not null default now(),
    settings              jsonb not null default '{}'::jsonb,
    is_active             boolean not null default true,
    api_key_rotated_at    timestamptz not null default now(),
    constraint organizations_pkey primary key (id),
    constraint organizations_billy_organization_id_key unique (billy_organization_id)
);

comment on table billy.organizations is 'A Billy.dk account that the accounting connector serves; the tenant root of the billy schema.';
comment on column billy.organizations.id is 'Primary key.';
comment on column billy.organizations.name is 'Display name.';
comment on column billy.organizations.billy_api_key is
    'Billy.dk API token, stored encrypted (AES-256-GCM, text iv:tag:ciphertext in hex). Never returned.';
comment on column billy.organizations.billy_organization_id is 'Organisation id in Billy.dk; the business key.';
comment on column billy.organizations.created_at is 'When the row was made.';
comment on column billy.organizations.updated_at is 'When the row was last changed; set by trigger on every update.';
comment on column billy.organizations.settings is
    'Per-organisation switches, e.g. cacheEnabled, auditEnabled, cache_ttl_minutes.';
comment on column billy.organizations.is_active is
    'Switched-off organisations are refused by every organisation-scoped operation.';
comment on column billy.organizations.api_key_rotated_at is
    'When billy_api_key was last replaced; set by the rotate operation.';

create index organizations_is_active_idx on billy.organizations (is_active);

create trigger organizations_set_updated_at
    before update on billy.organizations
    for each row execute function shared.set_updated_at();

create table billy.users (
    id              uuid not null default gen_random_uuid(),
    email           text not null,
    organization_id uuid not null,
    role            text not null default 'user',
    created_at      timestamptz not null default now(),
    last_login_at   timestamptz,
    is_active       boolean not null default true,
    metadata        jsonb not null default '{}'::jsonb,
    constraint users_pkey primary key (id),
    constraint users_email_organization_id_key unique (email, organization_id),
    constraint users_role_check check (role in ('admin', 'user', 'readonly')),
    constraint users_organization_id_fkey
        foreign key (organization_id) references billy.organizations (id) on delete cascade
);

comment on table billy.users is 'People who may act for a Billy organisation.';
comment on column billy.users.id is 'Primary key.';
comment on column billy.users.email is 'Lower-case address; unique inside one organisation.';
comment on column billy.users.organization_id is 'Owning organisation.';
comment on column billy.users.role is 'Rights inside the organisation.';
comment on column billy.users.created_at is 'When the row was made.';
comment on column billy.users.last_login_at is 'Last sign-in.';
comment on column billy.users.is_active is 'Whether the account may be used.';
comment on column billy.users.metadata is 'Free attributes.';

create index users_organization_id_idx on billy.users (organization_id);

-- Copies
-- ------

create table billy.cached_invoices (
    id              uuid not null default gen_random_uuid(),
    organization_id uuid not null,
    billy_id        text not null,
    data            jsonb not null,
    cached_at       timestamptz not null default now(),
    expires_at      timestamptz not null,
    constraint cached_invoices_pkey primary key (id),
    constraint cached_invoices_organization_id_billy_id_key unique (organization_id, billy_id),
    constraint cached_invoices_organization_id_fkey
        foreign key (organization_id) references billy.organizations (id) on delete cascade
);

comment on table billy.cached_invoices is 'Copies of Billy.dk invoices with an expiry.';
comment on column billy.cached_invoices.id is 'Primary key.';
comment on column billy.cached_invoices.organization_id is 'Owning organisation.';
comment on column billy.cached_invoices.billy_id is 'Id of the invoice in Billy.dk.';
comment on column billy.cached_invoices.data is 'Full invoice object as Billy.dk returned it.';
comment on column billy.cached_invoices.cached_at is 'When the copy was stored or last replaced.';
comment on column billy.cached_invoices.expires_at is 'The copy must not be served at or after this time.';

create index cached_invoices_expires_at_idx on billy.cached_invoices (expires_at);

create table billy.cached_customers (
    id              uuid not null default gen_random_uuid(),
    organization_id uuid not null,
    billy_id        text not null,
    data            jsonb not null,
    cached_at       timestamptz not null default now(),
    expires_at      timestamptz not null,
    constraint cached_customers_pkey primary key (id),
    constraint cached_customers_organization_id_billy_id_key unique (organization_id, billy_id),
    constraint cached_customers_organization_id_fkey
        foreign key (organization_id) references billy.organizations (id) on delete cascade
);

comment on table billy.cached_customers is 'Copies of Billy.dk contacts with an expiry.';
comment on column billy.cached_customers.id is 'Primary key.';
comment on column billy.cached_customers.organization_id is 'Owning organisation.';
comment on column billy.cached_customers.billy_id is 'Id of the contact in Billy.dk.';
comment on column billy.cached_customers.data is 'Full contact object as Billy.dk returned it.';
comment on column billy.cached_customers.cached_at is 'When the copy was stored or last replaced.';
comment on column billy.cached_customers.expires_at is 'The copy must not be served at or after this time.';

create index cached_customers_expires_at_idx on billy.cached_customers (expires_at);

create table billy.cached_products (
    id              uuid not null default gen_random_uuid(),
    organization_id uuid not null,
    billy_id        text not null,
    data            jsonb not null,
    cached_at       timestamptz not null default now(),
    expires_at      timestamptz not null,
    constraint cached_products_pkey primary key (id),
    constraint cached_products_organization_id_billy_id_key unique (organization_id, billy_id),
    constraint cached_products_organization_id_fkey
        foreign key (organization_id) references billy.organizations (id) on delete cascade
);

comment on table billy.cached_products is 'Copies of Billy.dk products with an expiry.';
comment on column billy.cached_products.id is 'Primary key.';
comment on column billy.cached_products.organization_id is 'Owning organisation.';
comment on column billy.cached_products.billy_id is 'Id of the product in Billy.dk.';
comment on column billy.cached_products.data is 'Full product object as Billy.dk returned it.';
comment on column billy.cached_products.cached_at is 'When the copy was stored or last replaced.';
comment on column billy.cached_products.expires_at is 'The copy must not be served at or after this time.';

create index cached_products_expires_at_idx on billy.cached_products (expires_at);

-- Trail, figures, limits
-- ----------------------

create table billy.audit_logs (
    id              uuid not null default gen_random_uuid(),
    organization_id uuid,
    user_id         uuid,
    tool_name       text not null,
    action          text not null,
    resource_type   text,
    resource_id     text,
    input_params    jsonb,
    output_data     jsonb,
    success         boolean not null,
    error_message   text,
    duration_ms     integer,
    ip_address      text,
    user_agent      text,
    created_at      timestamptz not null default now(),
    constraint audit_logs_pkey primary key (id),
    constraint audit_logs_action_check check (action in ('read', 'create', 'update', 'delete')),
    constraint audit_logs_duration_ms_check check (duration_ms >= 0),
    constraint audit_logs_organization_id_fkey
        foreign key (organization_id) references billy.organizations (id) on delete set null,
    constraint audit_logs_user_id_fkey
        foreign key (user_id) references billy.users (id) on delete set null
);

comment on table billy.audit_logs is 'Append-only trail of every tool call against Billy.dk.';
comment on column billy.audit_logs.id is 'Primary key.';
comment on column billy.audit_logs.organization_id is
    'Organisation of the call; null after the organisation is deleted.';
comment on column billy.audit_logs.user_id is 'Acting user; null when unknown or deleted.';
comment on column billy.audit_logs.tool_name is 'Name of the tool, e.g. list_invoices.';
comment on column billy.audit_logs.action is 'Kind of access.';
comment on column billy.audit_logs.resource_type is 'invoice, customer, product, revenue, bill, ...';
comment on column billy.audit_logs.resource_id is 'Billy.dk id of the touched object.';
comment on column billy.audit_logs.input_params is 'Arguments of the call, secrets stripped by the caller.';
comment on column billy.audit_logs.output_data is 'Summary of the answer, not the whole body.';
comment on column billy.audit_logs.success is 'Whether the call succeeded.';
comment on column billy.audit_logs.error_message is 'Failure text.';
comment on column billy.audit_logs.duration_ms is 'Wall time of the call.';
comment on column billy.audit_logs.ip_address is 'Address of the caller.';
comment on column billy.audit_logs.user_agent is 'Client string of the caller.';
comment on column billy.audit_logs.created_at is 'When the row was made.';

create index audit_logs_user_id_idx on billy.audit_logs (user_id);
create index audit_logs_tool_name_idx on billy.audit_logs (tool_name);
create index audit_logs_created_at_idx on billy.audit_logs (created_at);
create index audit_logs_organization_id_created_at_idx on billy.audit_logs (organization_id, created_at desc);
create index audit_logs_organization_id_created_at_idx_partial
    on billy.audit_logs (organization_id, created_at desc) where not success;
create index audit_logs_resource_type_resource_id_idx on billy.audit_logs (resource_type, resource_id);

create table billy.usage_metrics (
    id                uuid not null default gen_random_uuid(),
    organization_id   uuid not null,
    date              date not null,
    hour              smallint not null,
    tool_name         text not null,
    call_count        integer not null default 0,
    success_count     integer not null default 0,
    error_count       integer not null default 0,
    avg_duration_ms   integer,
    cache_hit_rate    numeric(5,2),
    timed_count       integer not null default 0,
    total_duration_ms bigint not null default 0,
    cache_hits        integer not null default 0,
    created_at        timestamptz not null default now(),
    constraint usage_metrics_pkey primary key (id),
    constraint usage_metrics_organization_id_date_hour_tool_name_key
        unique (organization_id, date, hour, tool_name),
    constraint usage_metrics_hour_check check (hour between 0 and 23),
    constraint usage_metrics_call_count_check
        check (call_count >= 0 and success_count >= 0 and error_count >= 0),
    constraint usage_metrics_cache_hit_rate_check check (cache_hit_rate between 0 and 100),
    constraint usage_metrics_organization_id_fkey
        foreign key (organization_id) references billy.organizations (id) on delete cascade
);

comment on table billy.usage_metrics is 'Hourly counters per organisation and tool.';
comment on column billy.usage_metrics.id is 'Primary key.';
comment on column billy.usage_metrics.organization_id is 'Organisation.';
comment on column billy.usage_metrics.date is 'UTC day of the bucket.';
comment on column billy.usage_metrics.hour is 'UTC hour of the bucket, 0 to 23.';
comment on column billy.usage_metrics.tool_name is 'Tool counted.';
comment on column billy.usage_metrics.call_count is 'Calls in the bucket.';
comment on column billy.usage_metrics.success_count is 'Calls that succeeded.';
comment on column billy.usage_metrics.error_count is 'Calls that failed; call_count = success_count + error_count.';
comment on column billy.usage_metrics.avg_duration_ms is
    'Mean duration of the calls that reported one, rounded; derived from the two sums below.';
comment on column billy.usage_metrics.cache_hit_rate is
    'Share of calls answered from cache, percent 0 to 100, two decimals; derived.';
comment on column billy.usage_metrics.timed_count is 'Calls that reported a duration.';
comment on column billy.usage_metrics.total_duration_ms is 'Sum of the reported durations.';
comment on column billy.usage_metrics.cache_hits is 'Calls answered from cache.';
comment on column billy.usage_metrics.created_at is 'When the row was made.';

create index usage_metrics_date_idx on billy.usage_metrics (date);
create index usage_metrics_tool_name_idx on billy.usage_metrics (tool_name);

create table billy.rate_limits (
    id              uuid not null default gen_random_uuid(),
    organization_id uuid not null,
    endpoint        text not null,
    window_start    timestamptz not null,
    request_count   integer not null default 0,
    created_at      timestamptz not null default now(),
    constraint rate_limits_pkey primary key (id),
    constraint rate_limits_organization_id_endpoint_window_start_key
        unique (organization_id, endpoint, window_start),
    constraint rate_limits_request_count_check check (request_count >= 0),
    constraint rate_limits_organization_id_fkey
        foreign key (organization_id) references billy.organizations (id) on delete cascade
);

comment on table billy.rate_limits is 'Fixed-window request counters.';
comment on column billy.rate_limits.id is 'Primary key.';
comment on column billy.rate_limits.organization_id is 'Organisation limited.';
comment on column billy.rate_limits.endpoint is 'Tool or endpoint limited.';
comment on column billy.rate_limits.window_start is
    'Start of the window, aligned to a multiple of the window length since the epoch.';
comment on column billy.rate_limits.request_count is 'Requests admitted in the window.';
comment on column billy.rate_limits.created_at is 'When the row was made.';

create index rate_limits_window_start_idx on billy.rate_limits (window_start);
