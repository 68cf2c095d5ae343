-- GET cities

select t0."id" as "id", t0."name" as "name", t0."country" as "country", t0."twin" as "twin", t0."population" as "population", t0."founded" as "founded", t0."tags" as "tags", t0."facts" as "facts", t0."opened" as "opened", t0."area" as "area"
from "shapes"."cities" as t0;
