-- Columns that follow from others also where those are changed by plain writes.

create function crm.total_line() returns trigger
    language plpgsql
    set search_path = ''
as $$
begin
    new.total := round(new.quantity * new.unit_price * (1 - new.discount / 100), 2);
    return new;
end
$$;

comment on function crm.total_line() is 'Trigger: the total of a line follows its quantity, price and discount.';

create trigger deal_products_total_line
    before update of quantity, unit_price, discount on crm.deal_products
    for each row execute function crm.total_line();

create function crm.forget_completion() returns trigger
    language plpgsql
    set search_path = ''
as $$
begin
    new.completed_at := null;
    return new;
end
$$;

comment on function crm.forget_completion() is 'Trigger: a to-do that is not done has no time at which it was.';

create trigger tasks_forget_completion
    before update of status on crm.tasks
    for each row
    when (new.status <> 'done')
    execute function crm.forget_completion();

revoke execute on function crm.total_line(), crm.forget_completion() from public;
