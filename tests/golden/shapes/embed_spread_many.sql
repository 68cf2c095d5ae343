-- GET countries?select=code,...cities(cities:name,id)

select row_to_json(r.*) as document
from (select t0."code" as "code", t1."cities" as "cities", t1."id" as "id"
  from "shapes"."countries" as t0
  left join lateral (select json_agg(r.*)::jsonb as "rows", coalesce(json_agg(r."cities"), '[]')::jsonb as "cities", coalesce(json_agg(r."id"), '[]')::jsonb as "id"
    from (select t2."name" as "cities", t2."id" as "id"
      from "shapes"."cities" as t2
      where t2."country" = t0."code") as r) as t1 on true) as r;
