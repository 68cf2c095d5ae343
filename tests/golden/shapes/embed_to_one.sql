-- GET cities?select=name,countries(name)&countries.name=neq.Nowhere&order=countries(name).desc

select row_to_json(r.*) as document
from (select t0."name" as "name", row_to_json(t1.*)::jsonb as "countries"
  from "shapes"."cities" as t0
  left join lateral (select t2."name" as "name"
    from "shapes"."countries" as t2
    where t2."name" <> $1 and t2."code" = t0."country") as t1 on true
  order by t1."name" desc) as r;
-- $1 = Nowhere
