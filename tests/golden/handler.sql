select "crm"."deals_pdf"(r::"crm"."tenants") as body, count(*) as shown
from (
select t0."id" as "id", t0."name" as "name", t0."slug" as "slug", t0."domain" as "domain", t0."cvr_number" as "cvr_number", t0."address" as "address", t0."city" as "city", t0."postal_code" as "postal_code", t0."country" as "country", t0."phone" as "phone", t0."email" as "email", t0."subscription_tier" as "subscription_tier", t0."max_users" as "max_users", t0."max_jobs" as "max_jobs", t0."settings" as "settings", t0."is_active" as "is_active", t0."created_at" as "created_at", t0."updated_at" as "updated_at"
from "crm"."tenants" as t0
limit $1) as r
-- $1 = Some("1000")
