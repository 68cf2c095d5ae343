-- Schemas of the database's own: not the system's, not an extension's, and `public` only where something is in it.
with objects as (
    select 'pg_catalog.pg_class'::regclass as catalog, oid, relnamespace as schema from pg_catalog.pg_class
    union all
    select 'pg_catalog.pg_proc'::regclass, oid, pronamespace from pg_catalog.pg_proc
    union all
    select 'pg_catalog.pg_type'::regclass, oid, typnamespace from pg_catalog.pg_type where typtype in ('e', 'd', 'r')
)
select n.nspname::text
from pg_catalog.pg_namespace n
where n.nspname !~ '^pg_'
    and n.nspname <> 'information_schema'
    and not exists (
        select from pg_catalog.pg_depend d
        where d.classid = 'pg_catalog.pg_namespace'::regclass and d.objid = n.oid and d.deptype = 'e'
    )
    and (
        n.nspname <> 'public'
        or exists (
            select from objects o
            where o.schema = n.oid
                and not exists (
                    select from pg_catalog.pg_depend d
                    where d.classid = o.catalog and d.objid = o.oid and d.deptype in ('e', 'i')
                )
        )
    )
order by n.nspname collate "C"
