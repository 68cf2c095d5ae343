-- The whole catalog as one JSON document, on PostgreSQL 14 to 18 and with no rights but to connect.
--
-- $1 text[]  exposed schemas, in order
-- $2 text[]  schemas of the extra search path: views there are looked through, not served
-- $3 text[]  names of the function settings to hoist
--
-- To be run with an empty search_path, so that names come out qualified wherever they are not pg_catalog's, and without
-- just-in-time compilation, which takes seconds for a statement of this size.
-- Which facts count, and how, is PostgREST's doing (SchemaCache.hs).
with recursive
exposed as materialized (
    select n.oid, n.nspname, n.nspowner, n.nspacl, s.place
    from pg_catalog.unnest($1::text[]) with ordinality as s (name, place)
    join pg_catalog.pg_namespace n on n.nspname = s.name
),

-- Domains down to what they are over.
domains (oid, base) as (
    select t.oid, t.typbasetype from pg_catalog.pg_type t where t.typtype = 'd'
    union all
    select d.oid, t.typbasetype
    from domains d join pg_catalog.pg_type t on t.oid = d.base
    where t.typtype = 'd'
),
bases as materialized (
    select t.oid, coalesce(d.base, t.oid) as base
    from pg_catalog.pg_type t
    left join (
        select d.oid, d.base from domains d join pg_catalog.pg_type b on b.oid = d.base where b.typtype <> 'd'
    ) d on d.oid = t.oid
),
-- -1 as modifier, because `bit` and `character` without one mean a length of 1. OIDs from 10000 on are given out anew
-- in each database, so they say nothing.
types as materialized (
    select t.oid, b.oid as base, b.typtype as kind,
        json_strip_nulls(json_build_object(
            'name', format_type(t.oid, -1),
            'base', format_type(b.oid, null),
            'oid', case when b.oid < 10000 then b.oid::int8 else 0 end,
            'kind', b.typtype,
            'labels', labels.list,
            'element', case when element.base < 10000 then element.base::int8 end
        )) as doc
    from pg_catalog.pg_type t
    join bases on bases.oid = t.oid
    join pg_catalog.pg_type b on b.oid = bases.base
    left join bases element on element.oid = b.typelem and b.typcategory = 'A'
    left join (
        select e.enumtypid, json_agg(e.enumlabel order by e.enumsortorder) as list
        from pg_catalog.pg_enum e group by e.enumtypid
    ) labels on labels.enumtypid = b.oid
),

-- Relations whose rows cannot change without code of the database's own (triggers, rules) running: their own, or that
-- of what a change spreads to: the base of a view, a partition, what a foreign key cascades to.
spreads as (
    select k.confrelid as origin, k.conrelid as onto
    from pg_catalog.pg_constraint k
    where k.contype = 'f' and (k.confdeltype in ('c', 'n', 'd') or k.confupdtype in ('c', 'n', 'd'))
    union
    select i.inhparent, i.inhrelid from pg_catalog.pg_inherits i
    union
    select r.ev_class, d.refobjid
    from pg_catalog.pg_rewrite r
    join pg_catalog.pg_depend d on d.classid = 'pg_catalog.pg_rewrite'::regclass and d.objid = r.oid
        and d.refclassid = 'pg_catalog.pg_class'::regclass
    where r.ev_type = '1' and r.ev_class >= 16384
),
triggered (oid) as (
    select t.tgrelid from pg_catalog.pg_trigger t where not t.tgisinternal and t.tgenabled <> 'D'
    union
    select r.ev_class from pg_catalog.pg_rewrite r where r.ev_type <> '1' and r.ev_class >= 16384
    union
    select s.origin from triggered t join spreads s on s.onto = t.oid
),

