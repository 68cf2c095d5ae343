-- GET rpc/names?limit=1&offset=1
-- Prefer: count=exact

with pgrst_source as (select f.pgrst_scalar
  from (select "shapes"."names"() as pgrst_scalar) as f) , pgrst_total as (select count(*) as n
  from (select 1
    from pgrst_source as t0) as r)
select p.*, pgrst_total.n
from pgrst_total
left join lateral (select s.*, true
  from (select t0."pgrst_scalar" as "pgrst_scalar"
    from pgrst_source as t0
    limit $1
    offset $2) as s) as p on true;
-- $1 = 1
-- $2 = 1
