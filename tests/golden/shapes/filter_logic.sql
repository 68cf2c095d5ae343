-- GET cities?select=id&or=(id.eq.1,and(id.gt.3,name.like.A*,country.is.null))&not.and=(id.eq.2,or(id.eq.4,id.in.(5,6)))

select t0."id" as "id"
from "shapes"."cities" as t0
where (t0."id" = $1 or (t0."id" > $2 and t0."name" like $3 and t0."country" is null)) and not (t0."id" = $4 and (t0."id" = $5 or t0."id" = any ($6)));
-- $1 = 1
-- $2 = 3
-- $3 = A%
-- $4 = 2
-- $5 = 4
-- $6 = {"5","6"}
