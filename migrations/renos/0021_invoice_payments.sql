-- Every payment of an invoice. The invoice itself has the sum, and the method and reference of the last one.
create table renos.invoice_payments (
    id             text not null default shared.new_id(),
    invoice_id     text not null,
    amount         numeric(12,2) not null,
    payment_method text not null,
    payment_ref    text,
    paid_at        timestamptz not null default now(),
    created_at     timestamptz not null default now(),
    constraint invoice_payments_pkey primary key (id),
    constraint invoice_payments_invoice_id_payment_ref_key unique (invoice_id, payment_ref),
    constraint invoice_payments_amount_check check (amount > 0),
    constraint invoice_payments_invoice_id_fkey
        foreign key (invoice_id) references renos.invoices (id) on delete cascade
);

comment on table renos.invoice_payments is 'Payments of invoices; written by operations only.';
comment on column renos.invoice_payments.id is 'Primary key.';
comment on column renos.invoice_payments.invoice_id is 'Invoice.';
comment on column renos.invoice_payments.amount is 'Amount received, DKK.';
comment on column renos.invoice_payments.payment_method is
    'How it was paid. Known values, others are accepted: bank_transfer, mobilepay, cash, card.';
comment on column renos.invoice_payments.payment_ref is 'Reference of the payment; an invoice has each one once.';
comment on column renos.invoice_payments.paid_at is 'When it was paid.';
comment on column renos.invoice_payments.created_at is 'When the row was made.';

alter table renos.invoice_payments enable row level security, force row level security;
create policy all_rows on renos.invoice_payments to service_role, renos_operator, tekup_owner using (true);
create policy read_all_rows on renos.invoice_payments for select to renos_app using (true);
grant select on renos.invoice_payments to renos_app;
grant select, insert, update, delete on renos.invoice_payments to service_role, renos_operator;

-- Of what was paid before, the sum and the last reference are all that is known.
insert into renos.invoice_payments (invoice_id, amount, payment_method, payment_ref, paid_at)
select id, paid_amount, coalesce(payment_method, 'other'), payment_ref, coalesce(paid_at, updated_at)
from renos.invoices
where paid_amount > 0;

-- What others did to an invoice or a booking while the caller waited for its lock: each of these is a statement of its own,
-- with a snapshot of its own, where a sub-select would look at the time before the wait.

create function renos.is_payment_known(invoice text, reference text) returns boolean
    language plpgsql
    set search_path = ''
as $$
begin
    return exists (
        select
        from renos.invoice_payments as p
        where p.invoice_id = invoice and (reference is null or p.payment_ref = reference)
    );
end
$$;

comment on function renos.is_payment_known(text, text) is
    'Whether a payment of that reference, or any where it is null, is recorded for the invoice; to be asked with the invoice locked.';

create function renos.invoice_of_booking(booking text) returns text
    language plpgsql
    set search_path = ''
as $$
begin
    return (
        select i.id
        from renos.invoices as i
        where i.booking_id = booking and i.status <> 'cancelled'
        order by i.created_at desc, i.id desc
        limit 1
    );
end
$$;

comment on function renos.invoice_of_booking(text) is
    'The newest invoice of a booking that is not cancelled; to be asked with the booking locked.';

create function renos.refresh_plan(plan text) returns renos.cleaning_plans
    language plpgsql
    set search_path = ''
as $$
declare
    refreshed renos.cleaning_plans;
begin
    perform from renos.cleaning_plans as p where p.id = plan for no key update;

    update renos.cleaning_plans as p
    set estimated_duration = coalesce(sums.minutes, 120), estimated_price = nullif(sums.price, 0)
    from (
        select sum(t.estimated_time) as minutes, sum(t.price_per_task) as price
        from renos.cleaning_tasks as t
        where t.plan_id = plan
    ) as sums
    where p.id = plan
    returning p.* into refreshed;

    return refreshed;
end
$$;

comment on function renos.refresh_plan(text) is
    'Sums the minutes and prices of a plan''s tasks anew: 120 minutes without tasks, no price without prices.';

revoke execute on function
    renos.is_payment_known(text, text), renos.invoice_of_booking(text), renos.refresh_plan(text)
from public;
grant execute on function
    renos.is_payment_known(text, text), renos.invoice_of_booking(text), renos.refresh_plan(text)
to renos_operator;

-- The number of a draft that is deleted is given back, the first of a year with its counter.
grant delete on renos.invoice_counters to renos_operator;
