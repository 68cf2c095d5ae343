-- GET cities?select=name,other:cities!twin(name)

select row_to_json(r.*) as document
from (select t0."name" as "name", coalesce(t1."rows", '[]') as "other"
  from "shapes"."cities" as t0
  left join lateral (select json_agg(r.*)::jsonb as "rows"
    from (select t2."name" as "name"
      from "shapes"."cities" as t2
      where t2."twin" = t0."id") as r) as t1 on true) as r;
