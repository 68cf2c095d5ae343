-- Which schemas are built on which: pairs of one and another that something in it depends on.
-- Names come last: a condition on them would mislead the planner.
links as materialized (
    select distinct a.schema as one, b.schema as other
    from pg_catalog.pg_depend d
    join objects a on a.catalog = d.classid and a.oid = d.objid
    join objects b on b.catalog = d.refclassid and b.oid = d.refobjid
    where a.schema <> b.schema and d.deptype in ('n', 'a')
)
select one.nspname::text, other.nspname::text
from links
join pg_catalog.pg_namespace one on one.oid = links.one
join pg_catalog.pg_namespace other on other.oid = links.other
where one.nspname !~ '^pg_' and one.nspname <> 'information_schema'
    and other.nspname !~ '^pg_' and other.nspname <> 'information_schema'
order by one.nspname, other.nspname
