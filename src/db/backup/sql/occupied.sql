-- Of the schemas $1, those in which something is that is no extension's, with the number of tables.
select n.nspname::text, (
    select count(*) from pg_catalog.pg_class c where c.relnamespace = n.oid and c.relkind in ('r', 'p')
)
from pg_catalog.pg_namespace n
where n.nspname = any ($1)
    and exists (
        select from (
            select 'pg_catalog.pg_class'::regclass as catalog, oid from pg_catalog.pg_class where relnamespace = n.oid
            union all
            select 'pg_catalog.pg_proc'::regclass, oid from pg_catalog.pg_proc where pronamespace = n.oid
            union all
            select 'pg_catalog.pg_type'::regclass, oid from pg_catalog.pg_type
            where typnamespace = n.oid and typtype in ('e', 'd', 'r')
        ) o
        where not exists (
            select from pg_catalog.pg_depend d
            where d.classid = o.catalog and d.objid = o.oid and d.deptype in ('e', 'i')
        )
    )
order by n.nspname
