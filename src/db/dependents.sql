-- What is outside of the schemas $1 and depends on what is in them, described as Postgres does: it would go with them.
with ours as (
    select n.oid from pg_catalog.pg_namespace n where n.nspname = any ($1)
),
member as (
    select 'pg_catalog.pg_class'::regclass as classid, oid from pg_catalog.pg_class where relnamespace in (select oid from ours)
    union all
    select 'pg_catalog.pg_type'::regclass, oid from pg_catalog.pg_type where typnamespace in (select oid from ours)
    union all
    select 'pg_catalog.pg_proc'::regclass, oid from pg_catalog.pg_proc where pronamespace in (select oid from ours)
    union all
    select 'pg_catalog.pg_constraint'::regclass, oid from pg_catalog.pg_constraint where connamespace in (select oid from ours)
),
dependent as (
    select d.classid, d.objid, d.objsubid,
        case d.classid
            when 'pg_catalog.pg_class'::regclass then (select relnamespace from pg_catalog.pg_class where oid = d.objid)
            when 'pg_catalog.pg_type'::regclass then (select typnamespace from pg_catalog.pg_type where oid = d.objid)
            when 'pg_catalog.pg_proc'::regclass then (select pronamespace from pg_catalog.pg_proc where oid = d.objid)
            when 'pg_catalog.pg_constraint'::regclass then (select connamespace from pg_catalog.pg_constraint where oid = d.objid)
            else (
                select c.relnamespace
                from pg_catalog.pg_class c
                where c.oid = coalesce(
                    (select ev_class from pg_catalog.pg_rewrite where oid = d.objid and d.classid = 'pg_catalog.pg_rewrite'::regclass),
                    (select adrelid from pg_catalog.pg_attrdef where oid = d.objid and d.classid = 'pg_catalog.pg_attrdef'::regclass),
                    (select tgrelid from pg_catalog.pg_trigger where oid = d.objid and d.classid = 'pg_catalog.pg_trigger'::regclass),
                    (select polrelid from pg_catalog.pg_policy where oid = d.objid and d.classid = 'pg_catalog.pg_policy'::regclass)
                )
            )
        end as namespace
    from pg_catalog.pg_depend d
    join member m on m.classid = d.refclassid and m.oid = d.refobjid
    where d.deptype in ('n', 'a')
)
select distinct pg_catalog.pg_describe_object(classid, objid, objsubid)
from dependent
where namespace not in (select oid from ours)
order by 1
