-- Rights and row rules, as in 0010_security_people.sql: money.

-- invoices
alter table renos.invoices enable row level security, force row level security;
create policy all_rows on renos.invoices to renos_app, service_role, renos_operator, tekup_owner using (true);
grant select, insert, update, delete on renos.invoices to service_role, renos_operator;
grant
    select,
    insert (
        id, booking_id, customer_id, customer_name, customer_email, customer_address, issue_date, due_date,
        vat_rate, notes, internal_notes, created_at
    ),
    update (
        id, booking_id, customer_id, customer_name, customer_email, customer_address, issue_date, due_date,
        vat_rate, notes, internal_notes, created_at
    ),
    delete
on renos.invoices to renos_app;

-- invoice_line_items
alter table renos.invoice_line_items enable row level security, force row level security;
create policy all_rows on renos.invoice_line_items
    to renos_app, service_role, renos_operator, tekup_owner
    using (true);
grant select, insert, update, delete on renos.invoice_line_items to service_role, renos_operator;
grant
    select,
    insert (id, invoice_id, description, quantity, unit_price, sort_order, created_at),
    update (id, invoice_id, description, quantity, unit_price, sort_order, created_at),
    delete
on renos.invoice_line_items to renos_app;

-- analytics
alter table renos.analytics enable row level security, force row level security;
create policy all_rows on renos.analytics to renos_app, service_role, renos_operator, tekup_owner using (true);
grant select, insert, update, delete on renos.analytics to service_role, renos_operator;
grant
    select,
    insert (id, date, metric, value, metadata, created_at),
    update (id, date, metric, value, metadata, created_at),
    delete
on renos.analytics to renos_app;

-- task_executions
alter table renos.task_executions enable row level security, force row level security;
create policy read_all_rows on renos.task_executions for select
    to renos_app, service_role, renos_operator, tekup_owner
    using (true);
create policy add_all_rows on renos.task_executions for insert
    to renos_app, service_role, renos_operator, tekup_owner
    with check (true);
create policy retention on renos.task_executions for delete
    to service_role, renos_operator, tekup_owner
    using (created_at < now() - interval '365 days');
grant select, insert, delete on renos.task_executions to service_role, renos_operator;
grant
    select,
    insert (
        id, task_type, task_payload, status, result, error, duration, trace_id, session_id, user_id, intent,
        confidence, correction_type, executed_at, created_at
    )
on renos.task_executions to renos_app;
