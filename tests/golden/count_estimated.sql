select count(*)
from (
select 1
from "crm"."deals" as t0
where t0."status" = $1 and exists (
select 1
from "crm"."activities" as t2
where t2."deal_id" = t0."id")
limit $2) as r
-- $1 = Some("won")
-- $2 = Some("1001")
