-- GET countries?select=code,cities(population.max(),count())

select row_to_json(r.*) as document
from (select t0."code" as "code", coalesce(t1."rows", '[]') as "cities"
  from "shapes"."countries" as t0
  left join lateral (select json_agg(r.*)::jsonb as "rows"
    from (select max(t2."population") as "max", count(*) as "count"
      from "shapes"."cities" as t2
      where t2."country" = t0."code") as r) as t1 on true) as r;
