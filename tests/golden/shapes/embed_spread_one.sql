-- GET cities?select=name,...countries(country_name:name)

select row_to_json(r.*) as document
from (select t0."name" as "name", t1."country_name" as "country_name"
  from "shapes"."cities" as t0
  left join lateral (select t2."name" as "country_name"
    from "shapes"."countries" as t2
    where t2."code" = t0."country") as t1 on true) as r;
