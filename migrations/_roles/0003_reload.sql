-- The service holds a picture of the schemas. Whenever DDL changes them it is told to look again, over the
-- channel that PostgREST uses too.

create schema if not exists tekup;

create or replace function tekup.notify_reload() returns event_trigger
    language plpgsql
    set search_path = ''
as $$
begin
    -- Temporary objects are nobody else's business.
    if tg_event = 'ddl_command_end' then
        if exists (
            select from pg_catalog.pg_event_trigger_ddl_commands() as command
            where command.schema_name is distinct from 'pg_temp'
        ) then
            notify pgrst, 'reload schema';
        end if;
    elsif tg_event = 'sql_drop' then
        if exists (
            select from pg_catalog.pg_event_trigger_dropped_objects() as dropped
            where not dropped.is_temporary
        ) then
            notify pgrst, 'reload schema';
        end if;
    end if;
end
$$;

comment on function tekup.notify_reload() is
    'Tells the service, after a change to the schemas, to read them again.';

revoke execute on function tekup.notify_reload() from public;

-- Only a superuser may create event triggers. Without them the service reloads after its own migrations, on
-- a NOTIFY pgrst sent by hand and on SIGUSR1.
do $$
begin
    drop event trigger if exists tekup_reload_on_ddl;
    drop event trigger if exists tekup_reload_on_drop;

    create event trigger tekup_reload_on_ddl
        on ddl_command_end
        execute function tekup.notify_reload();

    create event trigger tekup_reload_on_drop
        on sql_drop
        execute function tekup.notify_reload();
exception
    when insufficient_privilege then
        raise notice 'event triggers need a superuser: % can''t create them, after changing the schemas by hand, send NOTIFY pgrst',
            current_user;
end
$$;
