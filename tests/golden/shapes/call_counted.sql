-- GET rpc/cities_of?code=DK&select=id&limit=1
-- Prefer: count=exact

with pgrst_source as (select f.*
  from "shapes"."cities_of"("code" := $1::text) as f) , pgrst_total as (select count(*) as n
  from (select 1
    from pgrst_source as t0) as r)
select p.*, pgrst_total.n
from pgrst_total
left join lateral (select s.*, true
  from (select t0."id" as "id"
    from pgrst_source as t0
    limit $2) as s) as p on true;
-- $1 = DK
-- $2 = 1
