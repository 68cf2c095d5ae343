-- Tables, other than those with the schemas $1 and names $2, that refer to one of them, or to one that does.
with recursive emptied as (
    select c.oid
    from unnest($1::text[], $2::text[]) as named (schema, name)
    join pg_namespace as n on n.nspname = named.schema
    join pg_class as c on c.relnamespace = n.oid and c.relname = named.name
), referring as (
    select oid from emptied
    union
    select k.conrelid from pg_constraint as k join referring as r on r.oid = k.confrelid where k.contype = 'f'
)
select n.nspname::text, c.relname::text
from referring as r
join pg_class as c on c.oid = r.oid
join pg_namespace as n on n.oid = c.relnamespace
where r.oid not in (select oid from emptied)
order by 1, 2
