explain (format json, analyze, buffers)
select t0."id" as "id"
from "crm"."deals" as t0
where t0."id" = $1
limit $2
-- $1 = Some("1")
-- $2 = Some("1000")
