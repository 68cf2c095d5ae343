-- GET rpc/cities_of?code=DK&select=name,countries(name)&id=gt.1&order=name.desc&limit=1

with pgrst_source as (select f.*
  from "shapes"."cities_of"("code" := $1::text) as f)
select row_to_json(r.*) as document
from (select t0."name" as "name", row_to_json(t1.*)::jsonb as "countries"
  from pgrst_source as t0
  left join lateral (select t2."name" as "name"
    from "shapes"."countries" as t2
    where t2."code" = t0."country") as t1 on true
  where t0."id" > $2
  order by t0."name" desc
  limit $3) as r;
-- $1 = DK
-- $2 = 1
-- $3 = 1
