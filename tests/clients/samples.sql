-- What tests of the clients need and the sample company has not: ranges, a function that takes a JSON object, and one that
-- writes.
create schema samples;
grant usage on schema samples to authenticated;

create table samples.spans (id int primary key, name text not null unique, span int4range not null, note text default 'none');
insert into samples.spans values
    (1, 'early', '[1,5)', 'first'),
    (2, 'middle', '[5,10)', null),
    (3, 'late', '[10,20)', null),
    (4, 'across', '[3,12)', null);
grant select, insert, update, delete on samples.spans to authenticated;

create function samples.spans_like(wanted jsonb) returns setof samples.spans language sql stable as
    $$ select * from samples.spans where name = wanted ->> 'name' or span @> (wanted ->> 'at')::int order by id $$;
create function samples.rename(suffix text) returns setof samples.spans language sql as
    $$ update samples.spans set note = suffix returning * $$;
create function samples.sum_of(numbers int[]) returns bigint language sql immutable as
    $$ select sum(number) from unnest(numbers) as number $$;
grant execute on all functions in schema samples to authenticated;

-- What typed clients see beyond tables: an enum, a composite type, a computed field and a computed relationship.
create type samples.size as enum ('small', 'large');
create type samples.point as (x int, y int);
create table samples.boxes (
    id int generated always as identity primary key, span int not null references samples.spans (id),
    size samples.size not null default 'small', sizes samples.size[], corner samples.point
);
create view samples.small_boxes with (security_invoker) as select id, span from samples.boxes where size = 'small' limit 10;
create function samples.label(box samples.boxes) returns text language sql stable as $$ select 'box ' || $1.id $$;
create function samples.boxes_of(samples.spans) returns setof samples.boxes language sql stable as
    $$ select * from samples.boxes where span = $1.id $$;
grant select, insert, update, delete on samples.boxes, samples.small_boxes to authenticated;
grant execute on all functions in schema samples to authenticated;
