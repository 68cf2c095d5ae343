-- GET everything?select=bt,r,iv,tz,at,e&r=adj.[5,9)

select t0."bt" as "bt", to_json(t0."r") as "r", to_json(t0."iv") as "iv", t0."tz" as "tz", t0."at" as "at", to_json(t0."e") as "e"
from "shapes"."everything" as t0
where t0."r" -|- $1;
-- $1 = [5,9)
