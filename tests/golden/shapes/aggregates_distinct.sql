-- GET cities?select=country,name.count(distinct),people:population::int.sum(distinct)::text

select row_to_json(r.*) as document
from (select t0."country" as "country", count(distinct t0."name") as "count", cast(sum(distinct cast(t0."population" as int4)) as text) as "people"
  from "shapes"."cities" as t0
  group by 1) as r;
