-- What the six schemas are, one fact a line, in Postgres' own words.
with tables as (
    select c.oid, c.relname, n.nspname
    from pg_class as c
    join pg_namespace as n on n.oid = c.relnamespace
    where c.relkind = 'r' and c.relname <> '_sqlx_migrations'
        and n.nspname in ('vault', 'billy', 'renos', 'crm', 'flow', 'shared')
)
select format(
    'column %I.%I.%I %s%s%s', t.nspname, t.relname, a.attname, format_type(a.atttypid, a.atttypmod),
    case when a.attnotnull then ' not null' else '' end,
    case
        when a.attgenerated = 's' then format(' generated always as (%s) stored', pg_get_expr(d.adbin, t.oid))
        when d.adbin is not null then format(' default %s', pg_get_expr(d.adbin, t.oid))
        else ''
    end
)
from tables as t
join pg_attribute as a on a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped
left join pg_attrdef as d on d.adrelid = t.oid and d.adnum = a.attnum
union all
select format('constraint %I.%I %I %s', t.nspname, t.relname, k.conname, pg_get_constraintdef(k.oid))
from tables as t
join pg_constraint as k on k.conrelid = t.oid and k.contype <> 'n'
union all
select pg_get_indexdef(i.indexrelid)
from tables as t
join pg_index as i on i.indrelid = t.oid
where not exists (select from pg_constraint as k where k.conindid = i.indexrelid and k.contype in ('p', 'u', 'x'))
union all
select pg_get_triggerdef(g.oid)
from tables as t
join pg_trigger as g on g.tgrelid = t.oid and not g.tgisinternal
