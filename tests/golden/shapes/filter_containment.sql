-- GET cities?select=id&tags=cs.{capital}&tags=not.cd.{fjord}&tags=ov.{harbour,fjord}&facts=cs.{"bridges":7}&facts->mayor->>name=eq.Jo

select t0."id" as "id"
from "shapes"."cities" as t0
where t0."tags" @> $1 and not t0."tags" <@ $2 and t0."tags" && $3 and t0."facts" @> $4 and t0."facts"->$5->>$6 = $7;
-- $1 = {capital}
-- $2 = {fjord}
-- $3 = {harbour,fjord}
-- $4 = {"bridges":7}
-- $5 = mayor
-- $6 = name
-- $7 = Jo
