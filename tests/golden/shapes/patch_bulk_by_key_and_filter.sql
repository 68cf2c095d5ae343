-- PATCH keys?on_conflict=a,b&counter=gt.1
-- [{"a":1,"b":2,"value":"x"}]

with pgrst_body as (select *
  from json_to_recordset($1::json) as b("a" integer, "b" integer, "value" text)) update "shapes"."keys" as t0 set "value" = b."value"
from pgrst_body as b
where t0."counter" > $2 and b."a" = t0."a" and b."b" = t0."b" and (select ($3::text || count(*))::int
  from (select
    from pgrst_body
    where "a" is not null and "b" is not null
    group by "a", "b"
    having count(*) > 1) as twice
  having count(*) > 0) is null;
-- $1 = [{"a":1,"b":2,"value":"x"}]
-- $2 = 1
-- $3 = pgrst_duplicate_key