relations as materialized (
    select c.oid, e.nspname, c.relname, c.relkind, c.relowner, c.relacl, c.reltype,
        case
            when c.relkind in ('r', 'p') then 28
            when c.relkind in ('v', 'f') then pg_relation_is_updatable(c.oid, true)
            else 0
        end as changes
    from pg_catalog.pg_class c
    join exposed e on e.oid = c.relnamespace
    where c.relkind in ('r', 'p', 'v', 'm', 'f') and not c.relispartition
        -- The ledger of a schema's migrations, which the service itself keeps there.
        and c.relname <> '_sqlx_migrations'
),
-- Enums, and composite types that are no relation's.
named_types as materialized (
    select t.oid, t.typtype, t.typrelid, e.nspname, t.typname, obj_description(t.oid, 'pg_type') as comment
    from pg_catalog.pg_type t
    join exposed e on e.oid = t.typnamespace
    left join pg_catalog.pg_class c on c.oid = t.typrelid
    where t.typtype = 'e' or t.typtype = 'c' and c.relkind = 'c'
),
-- Columns of the relations, of the composite types, and of those that functions return.
columns as (
    select a.attrelid,
        json_agg(json_build_object(
            'name', a.attname,
            'comment', d.description,
            'nullable', not (a.attnotnull or t.typtype = 'd' and t.typnotnull),
            'type', types.doc,
            'max_length', case
                when m.modifier < 0 then null
                when types.base in (1042, 1043) then m.modifier - 4
                when types.base in (1560, 1562) then m.modifier
            end,
            'default', case
                when a.attgenerated <> '' then null
                when a.attidentity = 'd' then (
                    select format('nextval(%L)', s.objid::regclass)
                    from pg_catalog.pg_depend s
                    where s.refclassid = 'pg_catalog.pg_class'::regclass and s.refobjid = a.attrelid
                        and s.refobjsubid = a.attnum and s.classid = 'pg_catalog.pg_class'::regclass
                        and s.deptype = 'i'
                )
                when f.adbin is not null then pg_get_expr(f.adbin, f.adrelid)
                when t.typtype = 'd' then pg_get_expr(t.typdefaultbin, 0)
            end,
            'generated', a.attgenerated <> '' or a.attidentity = 'a',
            'grants', case when a.attacl is not null then (
                select json_agg(json_build_array(
                    case when g.grantee <> 0 then pg_get_userbyid(g.grantee) end, g.privilege_type))
                from aclexplode(a.attacl) g
                where g.privilege_type in ('SELECT', 'INSERT', 'UPDATE')
            ) end
        ) order by a.attnum) as list
    from pg_catalog.pg_attribute a
    join pg_catalog.pg_type t on t.oid = a.atttypid
    join types on types.oid = a.atttypid
    cross join lateral (
        select case when t.typtype = 'd' then t.typtypmod else a.atttypmod end as modifier
    ) m
    left join pg_catalog.pg_attrdef f on f.adrelid = a.attrelid and f.adnum = a.attnum
    left join pg_catalog.pg_description d on d.objoid = a.attrelid and d.objsubid = a.attnum
        and d.classoid = 'pg_catalog.pg_class'::regclass
    where a.attnum > 0 and not a.attisdropped and a.attrelid in (
        select oid from relations
        union all
        select n.typrelid from named_types n
        union all
        select t.typrelid
        from pg_catalog.pg_proc p
        join exposed e on e.oid = p.pronamespace
        join bases b on b.oid = p.prorettype
        join pg_catalog.pg_type t on t.oid = b.base and t.typtype = 'c'
    )
    group by a.attrelid
),

-- Columns that tell the rows of a table apart, as far as none of them is null. Not of one that others inherit from: its
-- rows are theirs too, which its index knows nothing of.
unique_keys as (
    select i.indrelid, json_agg(k.columns order by k.columns::text) as list
    from pg_catalog.pg_index i
    join relations r on r.oid = i.indrelid
    join pg_catalog.pg_class c on c.oid = r.oid
    cross join lateral (
        select json_agg(a.attname order by a.attname) as columns,
            -- Equal in the index and equal in a filter are the same.
            bool_and(u.collated = a.attcollation and o.opcdefault) as are_plain
        from unnest(i.indkey::int2[], i.indcollation::oid[], i.indclass::oid[]) with ordinality
            as u (attnum, collated, class, place)
        join pg_catalog.pg_attribute a on a.attrelid = i.indrelid and a.attnum = u.attnum
        join pg_catalog.pg_opclass o on o.oid = u.class
        where u.place <= i.indnkeyatts
    ) k
    where k.are_plain and i.indisunique and i.indisvalid and i.indpred is null and i.indexprs is null
        and (c.relkind = 'p' or not c.relhassubclass)
    group by i.indrelid
),

