-- GET cities?select=country,population.sum()&name=neq.Oslo&population.sum()=gt.5&not.or=(count().lt.1,area::int.avg().is.null)&country.max()=in.(DK,SE)&order=population.sum().desc.nullslast,country&limit=2
-- Prefer: count=exact

select row_to_json(r.*) as document
from (select t0."country" as "country", sum(t0."population") as "sum"
  from "shapes"."cities" as t0
  where t0."name" <> $1
  group by 1
  having sum(t0."population") > $2 and not (count(*) < $3 or avg(cast(t0."area" as int4)) is null) and max(t0."country") = any ($4)
  order by sum(t0."population") desc nulls last, t0."country"
  limit $5) as r;
-- $1 = Oslo
-- $2 = 5
-- $3 = 1
-- $4 = {"DK","SE"}
-- $5 = 2

select count(*)
from (select t0."country" as "country", sum(t0."population") as "sum"
  from "shapes"."cities" as t0
  where t0."name" <> $1
  group by 1
  having sum(t0."population") > $2 and not (count(*) < $3 or avg(cast(t0."area" as int4)) is null) and max(t0."country") = any ($4)) as r;
-- $1 = Oslo
-- $2 = 5
-- $3 = 1
-- $4 = {"DK","SE"}
