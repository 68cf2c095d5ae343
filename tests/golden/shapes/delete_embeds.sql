-- DELETE cities?id=eq.1&select=id,countries(name)&order=id.desc
-- Prefer: return=representation

with pgrst_source as (delete from "shapes"."cities" as t0
  where t0."id" = $1
  returning t0."id", t0."country")
select row_to_json(r.*) as document
from (select t1."id" as "id", row_to_json(t2.*)::jsonb as "countries"
  from pgrst_source as t1
  left join lateral (select t3."name" as "name"
    from "shapes"."countries" as t3
    where t3."code" = t1."country") as t2 on true
  order by t1."id" desc) as r;
-- $1 = 1