-- Functions. Defaults are those of the last arguments that come in.
arguments as (
    select p.oid, a.place, a.name, a.type, a.mode, t.doc, d.comes_in, d.goes_out,
        row_number() over (partition by p.oid, d.comes_in order by a.place)
            <= p.pronargs - p.pronargdefaults as required,
        row_number() over (partition by p.oid, d.goes_out order by a.place) as output
    from pg_catalog.pg_proc p
    join exposed e on e.oid = p.pronamespace
    cross join lateral unnest(coalesce(p.proallargtypes, p.proargtypes::oid[]), p.proargnames, p.proargmodes)
        with ordinality as a (type, name, mode, place)
    cross join lateral (
        select coalesce(a.mode in ('i', 'b', 'v'), true) as comes_in, coalesce(a.mode in ('o', 'b', 't'), false) as goes_out
    ) d
    join types t on t.oid = a.type
    where p.prokind = 'f'
),
parameters as (
    select a.oid,
        json_agg(json_build_object(
            'name', coalesce(a.name, ''),
            'type', a.doc,
            'full_type', case a.type
                when 'bit'::regtype then 'bit varying'
                when 'bit[]'::regtype then 'bit varying[]'
                when 'character'::regtype then 'character varying'
                when 'character[]'::regtype then 'character varying[]'
                else format_type(a.type, null)
            end,
            'required', a.required,
            'variadic', coalesce(a.mode = 'v', false)
        ) order by a.place) filter (where a.comes_in) as list,
        json_agg(json_build_object(
            'name', coalesce(nullif(a.name, ''), 'column' || a.output),
            'nullable', true,
            'type', a.doc,
            'generated', false
        ) order by a.place) filter (where a.goes_out) as returned,
        count(*) filter (where a.comes_in and a.name is null) as unnamed,
        (array_agg(a.type order by a.place) filter (where a.comes_in))[1] as first
    from arguments a
    group by a.oid
),
routines as (
    select json_agg(json_build_object(
        'schema', e.nspname,
        'name', p.proname,
        'comment', d.description,
        'parameters', coalesce(a.list, '[]'),
        'returns', json_build_object(
            'schema', n.nspname,
            'name', coalesce(c.relname, t.typname),
            'type', result.doc,
            'set', p.proretset,
            'composite', t.typtype = 'c' or a.returned is not null,
            'composite_alias', result.oid <> result.base,
            'columns', coalesce(a.returned, columns.list)
        ),
        'volatility', p.provolatile,
        'variadic', p.provariadic <> 0,
        'isolation', (
            select split_part(s, '=', 2) from unnest(p.proconfig) s
            where split_part(s, '=', 1) = 'default_transaction_isolation'
        ),
        'settings', (
            select json_agg(json_build_array(split_part(s, '=', 1), substr(s, strpos(s, '=') + 1)))
            from unnest(p.proconfig) s
            where split_part(s, '=', 1) = any ($3::text[])
        ),
        'owner', pg_get_userbyid(p.proowner),
        'grants', (
            select json_agg(json_build_array(
                case when g.grantee <> 0 then pg_get_userbyid(g.grantee) end, g.privilege_type))
            from aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) g
            where g.grantee <> p.proowner
        )
    ) order by e.nspname, p.proname, pg_get_function_identity_arguments(p.oid)) as list
    from pg_catalog.pg_proc p
    join exposed e on e.oid = p.pronamespace
    join types result on result.oid = p.prorettype
    join pg_catalog.pg_type t on t.oid = result.base
    join pg_catalog.pg_namespace n on n.oid = t.typnamespace
    left join pg_catalog.pg_class c on c.oid = t.typrelid
    left join columns on columns.attrelid = t.typrelid
    left join parameters a on a.oid = p.oid
    left join pg_catalog.pg_description d on d.objoid = p.oid and d.classoid = 'pg_catalog.pg_proc'::regclass
    where p.prokind = 'f'
        and result.base <> 'trigger'::regtype
        -- An argument without a name can only be the body itself (beside ones with names it has an empty one).
        and case coalesce(a.unnamed, 0)
            when 0 then true
            when 1 then a.first in ('bytea'::regtype, 'json'::regtype, 'jsonb'::regtype, 'text'::regtype, 'xml'::regtype)
            else false
        end
),

