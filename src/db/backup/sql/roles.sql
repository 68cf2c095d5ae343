-- Roles but the owners that have grants on what is in the schemas $1, or are in their row rules.
with relations as (
    select c.oid, c.relowner as owner, c.relacl as acl
    from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where n.nspname = any ($1)
),
grants as (
    select owner, acl from relations
    union all
    select r.owner, a.attacl from relations r join pg_catalog.pg_attribute a on a.attrelid = r.oid
    union all
    select n.nspowner, n.nspacl from pg_catalog.pg_namespace n where n.nspname = any ($1)
    union all
    select p.proowner, p.proacl
    from pg_catalog.pg_proc p join pg_catalog.pg_namespace n on n.oid = p.pronamespace where n.nspname = any ($1)
    union all
    select t.typowner, t.typacl
    from pg_catalog.pg_type t join pg_catalog.pg_namespace n on n.oid = t.typnamespace where n.nspname = any ($1)
    union all
    select d.defaclrole, d.defaclacl
    from pg_catalog.pg_default_acl d join pg_catalog.pg_namespace n on n.oid = d.defaclnamespace
    where n.nspname = any ($1)
),
named as (
    select e.grantee as role from grants g, pg_catalog.aclexplode(g.acl) e where e.grantee <> g.owner
    union
    select unnest(p.polroles) from pg_catalog.pg_policy p join relations r on r.oid = p.polrelid
)
select r.rolname::text
from named join pg_catalog.pg_roles r on r.oid = named.role
where r.rolname !~ '^pg_'
order by r.rolname collate "C"
