-- GET cities?select=country,count(),name.count()&order=country
-- Accept: text/csv

select case when num_nulls(r.c0) = 0 then concat(r.c0) end as "country", case when num_nulls(r.c1) = 0 then concat(r.c1) end as "count", case when num_nulls(r.c2) = 0 then concat(r.c2) end as "count"
from (select t0."country" as "country", count(*) as "count", count(t0."name") as "count"
  from "shapes"."cities" as t0
  group by 1
  order by t0."country") as r(c0, c1, c2);
