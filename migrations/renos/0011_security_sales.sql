-- Rights and row rules, as in 0010_security_people.sql: sales.

-- services
alter table renos.services enable row level security, force row level security;
create policy all_rows on renos.services to renos_app, service_role, renos_operator, tekup_owner using (true);
create policy read_all_rows on renos.services for select to authenticated using (true);
grant select on renos.services to authenticated;
grant select, insert, update, delete on renos.services to service_role, renos_operator;
grant
    select,
    insert (id, name, description, category, price, duration, created_at),
    update (id, name, description, category, price, duration, created_at),
    delete
on renos.services to renos_app;

-- competitor_pricing
alter table renos.competitor_pricing enable row level security, force row level security;
create policy read_all_rows on renos.competitor_pricing for select
    to renos_app, service_role, renos_operator, tekup_owner
    using (true);
create policy add_all_rows on renos.competitor_pricing for insert
    to renos_app, service_role, renos_operator, tekup_owner
    with check (true);
create policy erasure on renos.competitor_pricing for delete
    to service_role, renos_operator, tekup_owner
    using (true);
grant select, insert, delete on renos.competitor_pricing to service_role, renos_operator;
grant
    select,
    insert (id, competitor, website_url, pricing_data, scraped_at, credits_used)
on renos.competitor_pricing to renos_app;

-- customers
alter table renos.customers enable row level security, force row level security;
create policy all_rows on renos.customers to renos_app, service_role, renos_operator, tekup_owner using (true);
grant select, insert, update, delete on renos.customers to service_role, renos_operator;
grant
    select,
    insert (id, name, email, phone, address, company_name, notes, status, tags, last_contact_at, created_at),
    update (id, name, email, phone, address, company_name, notes, status, tags, last_contact_at, created_at),
    delete
on renos.customers to renos_app;

-- leads
alter table renos.leads enable row level security, force row level security;
create policy all_rows on renos.leads to renos_app, service_role, renos_operator, tekup_owner using (true);
grant select, insert, update, delete on renos.leads to service_role, renos_operator;
grant
    select,
    insert (
        id, session_id, customer_id, source, name, email, phone, address, square_meters, rooms, task_type,
        preferred_dates, email_thread_id, idempotency_key, company_name, industry, estimated_size,
        estimated_value, enrichment_data, priority, created_at
    ),
    update (
        id, session_id, customer_id, source, name, email, phone, address, square_meters, rooms, task_type,
        preferred_dates, email_thread_id, idempotency_key, company_name, industry, estimated_size,
        estimated_value, enrichment_data, priority, created_at
    ),
    delete
on renos.leads to renos_app;

-- quotes
alter table renos.quotes enable row level security, force row level security;
create policy all_rows on renos.quotes to renos_app, service_role, renos_operator, tekup_owner using (true);
grant select, insert, update, delete on renos.quotes to service_role, renos_operator;
grant
    select,
    insert (id, lead_id, hourly_rate, estimated_hours, vat_rate, notes, valid_until, created_at),
    update (id, lead_id, hourly_rate, estimated_hours, vat_rate, notes, valid_until, created_at),
    delete
on renos.quotes to renos_app;

-- bookings
alter table renos.bookings enable row level security, force row level security;
create policy all_rows on renos.bookings to renos_app, service_role, renos_operator, tekup_owner using (true);
grant select, insert, update, delete on renos.bookings to service_role, renos_operator;
grant
    select,
    insert (
        id, customer_id, lead_id, quote_id, service_type, address, scheduled_at, estimated_duration,
        start_time, end_time, calendar_event_id, calendar_link, notes, time_notes, created_at
    ),
    update (
        id, customer_id, lead_id, quote_id, service_type, address, scheduled_at, estimated_duration,
        start_time, end_time, calendar_event_id, calendar_link, notes, time_notes, created_at
    ),
    delete
on renos.bookings to renos_app;
