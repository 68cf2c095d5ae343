-- GET everything?select=id&b=is.true&i2=is.null&n=is.not_null&b=not.is.unknown

select t0."id" as "id"
from "shapes"."everything" as t0
where t0."b" is true and t0."i2" is null and t0."n" is not null and not t0."b" is unknown;
