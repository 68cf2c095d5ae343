-- GET cities?select=id&id=gt.1&limit=2
-- Prefer: count=exact

select t0."id" as "id"
from "shapes"."cities" as t0
where t0."id" > $1
limit $2;
-- $1 = 1
-- $2 = 2

select count(*)
from (select 1
  from "shapes"."cities" as t0
  where t0."id" > $1) as r;
-- $1 = 1
