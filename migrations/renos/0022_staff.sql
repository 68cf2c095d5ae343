-- One series of staff numbers a year, as of invoice numbers: the number of rows would repeat after a deletion.
create table renos.employee_counters (
    year        integer not null,
    last_number integer not null,
    constraint employee_counters_pkey primary key (year),
    constraint employee_counters_last_number_check check (last_number > 0)
);

comment on table renos.employee_counters is 'The last staff number of each year; written by operations only.';
comment on column renos.employee_counters.year is 'Year in which the member was taken on, in Europe/Copenhagen.';
comment on column renos.employee_counters.last_number is 'Last number given.';

alter table renos.employee_counters enable row level security, force row level security;
create policy all_rows on renos.employee_counters to renos_operator, tekup_owner using (true);
grant select, insert, update on renos.employee_counters to renos_operator;

create function renos.account_of_caller() returns text
    language sql stable
    set search_path = ''
    return (
        select u.id
        from renos.users as u
        where u.is_active and (u.id = auth.user_id() or u.shared_user_id = auth.user_uuid())
        order by (u.id = auth.user_id()) desc nulls last, u.id
        limit 1
    );

comment on function renos.account_of_caller() is
    'The account of the person who calls: the one with that id, or the one tied to the shared person; null where there is none.';

revoke execute on function renos.account_of_caller() from public;
grant execute on function renos.account_of_caller() to renos_operator;
