-- PATCH cities?select=id
-- Prefer: return=representation
-- [{"id":1,"population":1},{"id":2,"population":2}]

with pgrst_body as (select *
  from json_to_recordset($1::json) as b("id" integer, "population" bigint)) update "shapes"."cities" as t0 set "population" = b."population"
from pgrst_body as b
where b."id" = t0."id" and (select ($2::text || count(*))::int
  from (select
    from pgrst_body
    where "id" is not null
    group by "id"
    having count(*) > 1) as twice
  having count(*) > 0) is null
returning t0."id" as "id";
-- $1 = [{"id":1,"population":1},{"id":2,"population":2}]
-- $2 = pgrst_duplicate_key
