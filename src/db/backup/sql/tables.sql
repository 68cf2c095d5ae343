-- Tables of the schemas $1 with what their rows are compared by: the columns that are stored as they were given, a hash of row
-- security, and who may do what but the owner, since another may own what is restored.
select
    n.nspname::text,
    c.relname::text,
    pg_catalog.format('%I.%I', n.nspname, c.relname),
    coalesce((
        select pg_catalog.string_agg(pg_catalog.format('t.%I', a.attname), ', ' order by a.attnum)
        from pg_catalog.pg_attribute a
        where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
    ), ''),
    pg_catalog.md5(pg_catalog.concat_ws(
        E'\n',
        c.relrowsecurity,
        c.relforcerowsecurity,
        (
            select pg_catalog.string_agg(
                pg_catalog.format(
                    '%s %s %s %s', p.polname, p.polcmd, p.polpermissive,
                    (
                        select pg_catalog.string_agg(coalesce(r.rolname, 'public'), ',' order by r.rolname)
                        from pg_catalog.unnest(p.polroles) as role
                        left join pg_catalog.pg_roles r on r.oid = role
                    )
                ),
                E'\n' order by p.polname
            )
            from pg_catalog.pg_policy p
            where p.polrelid = c.oid
        )
    )),
    pg_catalog.pg_get_userbyid(c.relowner)::text,
    grants.roles,
    grants.privileges
from pg_catalog.pg_class c
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
cross join lateral (
    select
        coalesce(pg_catalog.array_agg(x.role order by x.role, x.privilege), '{}') as roles,
        coalesce(pg_catalog.array_agg(x.privilege order by x.role, x.privilege), '{}') as privileges
    from (
        select distinct
            coalesce(r.rolname, 'public')::text collate "C" as role,
            e.privilege_type || g.columns || case when e.is_grantable then '*' else '' end collate "C" as privilege
        from (
            select '' as columns, c.relacl as acl
            union all
            select pg_catalog.format('(%I)', a.attname), a.attacl
            from pg_catalog.pg_attribute a
            where a.attrelid = c.oid and not a.attisdropped
        ) g
        cross join lateral pg_catalog.aclexplode(g.acl) e
        left join pg_catalog.pg_roles r on r.oid = e.grantee
        where e.grantee <> c.relowner
    ) x
) grants
where c.relkind in ('r', 'p')
    and n.nspname = any ($1)
    and not exists (
        select from pg_catalog.pg_depend d
        where d.classid = 'pg_catalog.pg_class'::regclass and d.objid = c.oid and d.deptype = 'e'
    )
order by n.nspname, c.relname
