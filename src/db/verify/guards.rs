//! Checks of what keeps callers to their rows, and what keeps that fast: SQL alone.
//!
//! `$1` are the schemas looked at, `$2` is the role of callers without a token, if any. A check gives rows of object, why and
//! mend. Callers are that role, the roles that `authenticator` may take, and those granted to another login role, which may be
//! the service's as well: but for one that migrates or verifies, and for roles that own tables. Those whose name ends in
//! `_operator` are taken by the service's own operations and by no token.

/// The roles that a request may run as, with `authenticator` itself.
macro_rules! callers {
    () => {
        "login as (
            select a.oid, a.rolname = 'authenticator' as is_ours
            from pg_catalog.pg_roles a
            where a.rolname = 'authenticator' or (
                a.rolcanlogin and not a.rolsuper and a.rolname <> current_user and not exists (
                    select from pg_catalog.pg_roles o
                    where o.rolname = 'tekup_owner' and pg_catalog.pg_has_role(a.oid, o.oid, 'member')
                )
            )
        ),
        owner as (
            select distinct t.relowner as oid
            from pg_catalog.pg_class t
            where t.relnamespace in (select oid from pg_catalog.pg_namespace where nspname = any ($1))
        ),
        caller as (
            select r.oid, r.rolname, r.rolname like '%\\_operator' as is_operator
            from pg_catalog.pg_roles r
            where r.rolname = $2 or exists (
                select from login a
                where pg_catalog.pg_has_role(a.oid, r.oid, 'member') and (
                    a.is_ours
                    or not r.rolcanlogin and r.rolname !~ '^pg_' and r.oid not in (select oid from owner)
                )
            )
        )"
    };
}

/// Without `authenticator`, callers are guessed.
pub(super) const LOGIN_ROLE: &str = "
select 'role authenticator',
    'it is not there: callers are taken for the role of those without a token and for the roles granted to other login roles, '
        'and the guard rails look at no others',
    null::text
where not exists (select from pg_catalog.pg_roles where rolname = 'authenticator')";

/// Tables that some caller has any right on. Without FORCE, whoever owns a table is not bound by its policies.
pub(super) const ROW_SECURITY: &str = concat!(
    "with ",
    callers!(),
    "
select t.oid::regclass::text,
    case when t.relrowsecurity
        then 'row security is not forced: the owner, and every function that runs as the owner, sees all rows'
        else 'row security is off: every role with a grant sees all rows, of every organisation'
    end,
    format('alter table %s enable row level security, force row level security', t.oid::regclass)
from pg_catalog.pg_class t
where t.relkind in ('r', 'p') and t.relnamespace in (select oid from pg_catalog.pg_namespace where nspname = any ($1))
    and not (t.relrowsecurity and t.relforcerowsecurity)
    and (
        exists (select from caller c where has_any_column_privilege(c.oid, t.oid, 'select, insert, update'))
        or exists (select from caller c where has_table_privilege(c.oid, t.oid, 'delete, truncate'))
    )
order by 1"
);

/// Roles that row security does not bind.
pub(super) const BYPASS_ROLES: &str = concat!(
    "with ",
    callers!(),
    "
select format('role %I', r.rolname),
    format('requests can run as it, and it %s: no row security binds it',
        case when r.rolsuper then 'is a superuser' else 'has BYPASSRLS' end),
    format('alter role %I nosuperuser nobypassrls', r.rolname)
from caller c
join pg_catalog.pg_roles r on r.oid = c.oid
where r.rolsuper or r.rolbypassrls
order by 1"
);

/// Views that look at their tables with their owner's eyes.
pub(super) const VIEW_SECURITY: &str = concat!(
    "with ",
    callers!(),
    "
select v.oid::regclass::text,
    case v.relkind
        when 'v' then 'the view runs with the rights and row rules of its owner: whoever reads it sees all rows'
        else 'a materialised view has no row rules: whoever reads it sees all rows'
    end,
    case v.relkind
        when 'v' then format('alter view %s set (security_invoker = true)', v.oid::regclass)
        else (select format('revoke all on %s from %s', v.oid::regclass, string_agg(format('%I', c.rolname), ', ')) from caller c)
    end
from pg_catalog.pg_class v
where v.relkind in ('v', 'm') and v.relnamespace in (select oid from pg_catalog.pg_namespace where nspname = any ($1))
    and not coalesce((
        select option_value::boolean from pg_options_to_table(v.reloptions) where option_name = 'security_invoker'), false)
    and exists (select from caller c where has_any_column_privilege(c.oid, v.oid, 'select, insert, update'))
order by 1"
);

