-- POST rpc/nothing
-- {}

with pgrst_source as (select f.pgrst_scalar
  from (select "shapes"."nothing"() as pgrst_scalar) as f)
select
from pgrst_source;
