-- GET rpc/add?a=2&b=3

with pgrst_source as (select f.pgrst_scalar
  from (select "shapes"."add"("a" := $1::integer, "b" := $2::integer) as pgrst_scalar) as f)
select t0."pgrst_scalar" as "pgrst_scalar"
from pgrst_source as t0;
-- $1 = 2
-- $2 = 3
