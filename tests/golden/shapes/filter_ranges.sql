-- GET everything?select=id&r=sl.(9,)&r=nxr.(9,)&r=nxl.(0,1)

select t0."id" as "id"
from "shapes"."everything" as t0
where t0."r" << $1 and t0."r" &< $2 and t0."r" &> $3;
-- $1 = (9,)
-- $2 = (9,)
-- $3 = (0,1)
