-- What copying has to know of tables: $1 are their schemas, $2 their names. Names come out qualified, because the search path
-- is empty. Runs on servers from 12 on.
select coalesce(json_agg(json_build_object(
    'schema', n.nspname,
    'name', c.relname,
    'is_forced', c.relforcerowsecurity,
    'key', (
        select coalesce(json_agg(a.attname order by k.place), '[]')
        from pg_index as i
        cross join lateral unnest(i.indkey::smallint[]) with ordinality as k (attnum, place)
        join pg_attribute as a on a.attrelid = i.indrelid and a.attnum = k.attnum
        where i.indrelid = c.oid and i.indisprimary and k.place <= i.indnkeyatts
    ),
    'columns', (
        select coalesce(json_agg(json_build_object(
            'name', a.attname,
            'type', format_type(a.atttypid, a.atttypmod),
            'type_name', t.typname,
            'is_enum', t.typtype = 'e' or coalesce(e.typtype = 'e', false),
            'is_builtin', tn.nspname = 'pg_catalog',
            'not_null', a.attnotnull,
            'default', case when a.attgenerated = '' then pg_get_expr(d.adbin, d.adrelid) end,
            'is_computed', a.attgenerated <> '',
            'is_identity', a.attidentity <> ''
        ) order by a.attnum), '[]')
        from pg_attribute as a
        join pg_type as t on t.oid = a.atttypid
        join pg_namespace as tn on tn.oid = t.typnamespace
        left join pg_type as e on e.oid = t.typelem and t.typlen = -1 and t.typelem <> 0
        left join pg_attrdef as d on d.adrelid = a.attrelid and d.adnum = a.attnum
        where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    ),
    'uniques', (
        select coalesce(json_agg(json_build_object(
            'name', ic.relname,
            'keys', (select json_agg(pg_get_indexdef(i.indexrelid, k, true) order by k) from generate_series(1, i.indnkeyatts) as k),
            'predicate', pg_get_expr(i.indpred, i.indrelid),
            'nulls_are_equal', coalesce((to_jsonb(i) ->> 'indnullsnotdistinct')::boolean, false)
        ) order by ic.relname), '[]')
        from pg_index as i
        join pg_class as ic on ic.oid = i.indexrelid
        where i.indrelid = c.oid and i.indisunique and i.indisvalid
    ),
    'checks', (
        select coalesce(json_agg(json_build_object(
            'name', k.conname, 'expression', pg_get_expr(k.conbin, k.conrelid)) order by k.conname), '[]')
        from pg_constraint as k
        where k.conrelid = c.oid and k.contype = 'c'
    ),
    'foreign_keys', (
        select coalesce(json_agg(json_build_object(
            'name', k.conname,
            'columns', (
                select json_agg(a.attname order by x.place)
                from unnest(k.conkey) with ordinality as x (attnum, place)
                join pg_attribute as a on a.attrelid = k.conrelid and a.attnum = x.attnum
            ),
            'schema', rn.nspname,
            'table', r.relname,
            'referenced', (
                select json_agg(a.attname order by x.place)
                from unnest(k.confkey) with ordinality as x (attnum, place)
                join pg_attribute as a on a.attrelid = k.confrelid and a.attnum = x.attnum
            ),
            'is_valid', k.convalidated,
            'definition', case when k.conparentid = 0 then pg_get_constraintdef(k.oid) end,
            'comment', obj_description(k.oid, 'pg_constraint')
        ) order by k.conname), '[]')
        from pg_constraint as k
        join pg_class as r on r.oid = k.confrelid
        join pg_namespace as rn on rn.oid = r.relnamespace
        where k.conrelid = c.oid and k.contype = 'f'
    ),
    -- Of no constraint, of no partitioned table's, and of nobody's identity: they can be dropped and made again.
    'indexes', (
        select coalesce(json_agg(json_build_object(
            'name', ic.relname,
            'definition', pg_get_indexdef(i.indexrelid),
            'comment', obj_description(i.indexrelid, 'pg_class')
        ) order by ic.relname), '[]')
        from pg_index as i
        join pg_class as ic on ic.oid = i.indexrelid
        where i.indrelid = c.oid and i.indisvalid and not i.indisreplident and not i.indisclustered and ic.relkind = 'i'
            and not exists (select from pg_constraint as k where k.conindid = i.indexrelid)
            and not exists (select from pg_inherits as h where h.inhrelid = i.indexrelid)
    ),
    'triggers', (
        select coalesce(json_agg(json_build_object('name', g.tgname, 'enabled', g.tgenabled) order by g.tgname), '[]')
        from pg_trigger as g
        where g.tgrelid = c.oid and not g.tgisinternal and g.tgenabled <> 'D'
    )
)), '[]')::text
from unnest($1::text[], $2::text[]) as wanted (schema, name)
join pg_namespace as n on n.nspname = wanted.schema
join pg_class as c on c.relnamespace = n.oid and c.relname = wanted.name and c.relkind in ('r', 'p', 'v', 'm', 'f')