/// Functions that everybody may call. `auth` and `tekup` are ours as well, though not exposed.
pub(super) const PUBLIC_FUNCTIONS: &str = "
select format('function %s', p.oid::regprocedure),
    'everybody may execute it, callers without a token too',
    format('revoke execute on %s %s from public', case p.prokind when 'p' then 'procedure' else 'function' end,
        p.oid::regprocedure)
from pg_catalog.pg_proc p
where p.pronamespace in (select oid from pg_catalog.pg_namespace where nspname = any ($1 || array['auth', 'tekup']))
    and exists (
        select from aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
        where a.grantee = 0 and a.privilege_type = 'EXECUTE'
    )
    and not exists (select from pg_catalog.pg_depend d
        where d.classid = 'pg_catalog.pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e')
order by 1";

/// Functions that run as their owner and find names as their caller says. Where a path does not name `pg_temp`, temporary tables
/// come first: only one without any schema, or one that ends with it, leaves nothing to the caller.
pub(super) const DEFINER_FUNCTIONS: &str = r#"
select format('function %s', p.oid::regprocedure),
    case when path is null
        then 'it runs with the rights of its owner and the search_path of its caller, who can put other functions and tables in '
            'the place of those that it means'
        else 'it runs with the rights of its owner, and its search_path does not end with pg_temp: its caller''s temporary '
            'tables take the place of those that it means'
    end,
    format('alter routine %s set search_path = %s', p.oid::regprocedure, case
        when path is null then format('pg_catalog, %I, pg_temp', n.nspname)
        else regexp_replace(path, '\mpg_temp, *|, *pg_temp$', '', 'g') || ', pg_temp'
    end)
from pg_catalog.pg_proc p
join pg_catalog.pg_namespace n on n.oid = p.pronamespace
left join lateral (
    select substr(setting, length('search_path=') + 1) as path
    from unnest(p.proconfig) setting where setting like 'search\_path=%'
) configured on true
where p.prosecdef and n.nspname = any ($1 || array['auth', 'tekup'])
    and (path is null or path not in ('', '""') and (path !~ '\mpg_temp$' or path ~ '\mpg_temp,'))
order by 1"#;

/// Columns that hold secrets, by their name or by a comment that says they are never returned.
pub(super) const SENSITIVE_COLUMNS: &str = concat!(
    "with ",
    callers!(),
    ",
sensitive as (
    select t.oid as relation, a.attnum, a.attname
    from pg_catalog.pg_class t
    join pg_catalog.pg_attribute a on a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped
    where t.relkind in ('r', 'p', 'v', 'm', 'f')
        and t.relnamespace in (select oid from pg_catalog.pg_namespace where nspname = any ($1))
        and (
            a.attname ~ '(^|_)(password|passwd|secret|token|api_key|private_key|credentials?)$|_hash$'
            or col_description(t.oid, a.attnum) ~* 'never returned'
        )
        and a.atttypid = any (array['text', 'varchar', 'bpchar', 'bytea', 'json', 'jsonb']::regtype[])
),
readable as (
    select s.relation, s.attname, c.rolname, has_table_privilege(c.oid, s.relation, 'select') as is_whole,
        (
            -- The mend of one secret must not give another one back.
            select string_agg(format('%I', o.attname), ', ' order by o.attnum)
            from pg_catalog.pg_attribute o
            where o.attrelid = s.relation and o.attnum > 0 and not o.attisdropped
                and not exists (select from sensitive x where x.relation = o.attrelid and x.attnum = o.attnum)
        ) as others
    from sensitive s
    join caller c on not c.is_operator and has_column_privilege(c.oid, s.relation, s.attnum, 'select')
)
select format('%s.%I', relation::regclass, attname),
    format('%s may read it, and it holds a secret', rolname),
    case when is_whole
        then format('revoke select on %s from %I', relation::regclass, rolname)
            || coalesce(case when others is not null then format('; grant select (%s) on %s to %I', others, relation::regclass, rolname) end, '')
        else format('revoke select (%I) on %s from %I', attname, relation::regclass, rolname)
    end
from readable
order by 1, 2"
);

