-- POST keys?select=a,value
-- Prefer: return=representation
-- {"a":1,"b":2}

insert into "shapes"."keys" as t0 ("a", "b")
select b."a", b."b"
from json_to_record($1::json) as b("a" integer, "b" integer)
returning t0."a" as "a", t0."value" as "value";
-- $1 = {"a":1,"b":2}
