-- A statement that looks up a function of the library of the extension $1 and doesn't call it: it is strict, and gets null.
select pg_catalog.format(
    'SELECT %I.%I(t.v) FROM (SELECT NULL::%s AS v OFFSET 0) t', n.nspname, p.proname, pg_catalog.format_type(a.oid, null)
)
from pg_catalog.pg_extension e
join pg_catalog.pg_depend d
    on d.refclassid = 'pg_catalog.pg_extension'::regclass and d.refobjid = e.oid and d.deptype = 'e'
    and d.classid = 'pg_catalog.pg_proc'::regclass
join pg_catalog.pg_proc p on p.oid = d.objid
join pg_catalog.pg_namespace n on n.oid = p.pronamespace
join pg_catalog.pg_language l on l.oid = p.prolang
join pg_catalog.pg_type a on a.oid = p.proargtypes[0]
join pg_catalog.pg_type r on r.oid = p.prorettype
where e.extname = $1
    and l.lanname = 'c'
    and p.prokind = 'f' and p.proisstrict and not p.proretset and p.pronargs = 1
    and a.typtype <> 'p' and r.typtype <> 'p'
order by p.oid
limit 1