/// Permissive policies that compare a column which no index starts with: each read scans the table.
pub(super) const POLICY_INDEXES: &str = "
select distinct format('%s.%I', a.attrelid::regclass, a.attname),
    'row rules of the table compare it, and no index starts with it: every read of a caller looks at every row',
    format('create index concurrently on %s (%I)', a.attrelid::regclass, a.attname)
from pg_catalog.pg_policy p
join pg_catalog.pg_class t on t.oid = p.polrelid
join pg_catalog.pg_depend d on d.classid = 'pg_catalog.pg_policy'::regclass and d.objid = p.oid
    and d.refclassid = 'pg_catalog.pg_class'::regclass and d.refobjid = p.polrelid and d.refobjsubid > 0
join pg_catalog.pg_attribute a on a.attrelid = p.polrelid and a.attnum = d.refobjsubid
where p.polpermissive and p.polcmd <> 'a'
    and t.relnamespace in (select oid from pg_catalog.pg_namespace where nspname = any ($1))
    and not exists (
        select from pg_catalog.pg_index i
        where i.indrelid = p.polrelid and i.indkey[0] = a.attnum and i.indpred is null and i.indisvalid
    )
order by 1";

/// Foreign keys that no index of their table starts with. One that leaves nulls out will do.
pub(super) const FOREIGN_KEY_INDEXES: &str = "
select format('%s (%s)', c.conrelid::regclass, k.columns),
    format('no index starts with the columns of %s: a change of what it refers to looks at every row', c.conname),
    format('create index concurrently on %s (%s)', c.conrelid::regclass, k.columns)
from pg_catalog.pg_constraint c
cross join lateral (
    select string_agg(format('%I', a.attname), ', ' order by u.place) as columns, min(a.attname::text) as first
    from unnest(c.conkey) with ordinality as u (attnum, place)
    join pg_catalog.pg_attribute a on a.attrelid = c.conrelid and a.attnum = u.attnum
) k
where c.contype = 'f' and c.connamespace in (select oid from pg_catalog.pg_namespace where nspname = any ($1))
    and not exists (
        select from pg_catalog.pg_index i
        where i.indrelid = c.conrelid and i.indisvalid
            and (i.indkey::int2[])[0:cardinality(c.conkey) - 1] @> c.conkey
            and (i.indpred is null or pg_get_expr(i.indpred, i.indrelid) = format('(%I IS NOT NULL)', k.first))
    )
order by 1";

/// Indexes that nothing has used, where `$2` days or more are counted, and the table is read. Those that foreign keys and row
/// rules ask for stay, used or not.
pub(super) const UNUSED_INDEXES: &str = "
select i.indexrelid::regclass::text,
    format('no query has used this index of %s since it was made, or in the %s days that are counted; it takes %s and slows every write',
        i.indrelid::regclass, extract(day from now() - counted.since), pg_size_pretty(pg_relation_size(i.indexrelid))),
    format('drop index concurrently %s', i.indexrelid::regclass)
from pg_catalog.pg_index i
join pg_catalog.pg_class c on c.oid = i.indexrelid
join pg_catalog.pg_stat_user_indexes u on u.indexrelid = i.indexrelid
join pg_catalog.pg_stat_user_tables t on t.relid = i.indrelid
cross join (
    -- Never set back, statistics are at least as old as the server's start.
    select coalesce(stats_reset, pg_postmaster_start_time()) as since
    from pg_catalog.pg_stat_database where datname = current_database()
) counted
where c.relnamespace in (select oid from pg_catalog.pg_namespace where nspname = any ($1))
    and counted.since <= now() - make_interval(days => $2)
    and u.idx_scan = 0 and coalesce(t.seq_scan, 0) + coalesce(t.idx_scan, 0) > 0
    and not i.indisunique and not i.indisprimary
    and not exists (select from pg_catalog.pg_constraint k
        where k.conindid = i.indexrelid
            or k.contype = 'f' and k.conrelid = i.indrelid and i.indkey[0] = any (k.conkey))
    and not exists (select from pg_catalog.pg_depend d
        where d.classid = 'pg_catalog.pg_policy'::regclass and d.refclassid = 'pg_catalog.pg_class'::regclass
            and d.refobjid = i.indrelid and d.refobjsubid > 0 and d.refobjsubid = i.indkey[0])
order by pg_relation_size(i.indexrelid) desc, 1";
