-- What schemas are made of, a row for each thing: kind, name, what it is part of, how it is, and the SQL that makes it,
-- makes it so where it is otherwise, and takes it away. Data would go with tables and columns: those are left to people.
-- $1 are the schemas. Ledgers of migrations, what belongs to an extension, owners and comments are not looked at. What its
-- owner may do is no grant.
with relation as (
    select c.*, c.oid::regclass::text as name
    from pg_catalog.pg_class c
    where c.relnamespace::regnamespace::text = any ($1) and c.relname not like '\_sqlx\_migrations%'
        and not exists (select from pg_catalog.pg_depend d
            where d.classid = 'pg_catalog.pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
),
-- Functions of `auth` that a platform may bring are not ours.
routine as (
    select p.*, p.oid::regprocedure::text as name, case p.prokind when 'p' then 'procedure' else 'function' end as kind
    from pg_catalog.pg_proc p
    where p.pronamespace::regnamespace::text = any ($1) and p.prokind in ('f', 'p', 'w')
        and p.oid::regprocedure::text not in ('auth.uid()', 'auth.role()')
        and not exists (select from pg_catalog.pg_depend d
            where d.classid = 'pg_catalog.pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e')
),
column_of as (
    select r.name as relation, format('%s.%I', r.name, a.attname) as name, quote_ident(a.attname) as column,
        a.attnotnull, format_type(a.atttypid, a.atttypmod) as type, a.attgenerated, a.attidentity,
        pg_get_expr(d.adbin, d.adrelid) as expression
    from relation r
    join pg_catalog.pg_attribute a on a.attrelid = r.oid and a.attnum > 0 and not a.attisdropped
    left join pg_catalog.pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
    where r.relkind in ('r', 'p', 'f')
),
granted as (
    select case r.relkind when 'S' then 'sequence ' else '' end || r.name as object, r.name as part_of, a.grantee,
        a.privilege_type, a.is_grantable, null::text as columns
    from relation r, aclexplode(r.relacl) a
    where a.grantee <> r.relowner
    union all
    select r.name, r.name, a.grantee, a.privilege_type, a.is_grantable,
        string_agg(quote_ident(c.attname), ', ' order by c.attnum)
    from relation r
    join pg_catalog.pg_attribute c on c.attrelid = r.oid and c.attnum > 0 and not c.attisdropped, aclexplode(c.attacl) a
    where a.grantee <> r.relowner
    group by r.name, a.grantee, a.privilege_type, a.is_grantable
    union all
    select r.kind || ' ' || r.name, r.name, a.grantee, a.privilege_type, a.is_grantable, null
    from routine r, aclexplode(coalesce(r.proacl, acldefault('f', r.proowner))) a
    where a.grantee <> r.proowner
    union all
    select format('schema %I', n.nspname), null, a.grantee, a.privilege_type, a.is_grantable, null
    from pg_catalog.pg_namespace n, aclexplode(n.nspacl) a
    where n.nspname = any ($1) and a.grantee <> n.nspowner
)
select 'schema' as kind, quote_ident(nspname) as name, null as part_of, '' as definition,
    format('create schema %I', nspname) as create, null as replace, null as remove
from pg_catalog.pg_namespace
where nspname = any ($1)
union all
select case when relkind in ('r', 'p') then 'table' when relkind = 'S' then 'sequence' else 'foreign table' end, name, null,
    concat_ws(', ', case relkind when 'p' then 'partitioned' end, case relpersistence when 'u' then 'unlogged' end,
        case when relrowsecurity then 'row security' end, case when relforcerowsecurity then 'forced' end),
    null,
    case when relrowsecurity and relforcerowsecurity
        then format('alter table %s enable row level security, force row level security', name) end,
    null
from relation
where relkind in ('r', 'p', 'S', 'f')
union all
select 'view', name, null,
    concat_ws(' ', case relkind when 'm' then 'materialized' end, array_to_string(reloptions, ', '), pg_get_viewdef(oid)),
    format('create %sview %s as %s', case relkind when 'm' then 'materialized ' else '' end, name, pg_get_viewdef(oid)), null,
    format('drop %sview %s', case relkind when 'm' then 'materialized ' else '' end, name)
from relation
where relkind in ('v', 'm')
union all
select 'column', name, relation,
    concat_ws(' ', type, case attidentity when 'a' then 'identity always' when 'd' then 'identity' end,
        case when attgenerated <> '' then 'generated: ' || expression end),
    case when attgenerated = '' and attidentity = '' then format('alter table %s add column %s %s', relation, "column", type) end,
    case when attgenerated = '' and attidentity = ''
        then format('alter table %s alter column %s type %s', relation, "column", type) end,
    null
from column_of
union all
select 'default', name, name, expression,
    format('alter table %s alter column %s set default %s', relation, "column", expression),
    format('alter table %s alter column %s set default %s', relation, "column", expression),
    format('alter table %s alter column %s drop default', relation, "column")
from column_of
where attgenerated = '' and expression is not null
union all
select 'not null', name, name, '', format('alter table %s alter column %s set not null', relation, "column"), null,
    format('alter table %s alter column %s drop not null', relation, "column")
from column_of
where attnotnull
union all
select 'constraint', format('%I on %s', c.conname, r.name), r.name, pg_get_constraintdef(c.oid),
    format('alter table %s add constraint %I %s', r.name, c.conname, pg_get_constraintdef(c.oid)),
    format('alter table %s drop constraint %I, add constraint %2$I %s', r.name, c.conname, pg_get_constraintdef(c.oid)),
    format('alter table %s drop constraint %I', r.name, c.conname)
from relation r
join pg_catalog.pg_constraint c on c.conrelid = r.oid
-- NOT NULL is a constraint as of PostgreSQL 18.
where c.contype in ('c', 'f', 'p', 'u', 'x')
union all
select 'index', i.indexrelid::regclass::text, r.name, pg_get_indexdef(i.indexrelid), pg_get_indexdef(i.indexrelid),
    format('drop index %s; %s', i.indexrelid::regclass, pg_get_indexdef(i.indexrelid)),
    format('drop index %s', i.indexrelid::regclass)
from relation r
join pg_catalog.pg_index i on i.indrelid = r.oid
where not exists (select from pg_catalog.pg_constraint c where c.conindid = i.indexrelid and c.contype in ('p', 'u', 'x'))
union all
select 'policy', name, relation, definition, format('create policy %s %s', name, definition),
    format('drop policy %s; create policy %1$s %s', name, definition), format('drop policy %s', name)
from (
    select format('%I on %s', p.polname, r.name) as name, r.name as relation,
        concat_ws(' ',
            'as ' || case when p.polpermissive then 'permissive' else 'restrictive' end,
            'for ' || case p.polcmd when 'r' then 'select' when 'a' then 'insert' when 'w' then 'update' when 'd' then 'delete'
                else 'all' end,
            'to ' || (
                select string_agg(case role when 0 then 'public' else quote_ident(pg_get_userbyid(role)) end, ', '
                    order by pg_get_userbyid(role))
                from unnest(p.polroles) role
            ),
            'using (' || pg_get_expr(p.polqual, p.polrelid) || ')',
            'with check (' || pg_get_expr(p.polwithcheck, p.polrelid) || ')'
        ) as definition
    from relation r
    join pg_catalog.pg_policy p on p.polrelid = r.oid
) policy
union all
select 'trigger', format('%I on %s', t.tgname, r.name), r.name, pg_get_triggerdef(t.oid), pg_get_triggerdef(t.oid),
    format('drop trigger %I on %s; %s', t.tgname, r.name, pg_get_triggerdef(t.oid)),
    format('drop trigger %I on %s', t.tgname, r.name)
from relation r
join pg_catalog.pg_trigger t on t.tgrelid = r.oid
where not t.tgisinternal
union all
select 'rule', format('%I on %s', w.rulename, r.name), r.name, rtrim(pg_get_ruledef(w.oid), ';'), rtrim(pg_get_ruledef(w.oid), ';'),
    format('drop rule %I on %s; %s', w.rulename, r.name, rtrim(pg_get_ruledef(w.oid), ';')),
    format('drop rule %I on %s', w.rulename, r.name)
from relation r
join pg_catalog.pg_rewrite w on w.ev_class = r.oid
where w.rulename <> '_RETURN'
union all
select kind, name, null, pg_get_functiondef(oid), pg_get_functiondef(oid), pg_get_functiondef(oid),
    format('drop %s %s', kind, name)
from routine
union all
select 'type', t.oid::regtype::text, null,
    case t.typtype
        when 'e' then (select string_agg(quote_literal(e.enumlabel), ', ' order by e.enumsortorder)
            from pg_catalog.pg_enum e where e.enumtypid = t.oid)
        else concat_ws(' ', format_type(t.typbasetype, t.typtypmod), case when t.typnotnull then 'not null' end,
            'default ' || t.typdefault)
    end,
    null, null, null
from pg_catalog.pg_type t
where t.typnamespace::regnamespace::text = any ($1) and t.typtype in ('e', 'd')
    and not exists (select from pg_catalog.pg_depend d
        where d.classid = 'pg_catalog.pg_type'::regclass and d.objid = t.oid and d.deptype = 'e')
union all
select 'constraint', format('%I on %s', c.conname, t.oid::regtype), t.oid::regtype::text, pg_get_constraintdef(c.oid),
    format('alter domain %s add constraint %I %s', t.oid::regtype, c.conname, pg_get_constraintdef(c.oid)),
    format('alter domain %s drop constraint %I; alter domain %1$s add constraint %2$I %s', t.oid::regtype, c.conname,
        pg_get_constraintdef(c.oid)),
    format('alter domain %s drop constraint %I', t.oid::regtype, c.conname)
from pg_catalog.pg_type t
join pg_catalog.pg_constraint c on c.contypid = t.oid
where t.typnamespace::regnamespace::text = any ($1) and c.contype = 'c'
    and not exists (select from pg_catalog.pg_depend d
        where d.classid = 'pg_catalog.pg_type'::regclass and d.objid = t.oid and d.deptype = 'e')
union all
select 'grant',
    format('%s%s on %s to %s', privilege_type, case when columns is null then '' else ' of columns' end, object, grantee),
    part_of, concat_ws(' ', columns, case when is_grantable then 'with grant option' end),
    format('grant %s on %s to %s%s', what, object, grantee, case when is_grantable then ' with grant option' else '' end),
    format('revoke %1$s on %2$s from %3$s; grant %4$s on %2$s to %3$s%5$s', privilege_type, object, grantee, what,
        case when is_grantable then ' with grant option' else '' end),
    format('revoke %s on %s from %s', what, object, grantee)
from (
    select object, part_of, privilege_type, is_grantable, columns, privilege_type || coalesce(' (' || columns || ')', '') as what,
        case grantee when 0 then 'public' else quote_ident(pg_get_userbyid(grantee)) end as grantee
    from granted
) g