-- Keys of all schemas: a view may show the columns of a table that is not exposed.
uniques as materialized (
    select k.conrelid, array(select unnest(k.conkey) order by 1) as columns
    from pg_catalog.pg_constraint k
    where k.contype in ('p', 'u') and k.connamespace <> 'pg_catalog'::regnamespace
),
keys as (
    select json_agg(json_build_object(
        'name', k.conname,
        'relation', json_build_array(n.nspname, c.relname),
        'oid', k.conrelid::int8,
        'columns', own.list,
        'foreign', case when k.contype = 'f' then json_build_object(
            'relation', json_build_array(fn.nspname, f.relname),
            'oid', k.confrelid::int8,
            'columns', other.list,
            'unique', (k.conrelid, own.sorted) in (select conrelid, columns from uniques)
        ) end
    ) order by n.nspname, c.relname, k.conname) as list
    from pg_catalog.pg_constraint k
    join pg_catalog.pg_class c on c.oid = k.conrelid
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    left join pg_catalog.pg_class f on f.oid = k.confrelid
    left join pg_catalog.pg_namespace fn on fn.oid = f.relnamespace
    cross join lateral (
        select json_agg(json_build_array(a.attnum, a.attname) order by u.place) as list,
            array_agg(a.attnum order by a.attnum) as sorted
        from unnest(k.conkey) with ordinality as u (attnum, place)
        join pg_catalog.pg_attribute a on a.attrelid = k.conrelid and a.attnum = u.attnum
    ) own
    cross join lateral (
        select json_agg(json_build_array(a.attnum, a.attname) order by u.place) as list
        from unnest(k.confkey) with ordinality as u (attnum, place)
        join pg_catalog.pg_attribute a on a.attrelid = k.confrelid and a.attnum = u.attnum
    ) other
    where (k.contype = 'p' or k.contype = 'f' and k.conparentid = 0)
        and k.connamespace <> 'pg_catalog'::regnamespace
        and k.connamespace <> 'information_schema'::regnamespace
),

-- What each column of a view shows is in the parse tree of its rule: each TARGETENTRY of the outermost QUERY says
-- `:resno` which column it is, and `:resorigtbl`, `:resorigcol` which column of what it came from. Only these three
-- numbers are kept, each behind a `~`, and the braces, which whoever reads it counts. (One regular expression without
-- groups: ten times as fast as one with.)
views as (
    select json_agg(json_build_object(
        'oid', c.oid::int8,
        'relation', json_build_array(n.nspname, c.relname),
        'columns', (
            select json_agg(json_build_array(a.attnum, a.attname))
            from pg_catalog.pg_attribute a
            where a.attrelid = c.oid and a.attnum > 0
        ),
        'tree', regexp_replace(
            replace(replace(replace(
                -- what names may bring along
                replace(replace(replace(replace(r.ev_action::text, '~', ''), '\\', ''), '\{', ''), '\}', ''),
                ' :resno ', '~'), ' :resorigtbl ', '~'), ' :resorigcol ', '~'),
            '[^{}~0-9][^{}~]*', '', 'g')
    ) order by n.nspname, c.relname) as list
    from pg_catalog.pg_class c
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    join pg_catalog.pg_rewrite r on r.ev_class = c.oid and r.ev_type = '1'
    where c.relkind in ('v', 'm')
        and (c.relnamespace in (select oid from exposed) or n.nspname = any ($2::text[]))
),

