-- What operations alone change stays as they made it: plain writes of the application end where an invoice, an offer or a mail has
-- left the house, and where figures follow from rows.

create policy drafts_change on renos.invoices as restrictive for update to renos_app using (status = 'draft');
create policy drafts_go on renos.invoices as restrictive for delete to renos_app
    using (false);
create policy by_operations_insert on renos.invoice_line_items as restrictive for insert to renos_app with check (false);
create policy by_operations_update on renos.invoice_line_items as restrictive for update to renos_app using (false);
create policy by_operations_delete on renos.invoice_line_items as restrictive for delete to renos_app using (false);
create policy drafts_change on renos.quotes as restrictive for update to renos_app using (status = 'draft');
create policy drafts_go on renos.quotes as restrictive for delete to renos_app using (status = 'draft');
create policy pending_change on renos.email_responses as restrictive for update to renos_app using (status = 'pending');
create policy by_operations_update on renos.quality_assessments as restrictive for update to renos_app using (false);
create policy by_operations_delete on renos.subcontractors as restrictive for delete to renos_app using (false);

-- Tax follows from the rate.
create function renos.tax_invoice() returns trigger
    language plpgsql
    set search_path = ''
as $$
begin
    new.vat_amount := round(new.subtotal * new.vat_rate / 100, 2);
    new.total := new.subtotal + new.vat_amount;
    return new;
end
$$;

comment on function renos.tax_invoice() is 'Trigger: tax and total of an invoice follow from its rate.';
revoke execute on function renos.tax_invoice() from public;

create trigger tax_invoice
    before update of vat_rate on renos.invoices
    for each row
    when (old.vat_rate is distinct from new.vat_rate)
    execute function renos.tax_invoice();

-- Addresses of mail are compared, so they are written in one way.
create function renos.lower_email() returns trigger
    language plpgsql
    set search_path = ''
as $$
begin
    new.email := nullif(lower(btrim(new.email)), '');
    return new;
end
$$;

comment on function renos.lower_email() is 'Trigger: addresses of mail are written in lower case.';
revoke execute on function renos.lower_email() from public;

create trigger lower_email before insert or update of email on renos.customers
    for each row execute function renos.lower_email();
create trigger lower_email before insert or update of email on renos.leads
    for each row execute function renos.lower_email();

-- The next number of a year, or one that is given: the counter is locked before the invoices are looked at, so that a number that
-- was given back meanwhile is taken.
create function renos.take_invoice_number(of_year integer, given integer) returns integer
    language plpgsql
    set search_path = ''
as $$
declare
    number integer;
begin
    insert into renos.invoice_counters (year, last_number)
    values (of_year, greatest(coalesce(given, 1), 1))
    on conflict do nothing;

    perform from renos.invoice_counters as c where c.year = of_year for update;

    select coalesce(max(substring(i.invoice_number from '^INV-[0-9]{4}-([0-9]{3,6})$')::integer), 0) + 1
    into number
    from renos.invoices as i
    where i.invoice_number like 'INV-' || of_year || '-%';

    number := coalesce(given, number);

    update renos.invoice_counters as c
    set last_number = case when given is null then number else greatest(c.last_number, number) end
    where c.year = of_year;

    return number;
end
$$;

comment on function renos.take_invoice_number(integer, integer) is
    'The next number of an invoice in a year, or the given one; the counter of the year stays locked to the end.';
revoke execute on function renos.take_invoice_number(integer, integer) from public;
grant execute on function renos.take_invoice_number(integer, integer) to renos_operator;
