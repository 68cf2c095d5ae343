-- One unbroken series of invoice numbers a year. The counter is a row and no sequence: the transaction that takes a number
-- holds the row until its invoice is there, and gives the number back where it fails.
create table renos.invoice_counters (
    year        integer not null,
    last_number integer not null,
    constraint invoice_counters_pkey primary key (year),
    constraint invoice_counters_last_number_check check (last_number > 0)
);

comment on table renos.invoice_counters is 'The last invoice number of each year; written by operations only.';
comment on column renos.invoice_counters.year is 'Year of issue in Europe/Copenhagen.';
comment on column renos.invoice_counters.last_number is 'Last number given.';

alter table renos.invoice_counters enable row level security, force row level security;
create policy all_rows on renos.invoice_counters to renos_operator, tekup_owner using (true);
grant select, insert, update on renos.invoice_counters to renos_operator;
