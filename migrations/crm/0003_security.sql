-- Who may do what in the schema crm, row by row and column by column.
--
-- Row-level security is forced on every table, and a table without a rule for a role is closed to it. The
-- `using` part of a policy also checks what is written, so no row can be moved out of sight. Grants name
-- columns: what the service computes or guards (and updated_at, which a trigger sets) can't be written by
-- callers, secrets can't be read by them. The operator role, which typed operations run as, may write
-- everything; its row rules follow the caller.

grant usage on schema crm to
    authenticated, crm_app, flow_app, service_role, crm_operator, flow_operator, tekup_owner;

-- tenants
alter table crm.tenants enable row level security, force row level security;
create policy all_rows on crm.tenants to service_role, tekup_owner using (true);
create policy own_tenant on crm.tenants to crm_app using (id = (select auth.org_uuid()));
create policy operator on crm.tenants
    to crm_operator
    using (id = (select auth.org_uuid()) or (select auth.caller_role()) = 'service_role');
create policy own_tenant_read on crm.tenants for select
    to authenticated, flow_app
    using (id = (select auth.org_uuid()));
create policy operator_read on crm.tenants for select
    to flow_operator
    using (id = (select auth.org_uuid()) or (select auth.caller_role()) = 'service_role');
grant select on crm.tenants to authenticated, flow_app, flow_operator;
grant select, insert, update, delete on crm.tenants to service_role, crm_operator;
grant
    select,
    insert (
        id, name, slug, domain, cvr_number, address, city, postal_code, country, phone, email, settings,
        created_at
    ),
    update (
        id, name, slug, domain, cvr_number, address, city, postal_code, country, phone, email, settings,
        created_at
    )
on crm.tenants to crm_app;

-- users
alter table crm.users enable row level security, force row level security;
create policy all_rows on crm.users to service_role, tekup_owner using (true);
create policy own_tenant on crm.users to crm_app using (tenant_id = (select auth.org_uuid()));
create policy operator on crm.users
    to crm_operator
    using (tenant_id = (select auth.org_uuid()) or (select auth.caller_role()) = 'service_role');
create policy own_tenant_read on crm.users for select
    to authenticated
    using (tenant_id = (select auth.org_uuid()));
grant select on crm.users to authenticated;
grant select, insert, update, delete on crm.users to service_role, crm_operator;
grant
    select,
    insert (id, tenant_id, shared_user_id, email, name, phone, role, is_active, last_login_at, created_at),
    update (id, tenant_id, shared_user_id, email, name, phone, role, is_active, last_login_at, created_at),
    delete
on crm.users to crm_app;

-- companies
alter table crm.companies enable row level security, force row level security;
create policy all_rows on crm.companies to service_role, tekup_owner using (true);
create policy own_tenant on crm.companies to crm_app using (tenant_id = (select auth.org_uuid()));
create policy operator on crm.companies
    to crm_operator
    using (tenant_id = (select auth.org_uuid()) or (select auth.caller_role()) = 'service_role');
grant select, insert, update, delete on crm.companies to service_role, crm_operator;
grant
    select,
    insert (
        id, tenant_id, name, website, industry, size, revenue, email, phone, address, city, postal_code,
        country, vat_number, registration_number, status, owner, last_contact_at, notes, tags,
        custom_fields, created_at
    ),
    update (
        id, tenant_id, name, website, industry, size, revenue, email, phone, address, city, postal_code,
        country, vat_number, registration_number, status, owner, last_contact_at, notes, tags,
        custom_fields, created_at
    ),
    delete
on crm.companies to crm_app;

-- contacts
alter table crm.contacts enable row level security, force row level security;
create policy all_rows on crm.contacts to service_role, tekup_owner using (true);
create policy own_tenant on crm.contacts to crm_app using (tenant_id = (select auth.org_uuid()));
create policy operator on crm.contacts
    to crm_operator
    using (tenant_id = (select auth.org_uuid()) or (select auth.caller_role()) = 'service_role');
create policy references_stay_inside on crm.contacts as restrictive
    using (true)
    with check (
        (contacts.company_id is null or exists (
            select from crm.companies as company
            where company.id = contacts.company_id and company.tenant_id = contacts.tenant_id
        ))
    );
grant select, insert, update, delete on crm.contacts to service_role, crm_operator;
grant
    select,
    insert (
        id, tenant_id, first_name, last_name, email, phone, mobile, title, company_id, linked_in, twitter,
        website, address, city, postal_code, country, status, source, owner, last_contact_at,
        next_follow_up, notes, tags, custom_fields, created_at
    ),
    update (
        id, tenant_id, first_name, last_name, email, phone, mobile, title, company_id, linked_in, twitter,
        website, address, city, postal_code, country, status, source, owner, last_contact_at,
        next_follow_up, notes, tags, custom_fields, created_at
    ),
    delete