-- Functions from a row of a relation to rows of a relation.
computed as (
    select json_agg(json_build_object(
        'function', json_build_array(e.nspname, p.proname),
        'from', json_build_array(a.nspname, a.relname),
        'to', json_build_array(r.nspname, r.relname),
        'to_one', not p.proretset or p.prorows = 1
    )) as list
    from pg_catalog.pg_proc p
    join exposed e on e.oid = p.pronamespace
    join relations a on a.reltype = p.proargtypes[0]
    join relations r on r.reltype = p.prorettype
    where p.pronargs = 1
),

-- Functions of a row of a relation, which are selected like its columns.
computed_fields as (
    select json_agg(json_build_object('relation', json_build_array(f.nspname, f.relname), 'names', f.names)) as list
    from (
        select a.nspname, a.relname, json_agg(distinct p.proname) as names
        from pg_catalog.pg_proc p
        join pg_catalog.pg_namespace n on n.oid = p.pronamespace
        join relations a on a.reltype = p.proargtypes[0]
        where p.pronargs = 1 and (n.oid in (select oid from exposed) or n.nspname = any ($2::text[]))
        group by 1, 2
    ) f
),

representations as (
    select json_agg(json_build_object(
        'source', format_type(c.castsource, null),
        'target', format_type(c.casttarget, null),
        'function', json_build_array(n.nspname, p.proname)
    )) as list
    from pg_catalog.pg_cast c
    join pg_catalog.pg_type s on s.oid = c.castsource
    join pg_catalog.pg_type t on t.oid = c.casttarget
    join pg_catalog.pg_proc p on p.oid = c.castfunc
    join pg_catalog.pg_namespace n on n.oid = p.pronamespace
    where c.castcontext = 'i' and c.castmethod = 'f'
        and has_function_privilege(p.oid, 'execute')
        and (s.typtype = 'd' and t.oid in ('json'::regtype, 'text'::regtype)
            or t.typtype = 'd' and s.oid in ('json'::regtype, 'text'::regtype))
),

-- Domains that are named like a media type, and what makes them.
media_types as materialized (
    select t.oid, t.typname, n.nspname,
        lower(t.typname) as accept,
        case when t.typname = '*/*' then 'application/octet-stream' else t.typname end as media_type
    from pg_catalog.pg_type t
    join pg_catalog.pg_namespace n on n.oid = t.typnamespace
    where t.typbasetype <> 0 and (t.typname ~* '^[a-z0-9.-]+/[a-z0-9.+-]+$' or t.typname = '*/*')
),
handlers as (
    -- an aggregate over the rows of a relation, or of any
    select e.nspname as schema, p.proname as name, m.accept, m.media_type,
        case when c.oid is not null then n.nspname end as target_schema,
        case when c.oid is not null then c.relname end as target_name
    from media_types m
    join pg_catalog.pg_proc p on p.prorettype = m.oid and p.prokind = 'a' and p.pronargs = 1
    join exposed e on e.oid = p.pronamespace
    join pg_catalog.pg_type a on a.oid = p.proargtypes[0]
    join pg_catalog.pg_namespace n on n.oid = a.typnamespace
    left join pg_catalog.pg_class c on c.oid = a.typrelid and c.relkind in ('r', 'p', 'v', 'm', 'f')
    where a.oid = 'anyelement'::regtype or c.oid is not null
    union
    -- a function whose result is of that type already; the domain's name casts to it
    select m.nspname, m.typname, m.accept, m.media_type, e.nspname, p.proname
    from media_types m
    join pg_catalog.pg_proc p on p.prorettype = m.oid and p.prokind = 'f' and not p.proretset
    join exposed e on e.oid = p.pronamespace
),

