-- GET secrets

select t0."id" as "id", t0."open" as "open"
from "shapes"."secrets" as t0;
