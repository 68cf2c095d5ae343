-- DELETE cities?or=(id.eq.1,id.eq.2)

delete from "shapes"."cities" as t0
where (t0."id" = $1 or t0."id" = $2);
-- $1 = 1
-- $2 = 2