-- Up to PostgreSQL 15 a role inherits from all it is a member of or from none; since then a membership says so itself.
memberships as (
    select m.member, json_agg(pg_get_userbyid(m.roleid)) as list
    from pg_catalog.pg_auth_members m
    join pg_catalog.pg_roles r on r.oid = m.member
    where coalesce((to_jsonb(m) ->> 'inherit_option')::boolean, r.rolinherit)
    group by m.member
)

select json_strip_nulls(json_build_object(
    'server', json_build_object(
        'version_num', current_setting('server_version_num')::int4,
        'version', current_setting('server_version'),
        'time_zone', current_setting('TimeZone')
    ),
    'schemas', (
        select coalesce(json_agg(json_build_object(
            'name', e.nspname,
            'comment', obj_description(e.oid, 'pg_namespace'),
            'owner', pg_get_userbyid(e.nspowner),
            'grants', (
                select json_agg(json_build_array(
                    case when g.grantee <> 0 then pg_get_userbyid(g.grantee) end, g.privilege_type))
                from aclexplode(e.nspacl) g
                where g.privilege_type = 'USAGE' and g.grantee <> e.nspowner
            )
        ) order by e.place), '[]')
        from exposed e
    ),
    'relations', (
        select coalesce(json_agg(json_build_object(
            'schema', r.nspname,
            'name', r.relname,
            'kind', r.relkind,
            'comment', d.description,
            'columns', coalesce(c.list, '[]'),
            'unique_keys', coalesce(u.list, '[]'),
            'insertable', r.changes & 8 <> 0,
            'updatable', r.changes & 4 <> 0,
            'deletable', r.changes & 16 <> 0,
            'has_triggers', r.oid in (select oid from triggered),
            'owner', pg_get_userbyid(r.relowner),
            'grants', (
                select json_agg(json_build_array(
                    case when g.grantee <> 0 then pg_get_userbyid(g.grantee) end, g.privilege_type))
                from aclexplode(r.relacl) g
                where g.privilege_type in ('SELECT', 'INSERT', 'UPDATE', 'DELETE') and g.grantee <> r.relowner
            )
        ) order by r.nspname, r.relname), '[]')
        from relations r
        left join columns c on c.attrelid = r.oid
        left join unique_keys u on u.indrelid = r.oid
        left join pg_catalog.pg_description d on d.objoid = r.oid and d.objsubid = 0
            and d.classoid = 'pg_catalog.pg_class'::regclass
    ),
    'enums', (
        select coalesce(json_agg(json_build_object(
            'schema', n.nspname, 'name', n.typname, 'comment', n.comment, 'labels', types.doc -> 'labels'
        ) order by n.nspname, n.typname), '[]')
        from named_types n join types on types.oid = n.oid where n.typtype = 'e'
    ),
    'composites', (
        select coalesce(json_agg(json_build_object(
            'schema', n.nspname, 'name', n.typname, 'comment', n.comment, 'columns', c.list
        ) order by n.nspname, n.typname), '[]')
        from named_types n left join columns c on c.attrelid = n.typrelid where n.typtype = 'c'
    ),
    'routines', coalesce((select list from routines), '[]'),
    'keys', coalesce((select list from keys), '[]'),
    'views', coalesce((select list from views), '[]'),
    'computed', coalesce((select list from computed), '[]'),
    'computed_fields', coalesce((select list from computed_fields), '[]'),
    'representations', coalesce((select list from representations), '[]'),
    'media_handlers', (
        select coalesce(json_agg(json_build_object(
            'function', json_build_array(h.schema, h.name),
            'target', case when h.target_name is not null then json_build_array(h.target_schema, h.target_name) end,
            'accept', h.accept,
            'media_type', h.media_type
        ) order by h.schema, h.name, h.target_schema, h.target_name), '[]')
        from handlers h
    ),
    'roles', (
        select json_agg(json_build_object(
            'name', r.rolname,
            'superuser', r.rolsuper,
            'inherits', m.list
        ))
        from pg_catalog.pg_roles r
        left join memberships m on m.member = r.oid
    )
))::text
