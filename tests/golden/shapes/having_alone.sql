-- GET cities?select=country,tags&name.count(distinct)=gt.1

select row_to_json(r.*) as document
from (select t0."country" as "country", t0."tags" as "tags"
  from "shapes"."cities" as t0
  group by 1, 2
  having count(distinct t0."name") > $1) as r;
-- $1 = 1
