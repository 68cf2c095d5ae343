-- Rights and row rules, as in 0010_security_people.sql: work.

-- breaks
alter table renos.breaks enable row level security, force row level security;
create policy all_rows on renos.breaks to service_role, renos_operator, tekup_owner using (true);
create policy read_all_rows on renos.breaks for select to renos_app using (true);
grant select on renos.breaks to renos_app;
grant select, insert, update, delete on renos.breaks to service_role, renos_operator;

-- cleaning_plans
alter table renos.cleaning_plans enable row level security, force row level security;
create policy all_rows on renos.cleaning_plans
    to renos_app, service_role, renos_operator, tekup_owner
    using (true);
grant select, insert, update, delete on renos.cleaning_plans to service_role, renos_operator;
grant
    select,
    insert (
        id, customer_id, name, description, service_type, frequency, is_template, is_active,
        estimated_duration, square_meters, address, notes, created_at
    ),
    update (
        id, customer_id, name, description, service_type, frequency, is_template, is_active,
        estimated_duration, square_meters, address, notes, created_at
    ),
    delete
on renos.cleaning_plans to renos_app;

-- cleaning_tasks
alter table renos.cleaning_tasks enable row level security, force row level security;
create policy all_rows on renos.cleaning_tasks
    to renos_app, service_role, renos_operator, tekup_owner
    using (true);
grant select, insert, update, delete on renos.cleaning_tasks to service_role, renos_operator;
grant
    select,
    insert (
        id, plan_id, name, description, category, estimated_time, is_required, is_completed, sort_order,
        price_per_task, created_at
    ),
    update (
        id, plan_id, name, description, category, estimated_time, is_required, is_completed, sort_order,
        price_per_task, created_at
    ),
    delete
on renos.cleaning_tasks to renos_app;

-- cleaning_plan_bookings
alter table renos.cleaning_plan_bookings enable row level security, force row level security;
create policy all_rows on renos.cleaning_plan_bookings
    to renos_app, service_role, renos_operator, tekup_owner
    using (true);
grant select, insert, update, delete on renos.cleaning_plan_bookings to service_role, renos_operator;
grant
    select,
    insert (id, plan_id, booking_id, completed_tasks, actual_duration, notes, created_at),
    update (id, plan_id, booking_id, completed_tasks, actual_duration, notes, created_at),
    delete
on renos.cleaning_plan_bookings to renos_app;

-- team_members
alter table renos.team_members enable row level security, force row level security;
create policy all_rows on renos.team_members
    to renos_app, service_role, renos_operator, tekup_owner
    using (true);
grant select, insert, update, delete on renos.team_members to service_role, renos_operator;
grant
    select,
    insert (id, user_id, skills, hourly_rate, availability, performance_metrics, hire_date, created_at),
    update (id, user_id, skills, hourly_rate, availability, performance_metrics, hire_date, created_at),
    delete
on renos.team_members to renos_app;

-- time_entries
alter table renos.time_entries enable row level security, force row level security;
create policy all_rows on renos.time_entries
    to renos_app, service_role, renos_operator, tekup_owner
    using (true);
grant select, insert, update, delete on renos.time_entries to service_role, renos_operator;
grant
    select,
    insert (
        id, team_member_id, lead_id, booking_id, start_time, end_time, break_duration, notes, location,
        created_at
    ),
    update (
        id, team_member_id, lead_id, booking_id, start_time, end_time, break_duration, notes, location,
        created_at
    ),
    delete
on renos.time_entries to renos_app;

-- time_corrections
alter table renos.time_corrections enable row level security, force row level security;
create policy all_rows on renos.time_corrections to service_role, renos_operator, tekup_owner using (true);
create policy read_all_rows on renos.time_corrections for select to renos_app using (true);
grant select on renos.time_corrections to renos_app;
grant select, insert, update, delete on renos.time_corrections to service_role, renos_operator;

-- quality_checklists
alter table renos.quality_checklists enable row level security, force row level security;
create policy all_rows on renos.quality_checklists
    to renos_app, service_role, renos_operator, tekup_owner
    using (true);
grant select, insert, update, delete on renos.quality_checklists to service_role, renos_operator;
grant
    select,
    insert (id, service_type, name, description, items, created_at),
    update (id, service_type, name, description, items, created_at),
    delete
on renos.quality_checklists to renos_app;

-- quality_assessments
alter table renos.quality_assessments enable row level security, force row level security;
create policy all_rows on renos.quality_assessments
    to renos_app, service_role, renos_operator, tekup_owner
    using (true);
grant select, insert, update, delete on renos.quality_assessments to service_role, renos_operator;
grant
    select,
    insert (id, lead_id, checklist_id, assessed_by, completed_items, overall_score, notes, created_at),
    update (id, lead_id, checklist_id, assessed_by, completed_items, overall_score, notes, created_at),
    delete
on renos.quality_assessments to renos_app;

-- photo_documentation
alter table renos.photo_documentation enable row level security, force row level security;
create policy all_rows on renos.photo_documentation
    to renos_app, service_role, renos_operator, tekup_owner
    using (true);
grant select, insert, update, delete on renos.photo_documentation to service_role, renos_operator;
grant
    select,
    insert (
        id, lead_id, checklist_item_id, type, photo_url, thumbnail_url, description, uploaded_by,
        "timestamp", metadata, created_at
    ),
    update (
        id, lead_id, checklist_item_id, type, photo_url, thumbnail_url, description, uploaded_by,
        "timestamp", metadata, created_at
    ),
    delete
on renos.photo_documentation to renos_app;
