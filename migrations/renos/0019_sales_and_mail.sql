-- What the operations on sales and mail need.

-- Mails are compared in lower case, whatever was written.
create index customers_lower_email_idx on renos.customers (lower(email));
create index leads_lower_email_idx on renos.leads (lower(email));

-- Why a drafted answer could not be sent
alter table renos.email_responses add column failure_reason text;

comment on column renos.email_responses.failure_reason is 'Why it could not be sent, the last time.';

-- The amounts of an offer follow from its rate and hours, also where those are changed by plain writes. Amounts that come with
-- a new row stay: history that is imported has its own.
create function renos.total_quote() returns trigger
    language plpgsql
    set search_path = ''
as $$
begin
    if tg_op = 'INSERT' and new.subtotal is not null and new.total is not null then
        return new;
    end if;

    new.subtotal := round(new.hourly_rate * new.estimated_hours, 2);
    new.total := new.subtotal + round(new.subtotal * new.vat_rate / 100, 2);
    return new;
end
$$;

comment on function renos.total_quote() is 'Trigger: the amounts of an offer follow its rate, hours and VAT.';

create trigger quotes_total_quote
    before insert or update of hourly_rate, estimated_hours, vat_rate on renos.quotes
    for each row execute function renos.total_quote();

-- A statement that waited for another sees what that one committed with a statement of its own only.
create function renos.read_customer(customer text) returns renos.customers
    language plpgsql
    set search_path = ''
as $$
declare
    found_row renos.customers;
begin
    select c.* into found_row from renos.customers as c where c.id = customer;

    return found_row;
end
$$;

comment on function renos.read_customer(text) is
    'A customer as it is now, whatever the snapshot of the statement that asks; null where there is no such customer.';

-- A customer goes. The one who does this locks the customer with a statement of its own, so that the look at what refers to it
-- sees whatever others committed while this one waited.
create function renos.remove_customer(customer text, hard boolean, out outcome text, out body json)
    returns setof record
    language plpgsql
    set search_path = ''
as $$
declare
    found_row renos.customers;
    has_business boolean;
    has_plans boolean;
begin
    perform from renos.customers as c where c.id = customer for update;

    if not found then
        return;
    end if;

    select
        exists (select from renos.invoices as i where i.customer_id = customer)
        or exists (
            select from renos.bookings as b
            left join renos.leads as l on l.id = b.lead_id
            where b.customer_id = customer or l.customer_id = customer
        ),
        exists (select from renos.cleaning_plans as p where p.customer_id = customer)
    into has_business, has_plans;

    if hard and has_business then
        outcome := 'conflict';
        body := json_build_object('message', 'Invoices or bookings refer to the customer');
    elsif not hard and (has_business or has_plans) then
        outcome := 'ok';

        update renos.customers as c set status = 'inactive' where c.id = customer
        returning c.* into found_row;

        body := to_json(found_row);
    else
        outcome := 'deleted';

        delete from renos.customers as c where c.id = customer;
    end if;

    return next;
end
$$;

comment on function renos.remove_customer(text, boolean) is
    'Deletes a customer, or makes one inactive that invoices, bookings or plans refer to; no row where there is no such customer.';

revoke execute on function
    renos.total_quote(), renos.read_customer(text), renos.remove_customer(text, boolean)
from public;
grant execute on function renos.read_customer(text), renos.remove_customer(text, boolean) to renos_operator;
