-- Which schemas are built on which: pairs of one and another that something in it depends on.
with objects as materialized (
    select 'pg_catalog.pg_class'::regclass as catalog, oid, relnamespace as schema from pg_catalog.pg_class
    union all
    select 'pg_catalog.pg_proc'::regclass, oid, pronamespace from pg_catalog.pg_proc
    union all
    select 'pg_catalog.pg_type'::regclass, oid, typnamespace from pg_catalog.pg_type
    union all
    select 'pg_catalog.pg_constraint'::regclass, oid, connamespace from pg_catalog.pg_constraint
    union all
    select 'pg_catalog.pg_operator'::regclass, oid, oprnamespace from pg_catalog.pg_operator
    union all
    select 'pg_catalog.pg_opclass'::regclass, oid, opcnamespace from pg_catalog.pg_opclass
    union all
    select 'pg_catalog.pg_attrdef'::regclass, d.oid, c.relnamespace
    from pg_catalog.pg_attrdef d join pg_catalog.pg_class c on c.oid = d.adrelid
    union all
    select 'pg_catalog.pg_trigger'::regclass, t.oid, c.relnamespace
    from pg_catalog.pg_trigger t join pg_catalog.pg_class c on c.oid = t.tgrelid
    union all
    select 'pg_catalog.pg_policy'::regclass, p.oid, c.relnamespace
    from pg_catalog.pg_policy p join pg_catalog.pg_class c on c.oid = p.polrelid
    union all
    select 'pg_catalog.pg_rewrite'::regclass, r.oid, c.relnamespace
    from pg_catalog.pg_rewrite r join pg_catalog.pg_class c on c.oid = r.ev_class
),
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
