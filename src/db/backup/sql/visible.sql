-- Tables of the schemas $1: whether row security holds for the current role, and whether that role gets to see every row. Where
-- row security holds, that takes a permissive rule of all rows, and no restrictive one.
with tables as (
    select
        c.oid,
        pg_catalog.format('%I.%I', n.nspname, c.relname) as name,
        pg_catalog.row_security_active(c.oid) as is_bound,
        pg_catalog.has_schema_privilege(n.oid, 'USAGE') and pg_catalog.has_table_privilege(c.oid, 'SELECT') as is_readable
    from pg_catalog.pg_class c
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p') and n.nspname = any ($1)
),
rules as (
    select p.polrelid, p.polpermissive, pg_catalog.pg_get_expr(p.polqual, p.polrelid) = 'true' as is_of_all
    from pg_catalog.pg_policy p
    where p.polcmd in ('r', '*')
        and exists (
            select from pg_catalog.unnest(p.polroles) as role
            where role = 0 or pg_catalog.pg_has_role(current_user, role, 'USAGE')
        )
)
select
    t.name,
    t.is_bound,
    t.is_readable
        and (
            not t.is_bound
            or (
                exists (select from rules r where r.polrelid = t.oid and r.polpermissive and r.is_of_all)
                and not exists (
                    select from rules r where r.polrelid = t.oid and not r.polpermissive and not coalesce(r.is_of_all, false)
                )
            )
        )
from tables t
order by t.name
