-- POST cities?select=id,countries(name)
-- Prefer: return=representation
-- {"name":"Bergen","country":"NO"}

with pgrst_source as (insert into "shapes"."cities" as t0 ("country", "name")
  select b."country", b."name"
  from json_to_record($1::json) as b("country" text, "name" text)
  returning t0."id", t0."country")
select row_to_json(r.*) as document
from (select t1."id" as "id", row_to_json(t2.*)::jsonb as "countries"
  from pgrst_source as t1
  left join lateral (select t3."name" as "name"
    from "shapes"."countries" as t3
    where t3."code" = t1."country") as t2 on true) as r;
-- $1 = {"name":"Bergen","country":"NO"}