on crm.contacts to crm_app;

-- deals
alter table crm.deals enable row level security, force row level security;
create policy all_rows on crm.deals to service_role, tekup_owner using (true);
create policy own_tenant on crm.deals to crm_app using (tenant_id = (select auth.org_uuid()));
create policy operator on crm.deals
    to crm_operator
    using (tenant_id = (select auth.org_uuid()) or (select auth.caller_role()) = 'service_role');
create policy references_stay_inside on crm.deals as restrictive
    using (true)
    with check (
        (deals.contact_id is null or exists (
            select from crm.contacts as contact
            where contact.id = deals.contact_id and contact.tenant_id = deals.tenant_id
        ))
        and (deals.company_id is null or exists (
            select from crm.companies as company
            where company.id = deals.company_id and company.tenant_id = deals.tenant_id
        ))
    );
grant select, insert, update, delete on crm.deals to service_role, crm_operator;
grant
    select,
    insert (
        id, tenant_id, title, value, currency, pipeline, probability, contact_id, company_id, owner,
        expected_close_date, description, tags, custom_fields, created_at
    ),
    update (
        id, tenant_id, title, value, currency, pipeline, probability, contact_id, company_id, owner,
        expected_close_date, description, tags, custom_fields, created_at
    ),
    delete
on crm.deals to crm_app;

-- deal_products
alter table crm.deal_products enable row level security, force row level security;
create policy all_rows on crm.deal_products to service_role, tekup_owner using (true);
create policy own_tenant on crm.deal_products to crm_app using (tenant_id = (select auth.org_uuid()));
create policy operator on crm.deal_products
    to crm_operator
    using (tenant_id = (select auth.org_uuid()) or (select auth.caller_role()) = 'service_role');
create policy references_stay_inside on crm.deal_products as restrictive
    using (true)
    with check (
        exists (
            select from crm.deals as deal
            where deal.id = deal_products.deal_id and deal.tenant_id = deal_products.tenant_id
        )
    );
grant select, insert, update, delete on crm.deal_products to service_role, crm_operator;
grant
    select,
    insert (id, tenant_id, deal_id, product_name, quantity, unit_price, discount, description, created_at),
    update (id, tenant_id, deal_id, product_name, quantity, unit_price, discount, description, created_at),
    delete
on crm.deal_products to crm_app;

-- activities
alter table crm.activities enable row level security, force row level security;
create policy all_rows on crm.activities to service_role, tekup_owner using (true);
create policy own_tenant on crm.activities to crm_app using (tenant_id = (select auth.org_uuid()));
create policy operator on crm.activities
    to crm_operator
    using (tenant_id = (select auth.org_uuid()) or (select auth.caller_role()) = 'service_role');
create policy references_stay_inside on crm.activities as restrictive
    using (true)
    with check (
        (activities.contact_id is null or exists (
            select from crm.contacts as contact
            where contact.id = activities.contact_id and contact.tenant_id = activities.tenant_id
        ))
        and (activities.company_id is null or exists (
            select from crm.companies as company
            where company.id = activities.company_id and company.tenant_id = activities.tenant_id
        ))
        and (activities.deal_id is null or exists (
            select from crm.deals as deal
            where deal.id = activities.deal_id and deal.tenant_id = activities.tenant_id
        ))
    );
grant select, insert, update, delete on crm.activities to service_role, crm_operator;
grant
    select,
    insert (
        id, tenant_id, type, subject, description, contact_id, company_id, deal_id, owner, duration_minutes,
        outcome, occurred_at, created_at
    ),
    update (
        id, tenant_id, type, subject, description, contact_id, company_id, deal_id, owner, duration_minutes,
        outcome, occurred_at, created_at
    ),
    delete
on crm.activities to crm_app;

-- emails
alter table crm.emails enable row level security, force row level security;
create policy all_rows on crm.emails to service_role, tekup_owner using (true);
create policy own_tenant on crm.emails to crm_app using (tenant_id = (select auth.org_uuid()));
create policy operator on crm.emails
    to crm_operator
    using (tenant_id = (select auth.org_uuid()) or (select auth.caller_role()) = 'service_role');
create policy references_stay_inside on crm.emails as restrictive
    using (true)
    with check (
        (emails.contact_id is null or exists (
            select from crm.contacts as contact
            where contact.id = emails.contact_id and contact.tenant_id = emails.tenant_id
        ))
    );
grant select, insert, update, delete on crm.emails to service_role, crm_operator;
grant
    select,
    insert (
        id, tenant_id, subject, body, "from", "to", cc, bcc, direction, status, contact_id, external_id,
        thread_id, sent_at, created_at
    ),
    update (
        id, tenant_id, subject, body, "from", "to", cc, bcc, direction, status, contact_id, external_id,
        thread_id, sent_at, created_at
    ),
    delete
