-- Rights and row rules, as in 0010_security_people.sql: intelligence.

-- customer_intelligence
alter table renos.customer_intelligence enable row level security, force row level security;
create policy all_rows on renos.customer_intelligence
    to renos_app, service_role, renos_operator, tekup_owner
    using (true);
grant select, insert, update, delete on renos.customer_intelligence to service_role, renos_operator;
grant
    select,
    insert (
        id, customer_id, customer_name, access_notes, parking_instructions, special_instructions,
        preferences, fixed_schedule, total_bookings, completed_bookings, canceled_bookings,
        average_job_duration, last_booking_date, risk_score, risk_factors, total_revenue,
        average_booking_value, outstanding_invoices, payment_history, satisfaction_score, complaints,
        praises, created_at
    ),
    update (
        id, customer_id, customer_name, access_notes, parking_instructions, special_instructions,
        preferences, fixed_schedule, total_bookings, completed_bookings, canceled_bookings,
        average_job_duration, last_booking_date, risk_score, risk_factors, total_revenue,
        average_booking_value, outstanding_invoices, payment_history, satisfaction_score, complaints,
        praises, created_at
    ),
    delete
on renos.customer_intelligence to renos_app;

-- booking_validations
alter table renos.booking_validations enable row level security, force row level security;
create policy read_all_rows on renos.booking_validations for select
    to renos_app, service_role, renos_operator, tekup_owner
    using (true);
create policy add_all_rows on renos.booking_validations for insert
    to renos_app, service_role, renos_operator, tekup_owner
    with check (true);
create policy retention on renos.booking_validations for delete
    to service_role, renos_operator, tekup_owner
    using (created_at < now() - interval '365 days');
grant select, insert, delete on renos.booking_validations to service_role, renos_operator;
grant
    select,
    insert (
        id, booking_id, validation_type, passed, confidence, input, warnings, errors, action, reviewed_by,
        created_at
    )
on renos.booking_validations to renos_app;

-- overtime_logs
alter table renos.overtime_logs enable row level security, force row level security;
create policy all_rows on renos.overtime_logs
    to renos_app, service_role, renos_operator, tekup_owner
    using (true);
grant select, insert, update, delete on renos.overtime_logs to service_role, renos_operator;
grant
    select,
    insert (
        id, booking_id, customer_id, customer_name, estimated_hours, actual_hours, overtime_hours,
        start_time, end_time, customer_notified, customer_response, created_at
    ),
    update (
        id, booking_id, customer_id, customer_name, estimated_hours, actual_hours, overtime_hours,
        start_time, end_time, customer_notified, customer_response, created_at
    ),
    delete
on renos.overtime_logs to renos_app;

-- learned_patterns
alter table renos.learned_patterns enable row level security, force row level security;
create policy all_rows on renos.learned_patterns
    to renos_app, service_role, renos_operator, tekup_owner
    using (true);
grant select, insert, update, delete on renos.learned_patterns to service_role, renos_operator;
grant
    select,
    insert (
        id, pattern_type, entity_id, pattern_data, confidence, occurrences, last_observed, last_validated,
        created_at
    ),
    update (
        id, pattern_type, entity_id, pattern_data, confidence, occurrences, last_observed, last_validated,
        created_at
    ),
    delete
on renos.learned_patterns to renos_app;

-- undo_actions
alter table renos.undo_actions enable row level security, force row level security;
create policy all_rows on renos.undo_actions to service_role, renos_operator, tekup_owner using (true);
create policy read_all_rows on renos.undo_actions for select to renos_app using (true);
grant select on renos.undo_actions to renos_app;
grant select, insert, update, delete on renos.undo_actions to service_role, renos_operator;
