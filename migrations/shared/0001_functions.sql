-- What every schema needs: keys that sort by time, and timestamps that callers can't set.

create schema if not exists shared;

comment on schema shared is 'What all applications have in common: people, sign-in sessions, one audit trail.';

create function shared.new_id() returns text
    language sql volatile parallel safe
    return 'c'
        || lpad(to_hex((extract(epoch from clock_timestamp()) * 1000)::bigint), 11, '0')
        || right(replace(gen_random_uuid()::text, '-', ''), 13);

comment on function shared.new_id() is
    'A new text key: 25 characters, sorted by the time it was made, accepted wherever a cuid is.';

create function shared.set_updated_at() returns trigger
    language plpgsql
    set search_path = ''
as $$
begin
    new.updated_at := now();
    return new;
end
$$;

comment on function shared.set_updated_at() is 'Trigger: the time of the last change is the transaction''s, whatever was given.';

create function shared.set_last_updated() returns trigger
    language plpgsql
    set search_path = ''
as $$
begin
    new.last_updated := now();
    return new;
end
$$;

comment on function shared.set_last_updated() is 'Trigger: as shared.set_updated_at(), for tables that call the column last_updated.';

-- Functions are closed to everybody by default. new_id() is the default of most keys, and a default runs
-- with the rights of whoever inserts.
revoke execute on all functions in schema shared from public;

grant usage on schema shared to
    authenticated, service_role,
    vault_app, billy_app, renos_app, crm_app, flow_app,
    vault_operator, billy_operator, renos_operator, crm_operator, flow_operator, shared_operator,
    tekup_owner;

grant execute on function shared.new_id() to
    authenticated, service_role,
    vault_app, billy_app, renos_app, crm_app, flow_app,
    vault_operator, billy_operator, renos_operator, crm_operator, flow_operator, shared_operator,
    tekup_owner;
