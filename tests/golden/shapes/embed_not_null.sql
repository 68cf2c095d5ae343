-- GET countries?select=code,cities()&cities=not.is.null

select row_to_json(r.*) as document
from (select t0."code" as "code"
  from "shapes"."countries" as t0
  left join lateral (select json_agg(r.*)::jsonb as "rows"
    from (select t2."id" as "id", t2."name" as "name", t2."country" as "country", t2."twin" as "twin", t2."population" as "population", t2."founded" as "founded", t2."tags" as "tags", t2."facts" as "facts", t2."opened" as "opened", t2."area" as "area"
      from "shapes"."cities" as t2
      where t2."country" = t0."code") as r) as t1 on true
  where t1."rows" is distinct from null) as r;