on crm.emails to crm_app;

-- tasks
alter table crm.tasks enable row level security, force row level security;
create policy all_rows on crm.tasks to service_role, tekup_owner using (true);
create policy own_tenant on crm.tasks to crm_app using (tenant_id = (select auth.org_uuid()));
create policy operator on crm.tasks
    to crm_operator
    using (tenant_id = (select auth.org_uuid()) or (select auth.caller_role()) = 'service_role');
create policy references_stay_inside on crm.tasks as restrictive
    using (true)
    with check (
        (tasks.contact_id is null or exists (
            select from crm.contacts as contact
            where contact.id = tasks.contact_id and contact.tenant_id = tasks.tenant_id
        ))
    );
grant select, insert, update, delete on crm.tasks to service_role, crm_operator;
grant
    select,
    insert (
        id, tenant_id, title, description, assigned_to, contact_id, status, priority, due_date, created_at
    ),
    update (
        id, tenant_id, title, description, assigned_to, contact_id, status, priority, due_date, created_at
    ),
    delete
on crm.tasks to crm_app;

-- metrics
alter table crm.metrics enable row level security, force row level security;
create policy all_rows on crm.metrics to service_role, tekup_owner using (true);
create policy own_tenant on crm.metrics to crm_app using (tenant_id = (select auth.org_uuid()));
create policy operator on crm.metrics
    to crm_operator
    using (tenant_id = (select auth.org_uuid()) or (select auth.caller_role()) = 'service_role');
grant select, insert, update, delete on crm.metrics to service_role, crm_operator;
grant
    select,
    insert (id, tenant_id, date, metric, value, metadata, created_at),
    update (id, tenant_id, date, metric, value, metadata, created_at),
    delete
on crm.metrics to crm_app;

-- cleaning_jobs
alter table crm.cleaning_jobs enable row level security, force row level security;
create policy all_rows on crm.cleaning_jobs to service_role, tekup_owner using (true);
create policy own_tenant on crm.cleaning_jobs to crm_app using (tenant_id = (select auth.org_uuid()));
create policy operator on crm.cleaning_jobs
    to crm_operator
    using (tenant_id = (select auth.org_uuid()) or (select auth.caller_role()) = 'service_role');
create policy own_tenant_read on crm.cleaning_jobs for select
    to authenticated
    using (tenant_id = (select auth.org_uuid()));
create policy references_stay_inside on crm.cleaning_jobs as restrictive
    using (true)
    with check (
        (cleaning_jobs.contact_id is null or exists (
            select from crm.contacts as contact
            where contact.id = cleaning_jobs.contact_id and contact.tenant_id = cleaning_jobs.tenant_id
        ))
        and (cleaning_jobs.company_id is null or exists (
            select from crm.companies as company
            where company.id = cleaning_jobs.company_id and company.tenant_id = cleaning_jobs.tenant_id
        ))
        and (cleaning_jobs.deal_id is null or exists (
            select from crm.deals as deal
            where deal.id = cleaning_jobs.deal_id and deal.tenant_id = cleaning_jobs.tenant_id
        ))
        and (cleaning_jobs.assigned_to is null or exists (
            select from crm.users as assignee
            where assignee.id = cleaning_jobs.assigned_to and assignee.tenant_id = cleaning_jobs.tenant_id
        ))
    );
grant
    select (
        id, tenant_id, contact_id, company_id, deal_id, assigned_to, title, description, job_type, status,
        priority, scheduled_at, estimated_duration, actual_duration, started_at, completed_at, address,
        city, postal_code, location_details, square_meters, recurring_config, equipment_requirements,
        supply_requirements, special_requirements, price, currency, cost_details, quality_check, created_at,
        updated_at
    )
on crm.cleaning_jobs to authenticated;
grant select, insert, update, delete on crm.cleaning_jobs to service_role, crm_operator;
grant
    select,
    insert (
        id, tenant_id, contact_id, company_id, deal_id, assigned_to, title, description, job_type, priority,
        scheduled_at, estimated_duration, actual_duration, address, city, postal_code, location_details,
        square_meters, recurring_config, equipment_requirements, supply_requirements, special_requirements,
        price, currency, cost_details, quality_check, customer_signature, created_at
    ),
    update (
        id, tenant_id, contact_id, company_id, deal_id, assigned_to, title, description, job_type, priority,
        scheduled_at, estimated_duration, actual_duration, address, city, postal_code, location_details,
        square_meters, recurring_config, equipment_requirements, supply_requirements, special_requirements,
        price, currency, cost_details, quality_check, customer_signature, created_at
    ),
    delete
on crm.cleaning_jobs to crm_app;
