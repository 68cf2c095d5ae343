-- POST cities
-- {}

insert into "shapes"."cities" as t0
select
from (values (1)) as b;
