-- GET countries?select=code,cities(name,population.max())&cities.population.max()=gt.5&cities.order=population.max().desc

select row_to_json(r.*) as document
from (select t0."code" as "code", coalesce(t1."rows", '[]') as "cities"
  from "shapes"."countries" as t0
  left join lateral (select json_agg(r.*)::jsonb as "rows"
    from (select t2."name" as "name", max(t2."population") as "max"
      from "shapes"."cities" as t2
      where t2."country" = t0."code"
      group by 1
      having max(t2."population") > $1
      order by max(t2."population") desc) as r) as t1 on true) as r;
-- $1 = 5
