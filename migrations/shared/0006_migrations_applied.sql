-- Which migrations are applied, for whoever operates the service over HTTP: the ledgers belong to whoever migrates, and
-- nobody else may read them. Another schema's ledger may not be there yet.

create function tekup.migrations_applied()
    returns table (ledger text, version bigint, checksum text, applied_at timestamptz, success boolean)
    language plpgsql stable security definer
    set search_path = ''
as $$
declare
    found record;
begin
    for found in
        select n.nspname, c.relname
        from pg_catalog.pg_class c
        join pg_catalog.pg_namespace n on n.oid = c.relnamespace
        where c.relkind = 'r' and c.relname like '\_sqlx\_migrations%'
            and n.nspname in ('tekup', 'shared', 'vault', 'billy', 'crm', 'renos', 'flow')
    loop
        return query execute format(
            'select %L, version, encode(checksum, ''hex''), installed_on, success from %I.%I',
            found.nspname || '.' || found.relname, found.nspname, found.relname
        );
    end loop;
end
$$;

comment on function tekup.migrations_applied() is 'What the ledgers of migrations hold, of all schemas.';

revoke execute on function tekup.migrations_applied() from public;
grant usage on schema tekup to service_role;
grant execute on function tekup.migrations_applied() to service_role;
