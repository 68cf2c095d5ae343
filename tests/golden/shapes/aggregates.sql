-- GET cities?select=country,count(),people:population.sum(),area.avg()::text&order=country

select row_to_json(r.*) as document
from (select t0."country" as "country", count(*) as "count", sum(t0."population") as "people", cast(avg(t0."area") as text) as "avg"
  from "shapes"."cities" as t0
  group by 1
  order by t0."country") as r;
