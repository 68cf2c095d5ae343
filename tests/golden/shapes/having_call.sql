-- GET rpc/cities_of?code=DK&select=country&full_name.count(distinct)=gt.1
-- Prefer: count=exact

with pgrst_source as (select f.*, f."full_name"
  from "shapes"."cities_of"("code" := $1::text) as f) , pgrst_total as (select count(*) as n
  from (select t0."country" as "country"
    from pgrst_source as t0
    group by 1
    having count(distinct t0."full_name") > $2) as r)
select p.*, pgrst_total.n
from pgrst_total
left join lateral (select s.*, true
  from (select row_to_json(r.*) as document
    from (select t0."country" as "country"
      from pgrst_source as t0
      group by 1
      having count(distinct t0."full_name") > $3) as r) as s) as p on true;
-- $1 = DK
-- $2 = 1
-- $3 = 1
