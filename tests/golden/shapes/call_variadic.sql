-- GET rpc/sum?numbers=1&numbers=2

with pgrst_source as (select f.pgrst_scalar
  from (select "shapes"."sum"(variadic "numbers" := $1::integer[]) as pgrst_scalar) as f)
select t0."pgrst_scalar" as "pgrst_scalar"
from pgrst_source as t0;
-- $1 = {"1","2"}
