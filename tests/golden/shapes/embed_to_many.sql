-- GET countries?select=code,cities(id,name)&cities.population=gt.1000&cities.order=name.desc&cities.limit=2&cities.offset=1

select row_to_json(r.*) as document
from (select t0."code" as "code", coalesce(t1."rows", '[]') as "cities"
  from "shapes"."countries" as t0
  left join lateral (select json_agg(r.*)::jsonb as "rows"
    from (select t2."id" as "id", t2."name" as "name"
      from "shapes"."cities" as t2
      where t2."population" > $1 and t2."country" = t0."code"
      order by t2."name" desc
      limit $2
      offset $3) as r) as t1 on true) as r;
-- $1 = 1000
-- $2 = 2
-- $3 = 1
