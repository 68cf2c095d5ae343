-- GET cities?select=id&id=in.(1,2)&name=not.in.("a,b",c)&id=eq(any).{1,2}&id=gt(all).{0}&founded=in.()

select t0."id" as "id"
from "shapes"."cities" as t0
where t0."id" = any ($1) and not t0."name" = any ($2) and t0."id" = any ($3) and t0."id" > all ($4) and t0."founded" = any ($5);
-- $1 = {"1","2"}
-- $2 = {"a,b","c"}
-- $3 = {1,2}
-- $4 = {0}
-- $5 = {}
