-- POST countries?on_conflict=code
-- Prefer: resolution=ignore-duplicates
-- [{"code":"DK","name":"Denmark"}]

insert into "shapes"."countries" as t0 ("code", "name")
select b."code", b."name"
from json_to_recordset($1::json) as b("code" text, "name" text)
on conflict ("code") do nothing;
-- $1 = [{"code":"DK","name":"Denmark"}]
