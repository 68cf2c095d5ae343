-- Two time entries of one person can't overlap; a running entry lasts for ever. Either way a violation is
-- SQLSTATE 23P01 with the constraint name time_entries_overlap_excl.

-- The fallback: the second of two parallel writers waits for the first, then sees its entry.
create function renos.refuse_time_overlap() returns trigger
    language plpgsql
    set search_path = ''
as $$
begin
    perform pg_catalog.pg_advisory_xact_lock(
        pg_catalog.hashtextextended('renos.time_entries: ' || new.team_member_id, 0)
    );

    if exists (
        select from renos.time_entries as entry
        where entry.team_member_id = new.team_member_id
            and entry.id <> new.id
            and pg_catalog.tstzrange(entry.start_time, entry.end_time)
                && pg_catalog.tstzrange(new.start_time, new.end_time)
    ) then
        raise exception 'conflicting key value violates exclusion constraint "time_entries_overlap_excl"'
            using errcode = 'exclusion_violation',
                  schema = 'renos',
                  table = 'time_entries',
                  constraint = 'time_entries_overlap_excl',
                  detail = format('Team member %s has another entry in that time.', new.team_member_id);
    end if;

    return null;
end
$$;

comment on function renos.refuse_time_overlap() is
    'Trigger: refuses a time entry that overlaps another of the same person, where btree_gist is missing.';

revoke execute on all functions in schema renos from public;

do $$
declare
    gist_schema text;
begin
    select extension_schema.nspname into gist_schema
    from pg_extension
    join pg_namespace as extension_schema on extension_schema.oid = extnamespace
    where extname = 'btree_gist';

    if found then
        -- The operator class for text comes with the extension.
        execute format(
            'alter table renos.time_entries add constraint time_entries_overlap_excl '
            'exclude using gist (team_member_id %I.gist_text_ops with =, tstzrange(start_time, end_time) with &&)',
            gist_schema
        );
    else
        -- After, so that a wrong period is reported by its own check.
        create trigger time_entries_refuse_overlap
            after insert or update of team_member_id, start_time, end_time on renos.time_entries
            for each row execute function renos.refuse_time_overlap();
    end if;
end
$$;
