-- POST rpc/echo
-- {"any":["thing"]}

with pgrst_source as (select f.pgrst_scalar
  from (select "shapes"."echo"($1::json) as pgrst_scalar) as f)
select t0."pgrst_scalar" as "pgrst_scalar"
from pgrst_source as t0;
-- $1 = {"any":["thing"]}
