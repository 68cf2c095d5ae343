-- PATCH cities?id=eq.1
-- {}

select 
from "shapes"."cities" as t0
where false;
