-- POST keys
-- [{"a":1,"b":2,"value":"x"}]

insert into "shapes"."keys" as t0 ("a", "b", "value")
select b."a", b."b", b."value"
from json_to_recordset($1::json) as b("a" integer, "b" integer, "value" text);
-- $1 = [{"a":1,"b":2,"value":"x"}]
