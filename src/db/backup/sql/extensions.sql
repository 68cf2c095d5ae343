-- Extensions but the one that is always there, each with the schemas that use it: something in them depends on one of its members.
members as materialized (
    select classid, objid, refobjid as extension
    from pg_catalog.pg_depend
    where refclassid = 'pg_catalog.pg_extension'::regclass and deptype = 'e'
),
uses as materialized (
    select distinct m.extension, o.schema
    from members m
    join pg_catalog.pg_depend d on d.refclassid = m.classid and d.refobjid = m.objid and d.deptype in ('n', 'a')
    join objects o on o.catalog = d.classid and o.oid = d.objid
    left join members own on own.classid = d.classid and own.objid = d.objid
    where own.objid is null
)
select e.extname::text, e.extversion, n.nspname::text, array(
    select s.nspname::text
    from uses u join pg_catalog.pg_namespace s on s.oid = u.schema
    where u.extension = e.oid
    order by s.nspname
)
from pg_catalog.pg_extension e
join pg_catalog.pg_namespace n on n.oid = e.extnamespace
where e.extname <> 'plpgsql'
order by e.extname
