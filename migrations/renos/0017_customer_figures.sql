-- The figures of a customer, counted anew.

-- The customer is locked by a statement of its own, so that the one that counts sees whatever others committed while this one
-- waited: two payments at once are both in the sum. A statement with sub-selects alone would count in the snapshot of before.
create function renos.refresh_customer(customer text) returns renos.customers
    language plpgsql
    set search_path = ''
as $$
declare
    refreshed renos.customers;
begin
    perform from renos.customers as c where c.id = customer for no key update;

    update renos.customers as c
    set total_leads = (select count(*) from renos.leads as l where l.customer_id = c.id),
        total_bookings = (
            select count(*)
            from renos.bookings as b
            left join renos.leads as l on l.id = b.lead_id
            where b.status <> 'cancelled' and coalesce(b.customer_id, l.customer_id) = c.id
        ),
        total_revenue = (
            select coalesce(sum(i.total), 0)
            from renos.invoices as i
            where i.customer_id = c.id and i.status = 'paid'
        )
    where c.id = customer
    returning c.* into refreshed;

    return refreshed;
end
$$;

comment on function renos.refresh_customer(text) is
    'Counts the leads, bookings and paid invoices of a customer anew; null where there is no such customer.';

revoke execute on function renos.refresh_customer(text) from public;
grant execute on function renos.refresh_customer(text) to renos_operator;
