select row_to_json(r.*) as document
from (
select t0."id" as "id", row_to_json(t1.*)::jsonb as "companies", coalesce(t3."rows", '[]') as "activities"
from "crm"."deals" as t0
left join lateral (
select t2."name" as "name"
from "crm"."companies" as t2
where t2."id" = t0."company_id"
limit $1) as t1 on true
join lateral (
select json_agg(r.*)::jsonb as "rows"
from (
select t4."subject" as "subject"
from "crm"."activities" as t4
where t4."deal_id" = t0."id"
order by t4."subject"
limit $2) as r) as t3 on t3."rows" is not null
where t1.* is distinct from null
limit $3) as r
-- $1 = Some("1000")
-- $2 = Some("1000")
-- $3 = Some("1000")
