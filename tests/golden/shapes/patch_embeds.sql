-- PATCH cities?id=eq.1&select=name,countries(name),mayors(name)
-- Prefer: return=representation
-- {"population":1,"facts":{"bridges":8}}

with pgrst_source as (update "shapes"."cities" as t0 set "facts" = b."facts", "population" = b."population"
  from json_to_record($1::json) as b("facts" jsonb, "population" bigint)
  where t0."id" = $2
  returning t0."name", t0."country", t0."id")
select row_to_json(r.*) as document
from (select t1."name" as "name", row_to_json(t2.*)::jsonb as "countries", row_to_json(t4.*)::jsonb as "mayors"
  from pgrst_source as t1
  left join lateral (select t3."name" as "name"
    from "shapes"."countries" as t3
    where t3."code" = t1."country") as t2 on true
  left join lateral (select t5."name" as "name"
    from "shapes"."mayors" as t5
    where t5."city" = t1."id") as t4 on true) as r;
-- $1 = {"population":1,"facts":{"bridges":8}}
-- $2 = 1
