select row_to_json(r.*) as document
from (
select t0."stage" as "stage", sum(t0."value") as "sum", count(t1."pgrst_3") as "companies", t1."industry" as "industry"
from "crm"."deals" as t0
left join lateral (
select t2 as "pgrst_3", t2."industry" as "industry"
from "crm"."companies" as t2
where t2."id" = t0."company_id"
limit $1) as t1 on true
group by 1, 4
order by t1."industry"
limit $2) as r
-- $1 = Some("1000")
-- $2 = Some("1000")
