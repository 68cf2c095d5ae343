select t0."id" as "id", t0."title" as "title", cast(t0."value" as text) as "value"
from "crm"."deals" as t0
where t0."status" = $1 and (t0."value" > $2 or t0."title" like $3)
order by t0."value" desc
limit $4
-- $1 = Some("won")
-- $2 = Some("5")
-- $3 = Some("%x%")
-- $4 = Some("20")
