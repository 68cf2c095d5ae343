-- POST rpc/add
-- {"a":2}

with pgrst_source as (select f.pgrst_scalar
  from json_to_record($1::json) as b("a" integer) , lateral (select "shapes"."add"("a" := b."a") as pgrst_scalar) as f)
select t0."pgrst_scalar" as "pgrst_scalar"
from pgrst_source as t0;
-- $1 = {"a":2}
