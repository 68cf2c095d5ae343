-- POST keys
-- Prefer: return=headers-only
-- {"a":1,"b":2}

insert into "shapes"."keys" as t0 ("a", "b")
select b."a", b."b"
from json_to_record($1::json) as b("a" integer, "b" integer)
returning to_json(t0."a") #>> '{}', to_json(t0."b") #>> '{}';
-- $1 = {"a":1,"b":2}
