-- POST keys?columns=a,b,value,counter
-- Prefer: missing=default
-- [{"a":1,"b":2},{"a":1,"b":3,"counter":1}]

insert into "shapes"."keys" as t0 ("a", "b", "counter", "value")
select b."a", b."b", b."counter", b."value"
from jsonb_to_recordset((select jsonb_agg(jsonb_build_object($1::text, 7, $2::text, 'fresh'::text) || e)
    from jsonb_array_elements($3::jsonb) as e)) as b("a" integer, "b" integer, "counter" integer, "value" text);
-- $1 = counter
-- $2 = value
-- $3 = [{"a":1,"b":2},{"a":1,"b":3,"counter":1}]
