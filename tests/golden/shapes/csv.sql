-- GET cities?select=id,tags,opened&order=id
-- Accept: text/csv

select case when num_nulls(t0."id") = 0 then concat(t0."id") end as "id", case when num_nulls(t0."tags") = 0 then concat(t0."tags") end as "tags", case when num_nulls(t0."opened") = 0 then concat(t0."opened") end as "opened"
from "shapes"."cities" as t0
order by t0."id";
