-- GET countries?select=code,cities()&cities=is.null&or=(code.eq.DK,code.eq.XX)

select row_to_json(r.*) as document
from (select t0."code" as "code"
  from "shapes"."countries" as t0
  left join lateral (select json_agg(r.*)::jsonb as "rows"
    from (select t2."id" as "id", t2."name" as "name", t2."country" as "country", t2."twin" as "twin", t2."population" as "population", t2."founded" as "founded", t2."tags" as "tags", t2."facts" as "facts", t2."opened" as "opened", t2."area" as "area"
      from "shapes"."cities" as t2
      where t2."country" = t0."code") as r) as t1 on true
  where t1."rows" is not distinct from null and (t0."code" = $1 or t0."code" = $2)) as r;
-- $1 = DK
-- $2 = XX
