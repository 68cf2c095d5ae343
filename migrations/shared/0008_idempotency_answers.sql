-- Answers are kept as they were sent, so that writes of tables and batches have keys, too. What was kept before can't be sent
-- again; it was good for a day.

delete from shared.idempotency_keys;

alter table shared.idempotency_keys
    drop column outcome,
    drop column body,
    add column status smallint not null,
    add column headers jsonb not null,
    add column body bytea not null,
    add constraint idempotency_keys_status_check check (status between 200 and 299);

comment on table shared.idempotency_keys is
    'Answers to requests by the Idempotency-Key they were sent with; good for 24 hours.';
comment on column shared.idempotency_keys.fingerprint is
    'SHA-256 of method, path, parameters, schema and body: another one under the same key is refused.';
comment on column shared.idempotency_keys.status is 'Status of the answer.';
comment on column shared.idempotency_keys.headers is 'Headers of the answer, as pairs of name and value.';
comment on column shared.idempotency_keys.body is 'Body of the answer.';
