-- GET cities?select=name,mayors(name,since)

select row_to_json(r.*) as document
from (select t0."name" as "name", row_to_json(t1.*)::jsonb as "mayors"
  from "shapes"."cities" as t0
  left join lateral (select t2."name" as "name", t2."since" as "since"
    from "shapes"."mayors" as t2
    where t2."city" = t0."id") as t1 on true) as r;
