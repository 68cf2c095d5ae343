select t0."id" as "id"
from "crm"."deals" as t0
where false
