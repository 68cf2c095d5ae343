-- GET Odd "Name" €?select="a b",select&"a b"=eq.1

select t0."a b" as "a b", t0."select" as "select"
from "shapes"."Odd ""Name"" €" as t0
where t0."a b" = $1;
-- $1 = 1
