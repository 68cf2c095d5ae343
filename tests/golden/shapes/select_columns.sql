-- GET cities?select=name,no:id::text,facts->mayor->>name,full_name&order=population.desc.nullslast,facts->bridges.asc&limit=3&offset=1

select t0."name" as "name", cast(t0."id" as text) as "no", t0."facts"->$1->>$2 as "name", to_json(t0."full_name") as "full_name"
from "shapes"."cities" as t0
order by t0."population" desc nulls last, t0."facts"->$3 asc
limit $4
offset $5;
-- $1 = mayor
-- $2 = name
-- $3 = bridges
-- $4 = 3
-- $5 = 1
