-- GET countries?select=code,cities!inner(id)&cities.name=eq.Oslo
-- Prefer: count=exact

select row_to_json(r.*) as document
from (select t0."code" as "code", coalesce(t1."rows", '[]') as "cities"
  from "shapes"."countries" as t0 join lateral (select json_agg(r.*)::jsonb as "rows"
    from (select t2."id" as "id"
      from "shapes"."cities" as t2
      where t2."name" = $1 and t2."country" = t0."code") as r) as t1 on t1."rows" is not null) as r;
-- $1 = Oslo

select count(*)
from (select 1
  from "shapes"."countries" as t0
  where exists (select 1
    from "shapes"."cities" as t2
    where t2."name" = $1 and t2."country" = t0."code")) as r;
-- $1 = Oslo
