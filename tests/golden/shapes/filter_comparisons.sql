-- GET cities?select=id&id=gt.1&id=lte.9&name=neq.Oslo&country=not.eq.SE&population=isdistinct.5

select t0."id" as "id"
from "shapes"."cities" as t0
where t0."id" > $1 and t0."id" <= $2 and t0."name" <> $3 and not t0."country" = $4 and t0."population" is distinct from $5;
-- $1 = 1
-- $2 = 9
-- $3 = Oslo
-- $4 = SE
-- $5 = 5
