-- Rights and row rules, as in 0010_security_people.sql: subcontractors.

-- subcontractors
alter table renos.subcontractors enable row level security, force row level security;
create policy all_rows on renos.subcontractors
    to renos_app, service_role, renos_operator, tekup_owner
    using (true);
grant select, insert, update, delete on renos.subcontractors to service_role, renos_operator;
grant
    select,
    insert (
        id, company_name, contact_name, email, phone, address, city, zip_code, cvr_number, website_url,
        status, notes, created_at
    ),
    update (
        id, company_name, contact_name, email, phone, address, city, zip_code, cvr_number, website_url,
        status, notes, created_at
    ),
    delete
on renos.subcontractors to renos_app;

-- subcontractor_services
alter table renos.subcontractor_services enable row level security, force row level security;
create policy all_rows on renos.subcontractor_services
    to renos_app, service_role, renos_operator, tekup_owner
    using (true);
grant select, insert, update, delete on renos.subcontractor_services to service_role, renos_operator;
grant
    select,
    insert (id, subcontractor_id, service_id, experience_years, certifications, created_at),
    update (id, subcontractor_id, service_id, experience_years, certifications, created_at),
    delete
on renos.subcontractor_services to renos_app;

-- subcontractor_documents
alter table renos.subcontractor_documents enable row level security, force row level security;
create policy all_rows on renos.subcontractor_documents
    to renos_app, service_role, renos_operator, tekup_owner
    using (true);
grant select, insert, update, delete on renos.subcontractor_documents to service_role, renos_operator;
grant
    select,
    insert (
        id, subcontractor_id, document_type, document_name, storage_url, expiration_date, status,
        uploaded_at
    ),
    update (
        id, subcontractor_id, document_type, document_name, storage_url, expiration_date, status,
        uploaded_at
    ),
    delete
on renos.subcontractor_documents to renos_app;

-- subcontractor_availability
alter table renos.subcontractor_availability enable row level security, force row level security;
create policy all_rows on renos.subcontractor_availability
    to renos_app, service_role, renos_operator, tekup_owner
    using (true);
grant select, insert, update, delete on renos.subcontractor_availability to service_role, renos_operator;
grant
    select,
    insert (
        id, subcontractor_id, date, start_time, end_time, is_available, recurring, recurring_pattern, notes,
        created_at
    ),
    update (
        id, subcontractor_id, date, start_time, end_time, is_available, recurring, recurring_pattern, notes,
        created_at
    ),
    delete
on renos.subcontractor_availability to renos_app;

-- task_assignments
alter table renos.task_assignments enable row level security, force row level security;
create policy all_rows on renos.task_assignments
    to renos_app, service_role, renos_operator, tekup_owner
    using (true);
grant select, insert, update, delete on renos.task_assignments to service_role, renos_operator;
grant
    select,
    insert (
        id, booking_id, subcontractor_id, assigned_by, assigned_at, actual_hours, notes, calendar_event_id,
        invoice_id, invoice_number, created_at
    ),
    update (
        id, booking_id, subcontractor_id, assigned_by, assigned_at, actual_hours, notes, calendar_event_id,
        invoice_id, invoice_number, created_at
    ),
    delete
on renos.task_assignments to renos_app;

-- subcontractor_reviews
alter table renos.subcontractor_reviews enable row level security, force row level security;
create policy all_rows on renos.subcontractor_reviews
    to renos_app, service_role, renos_operator, tekup_owner
    using (true);
grant select, insert, update, delete on renos.subcontractor_reviews to service_role, renos_operator;
grant
    select,
    insert (
        id, task_assignment_id, subcontractor_id, reviewed_by, rating, quality_score, timeliness_score,
        communication_score, professionalism_score, would_recommend, comments, photos, created_at
    ),
    update (
        id, task_assignment_id, subcontractor_id, reviewed_by, rating, quality_score, timeliness_score,
        communication_score, professionalism_score, would_recommend, comments, photos, created_at
    ),
    delete
on renos.subcontractor_reviews to renos_app;

-- subcontractor_agreements
alter table renos.subcontractor_agreements enable row level security, force row level security;
create policy all_rows on renos.subcontractor_agreements
    to renos_app, service_role, renos_operator, tekup_owner
    using (true);
grant select, insert, update, delete on renos.subcontractor_agreements to service_role, renos_operator;
grant
    select,
    insert (
        id, subcontractor_id, agreement_type, terms, signed_date, expiration_date, status, document_url,
        payment_terms, hourly_rate_dkk, created_by, notes, created_at
    ),
    update (
        id, subcontractor_id, agreement_type, terms, signed_date, expiration_date, status, document_url,
        payment_terms, hourly_rate_dkk, created_by, notes, created_at
    ),
    delete
on renos.subcontractor_agreements to renos_app;

-- push_subscriptions
alter table renos.push_subscriptions enable row level security, force row level security;
create policy all_rows on renos.push_subscriptions
    to renos_app, service_role, renos_operator, tekup_owner
    using (true);
grant
    select (id, subcontractor_id, user_agent, created_at, last_used_at),
    insert (id, subcontractor_id, subscription, user_agent, created_at, last_used_at),
    update (id, subcontractor_id, subscription, user_agent, created_at, last_used_at),
    delete
on renos.push_subscriptions to renos_app;
grant
    select (id, subcontractor_id, user_agent, created_at, last_used_at),
    insert,
    update,
    delete
on renos.push_subscriptions to service_role;
grant select, insert, update, delete on renos.push_subscriptions to renos_operator;
