-- PATCH keys?on_conflict=a,b&counter=gt.1
-- [{"a":1,"b":2,"value":"x"}]

with pgrst_body as (select *
  from json_to_recordset($1::json) as b("a" integer, "b" integer, "value" text)) update "shapes"."keys" as t0 set "value" = b."value"
from pgrst_body as b
where t0."counter" > $2 and b."a" = t0."a" and b."b" = t0."b" and (select true
  from (select
    from pgrst_body
    group by "a", "b"
    having count(*) > 1) as twice, generate_series(1, 2)) is null;
-- $1 = [{"a":1,"b":2,"value":"x"}]
-- $2 = 1
