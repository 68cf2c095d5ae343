-- GET countries?select=code,cities!inner()&cities.count()=gte.2
-- Prefer: count=exact

select row_to_json(r.*) as document
from (select t0."code" as "code"
  from "shapes"."countries" as t0 join lateral (select json_agg(r.*)::jsonb as "rows"
    from (select count(*) as "count"
      from "shapes"."cities" as t2
      where t2."country" = t0."code"
      having count(*) >= $1) as r) as t1 on t1."rows" is not null) as r;
-- $1 = 2

select count(*)
from (select 1
  from "shapes"."countries" as t0
  where exists (select count(*) as "count"
    from "shapes"."cities" as t2
    where t2."country" = t0."code"
    having count(*) >= $1)) as r;
-- $1 = 2
