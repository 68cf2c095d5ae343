-- GET cities?select=country&order=count().desc,country

select row_to_json(r.*) as document
from (select t0."country" as "country"
  from "shapes"."cities" as t0
  group by 1
  order by count(*) desc, t0."country") as r;
