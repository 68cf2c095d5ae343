-- PATCH cities?id=eq.1&name=like.A*
-- {"population":1}

update "shapes"."cities" as t0 set "population" = b."population"
from json_to_record($1::json) as b("population" bigint)
where t0."id" = $2 and t0."name" like $3;
-- $1 = {"population":1}
-- $2 = 1
-- $3 = A%
