-- GET cities?select=id,country,mayors(name)&id=eq.5
-- Accept: application/vnd.pgrst.object+json;nulls=stripped

select json_strip_nulls(row_to_json(r.*)) as document
from (select t0."id" as "id", t0."country" as "country", row_to_json(t1.*)::jsonb as "mayors"
  from "shapes"."cities" as t0
  left join lateral (select t2."name" as "name"
    from "shapes"."mayors" as t2
    where t2."city" = t0."id") as t1 on true
  where t0."id" = $1) as r;
-- $1 = 5
