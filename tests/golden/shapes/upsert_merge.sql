-- POST keys
-- Prefer: resolution=merge-duplicates,return=representation
-- [{"a":1,"b":2,"value":"x"}]

insert into "shapes"."keys" as t0 ("a", "b", "value")
select b."a", b."b", b."value"
from json_to_recordset($1::json) as b("a" integer, "b" integer, "value" text)
where set_config('pgrst.inserted', (coalesce(nullif(current_setting('pgrst.inserted', true), '')::int, 0) + 1)::text, true) <> '0'
on conflict ("a", "b") do update set "a" = excluded."a", "b" = excluded."b", "value" = excluded."value"
where set_config('pgrst.inserted', (coalesce(nullif(current_setting('pgrst.inserted', true), '')::int, 0) - 1)::text, true) <> '-1'
returning t0."a" as "a", t0."b" as "b", t0."value" as "value", t0."counter" as "counter";
-- $1 = [{"a":1,"b":2,"value":"x"}]
