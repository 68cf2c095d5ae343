-- GET cities?select=id&name=like.A*&name=not.ilike.*x*&name=match.^[AO]&name=imatch.s$&name=like(any).{A*,O*}

select t0."id" as "id"
from "shapes"."cities" as t0
where t0."name" like $1 and not t0."name" ilike $2 and t0."name" ~ $3 and t0."name" ~* $4 and t0."name" like any ($5);
-- $1 = A%
-- $2 = %x%
-- $3 = ^[AO]
-- $4 = s$
-- $5 = {A%,O%}
