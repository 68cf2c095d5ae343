-- Credentials that can be taken back: a key in the header X-API-Key stands for a role, organisations and a person. Only a
-- hash of it is kept. Operations make, replace and revoke keys; the service looks one up by the hash of what was sent.

create table shared.api_keys (
    id            uuid not null default gen_random_uuid(),
    name          text not null,
    key_hash      text not null,
    key_start     text not null,
    role          text not null,
    organizations text[] not null default '{}',
    person        text,
    read_only     boolean not null default false,
    expires_at    timestamptz,
    revoked_at    timestamptz,
    last_used_at  timestamptz,
    created_at    timestamptz not null default now(),
    updated_at    timestamptz not null default now(),
    constraint api_keys_pkey primary key (id),
    constraint api_keys_key_hash_key unique (key_hash),
    constraint api_keys_name_check check (char_length(name) between 1 and 200),
    constraint api_keys_role_check check (role in (
        'authenticated', 'vault_app', 'billy_app', 'renos_app', 'crm_app', 'flow_app', 'service_role'
    ))
);

comment on table shared.api_keys is 'Keys that callers send in the header X-API-Key; only hashes of them.';
comment on column shared.api_keys.id is 'Primary key.';
comment on column shared.api_keys.name is 'What the key is for.';
comment on column shared.api_keys.key_hash is 'SHA-256 of the key in hexadecimal digits.';
comment on column shared.api_keys.key_start is 'Its first characters, to tell it from others.';
comment on column shared.api_keys.role is 'Role that the caller has.';
comment on column shared.api_keys.organizations is 'Organisations that the caller may name, one a request; of one alone it need not be named.';
comment on column shared.api_keys.person is 'Person that the caller is.';
comment on column shared.api_keys.read_only is 'Whether only requests that read are let in.';
comment on column shared.api_keys.expires_at is 'When it ceases to be good; never where null.';
comment on column shared.api_keys.revoked_at is 'When it was taken back.';
comment on column shared.api_keys.last_used_at is 'When it was last used, to the minute.';
comment on column shared.api_keys.created_at is 'When it was made.';
comment on column shared.api_keys.updated_at is 'When it was last changed; a use is no change.';

create trigger api_keys_set_updated_at
    before update of name, key_hash, role, organizations, person, read_only, expires_at, revoked_at
    on shared.api_keys
    for each row execute function shared.set_updated_at();

-- Whoever presents a key sees its row, and nobody else's.
alter table shared.api_keys enable row level security, force row level security;
create policy all_rows on shared.api_keys to service_role, tekup_owner using (true);
create policy operator on shared.api_keys
    to shared_operator
    using (
        (select auth.caller_role()) = 'service_role'
        or key_hash = (select nullif(current_setting('app.api_key_hash', true), ''))
    );
grant
    select (
        id, name, key_start, role, organizations, person, read_only, expires_at, revoked_at, last_used_at, created_at,
        updated_at
    )
on shared.api_keys to service_role;
grant select, insert, update on shared.api_keys to shared_operator;
