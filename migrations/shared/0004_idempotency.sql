-- Answers that were given to keys of callers' own, so that what is sent twice has its effect once.

create table shared.idempotency_keys (
    principal   text not null default concat_ws(
        '|',
        current_setting('app.current_role', true),
        current_setting('app.current_org_id', true),
        current_setting('app.current_user_id', true)
    ),
    key         text not null,
    fingerprint text not null,
    outcome     text not null,
    body        json,
    created_at  timestamptz not null default now(),
    constraint idempotency_keys_pkey primary key (principal, key),
    constraint idempotency_keys_key_check check (char_length(key) between 1 and 255)
);

comment on table shared.idempotency_keys is
    'Answers of operations by the Idempotency-Key they were called with; good for 24 hours.';
comment on column shared.idempotency_keys.principal is 'Role, organisation and person of the caller.';
comment on column shared.idempotency_keys.key is 'The key, of the caller''s own choice.';
comment on column shared.idempotency_keys.fingerprint is 'SHA-256 of the operation and its input: another one under the same key is refused.';
comment on column shared.idempotency_keys.outcome is 'What the operation''s statement gave: ok or created.';
comment on column shared.idempotency_keys.body is 'The answer.';
comment on column shared.idempotency_keys.created_at is 'When it was given.';

create index idempotency_keys_created_at_idx on shared.idempotency_keys (created_at);

-- Only operations use it, and each caller's keys are a world of their own.
alter table shared.idempotency_keys enable row level security, force row level security;
create policy all_rows on shared.idempotency_keys to tekup_owner using (true);
create policy own_keys on shared.idempotency_keys
    to vault_operator, billy_operator, renos_operator, crm_operator, flow_operator, shared_operator
    using (principal = (select concat_ws(
        '|',
        current_setting('app.current_role', true),
        current_setting('app.current_org_id', true),
        current_setting('app.current_user_id', true)
    )));
grant select, insert, update, delete on shared.idempotency_keys to
    vault_operator, billy_operator, renos_operator, crm_operator, flow_operator, shared_operator;
