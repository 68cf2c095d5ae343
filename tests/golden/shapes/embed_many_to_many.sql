-- GET rivers?select=name,cities(name,countries(name))

select row_to_json(r.*) as document
from (select t0."name" as "name", coalesce(t1."rows", '[]') as "cities"
  from "shapes"."rivers" as t0
  left join lateral (select json_agg(r.*)::jsonb as "rows"
    from (select t3."name" as "name", row_to_json(t4.*)::jsonb as "countries"
      from "shapes"."cities" as t3, "shapes"."cities_rivers" as t2
      left join lateral (select t5."name" as "name"
        from "shapes"."countries" as t5
        where t5."code" = t3."country") as t4 on true
      where t2."city" = t3."id" and t2."river" = t0."id") as r) as t1 on true) as r;
