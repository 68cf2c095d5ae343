-- Answers are kept as they were sent, so that writes of tables and batches have keys, too. What was kept before can't be sent
-- again; it was good for a day.

delete from shared.idempotency_keys;

alter table shared.idempotency_keys
    drop column outcome,
    drop column body,
    add column status smallint not null,
    add column headers jsonb not null,
    add column body bytea not null,
    add constraint idempotency_keys_status_check check (status between 200 and 599),
    -- A list, since any character may be in the name of a person.
    alter column principal set default json_build_array(
        current_setting('app.current_role', true),
        current_setting('app.current_org_id', true),
        current_setting('app.current_user_id', true)
    )::text;

comment on table shared.idempotency_keys is
    'Answers to requests by the Idempotency-Key they were sent with; good for 24 hours.';
comment on column shared.idempotency_keys.principal is 'Role, organisation and person of the caller, as a JSON array.';
comment on column shared.idempotency_keys.fingerprint is
    'SHA-256 of method, path, parameters, schema, preferences and body: another one under the same key is refused.';
comment on column shared.idempotency_keys.status is 'Status of the answer.';
comment on column shared.idempotency_keys.headers is 'Headers of the answer, as pairs of name and value.';
comment on column shared.idempotency_keys.body is 'Body of the answer.';

-- One operator keeps them all. It sees those of the caller, and sweeps those of anybody that are no longer good.
revoke all on shared.idempotency_keys from vault_operator, billy_operator, renos_operator, crm_operator, flow_operator;
drop policy own_keys on shared.idempotency_keys;
create policy own_keys on shared.idempotency_keys
    to shared_operator
    using (principal = (select json_build_array(
        current_setting('app.current_role', true),
        current_setting('app.current_org_id', true),
        current_setting('app.current_user_id', true)
    )::text));
create policy old_keys_are_seen on shared.idempotency_keys
    for select to shared_operator using (created_at <= now() - interval '24 hours');
create policy old_keys_are_swept on shared.idempotency_keys
    for delete to shared_operator using (created_at <= now() - interval '24 hours');
