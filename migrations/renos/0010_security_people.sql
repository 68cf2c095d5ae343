-- Who may do what in the schema renos, row by row and column by column.
--
-- Row-level security is forced on every table, and a table without a rule for a role is closed to it. The
-- `using` part of a policy also checks what is written, so no row can be moved out of sight. Grants name
-- columns: what the service computes or guards (and updated_at, which a trigger sets) can't be written by
-- callers, secrets can't be read by them. The operator role, which typed operations run as, may write
-- everything; its row rules follow the caller.

grant usage on schema renos to
    authenticated, renos_app, service_role, renos_operator, tekup_owner;

-- users
alter table renos.users enable row level security, force row level security;
create policy all_rows on renos.users to renos_app, service_role, renos_operator, tekup_owner using (true);
grant
    select (id, email, name, phone, role, is_active, shared_user_id, last_login_at, created_at, updated_at),
    insert (id, email, name, phone, role, is_active, shared_user_id, created_at),
    update (id, email, name, phone, role, is_active, shared_user_id, created_at),
    delete
on renos.users to renos_app;
grant
    select (id, email, name, phone, role, is_active, shared_user_id, last_login_at, created_at, updated_at),
    insert,
    update,
    delete
on renos.users to service_role;
grant select, insert, update, delete on renos.users to renos_operator;

-- chat_sessions
alter table renos.chat_sessions enable row level security, force row level security;
create policy all_rows on renos.chat_sessions to service_role, tekup_owner using (true);
create policy own_rows on renos.chat_sessions
    to authenticated
    using (user_id = (select auth.user_id()) and organization_id = (select auth.org_id()));
create policy own_organization on renos.chat_sessions
    to renos_app
    using (organization_id = (select auth.org_id()));
create policy operator on renos.chat_sessions
    to renos_operator
    using (
        (organization_id = (select auth.org_id()) or (select auth.caller_role()) = 'service_role')
        and ((select auth.caller_is_backend()) or user_id = (select auth.user_id()))
    );
grant select, insert, update, delete on renos.chat_sessions to service_role, renos_operator;
grant
    select,
    insert (id, user_id, organization_id, context, title, metadata, created_at),
    update (id, user_id, organization_id, context, title, metadata, created_at)
on renos.chat_sessions to authenticated;
grant
    select,
    insert (id, user_id, organization_id, context, title, metadata, created_at),
    update (id, user_id, organization_id, context, title, metadata, created_at),
    delete
on renos.chat_sessions to renos_app;

-- chat_messages
alter table renos.chat_messages enable row level security, force row level security;
create policy read_all_rows on renos.chat_messages for select to service_role, tekup_owner using (true);
create policy add_all_rows on renos.chat_messages for insert to service_role, tekup_owner with check (true);
create policy read_rows_of_visible_sessions on renos.chat_messages for select
    to authenticated, renos_app, renos_operator
    using (exists (select from renos.chat_sessions as session where session.id = chat_messages.session_id));
create policy add_rows_of_visible_sessions on renos.chat_messages for insert
    to authenticated, renos_app, renos_operator
    with check (exists (select from renos.chat_sessions as session where session.id = chat_messages.session_id));
create policy erasure on renos.chat_messages for delete to service_role, tekup_owner using (true);
create policy erasure_operator on renos.chat_messages for delete
    to renos_operator
    using (exists (select from renos.chat_sessions as session where session.id = chat_messages.session_id));
grant
    select,
    insert (id, session_id, role, content, metadata, created_at)
on renos.chat_messages to authenticated, renos_app;
grant select, insert, delete on renos.chat_messages to service_role, renos_operator;

-- notifications
alter table renos.notifications enable row level security, force row level security;
create policy all_rows on renos.notifications to service_role, tekup_owner using (true);
create policy own_rows on renos.notifications
    to authenticated
    using (user_id = (select auth.user_id()) and organization_id = (select auth.org_id()));
create policy own_organization on renos.notifications
    to renos_app
    using (organization_id = (select auth.org_id()));
create policy operator on renos.notifications
    to renos_operator
    using (
        (organization_id = (select auth.org_id()) or (select auth.caller_role()) = 'service_role')
        and ((select auth.caller_is_backend()) or user_id = (select auth.user_id()))
    );
grant select, insert, update, delete on renos.notifications to service_role, renos_operator;
grant
    select,
    insert (id, organization_id, user_id, type, title, message, data, created_at),
    update (id, organization_id, user_id, type, title, message, data, created_at)
on renos.notifications to authenticated;
grant
    select,
    insert (id, organization_id, user_id, type, title, message, data, created_at),
    update (id, organization_id, user_id, type, title, message, data, created_at),
    delete
on renos.notifications to renos_app;

-- data_export_requests
alter table renos.data_export_requests enable row level security, force row level security;
create policy all_rows on renos.data_export_requests to renos_app, service_role, tekup_owner using (true);
create policy own_rows on renos.data_export_requests to authenticated using (user_id = (select auth.user_id()));
create policy operator on renos.data_export_requests
    to renos_operator
    using ((select auth.caller_is_backend()) or user_id = (select auth.user_id()));
grant select, insert, update, delete on renos.data_export_requests to service_role, renos_operator;
grant
    select (id, user_id, email, request_date, status, expires_at, created_at, updated_at),
    insert (id, user_id, email, request_date, created_at),
    update (id, user_id, email, request_date, created_at)
on renos.data_export_requests to authenticated;
grant
    select,
    insert (id, user_id, email, request_date, created_at),
    update (id, user_id, email, request_date, created_at),
    delete
on renos.data_export_requests to renos_app;

-- data_deletion_requests
alter table renos.data_deletion_requests enable row level security, force row level security;
create policy all_rows on renos.data_deletion_requests to renos_app, service_role, tekup_owner using (true);
create policy own_rows on renos.data_deletion_requests
    to authenticated
    using (user_id = (select auth.user_id()));
create policy operator on renos.data_deletion_requests
    to renos_operator
    using ((select auth.caller_is_backend()) or user_id = (select auth.user_id()));
grant select, insert, update, delete on renos.data_deletion_requests to service_role, renos_operator;
grant
    select,
    insert (id, user_id, email, request_date, reason, created_at),
    update (id, user_id, email, request_date, reason, created_at)
on renos.data_deletion_requests to authenticated;
grant
    select,
    insert (id, user_id, email, request_date, reason, created_at),
    update (id, user_id, email, request_date, reason, created_at),
    delete
on renos.data_deletion_requests to renos_app;

-- consent_records
alter table renos.consent_records enable row level security, force row level security;
create policy all_rows on renos.consent_records to renos_app, service_role, tekup_owner using (true);
create policy own_rows on renos.consent_records to authenticated using (user_id = (select auth.user_id()));
create policy operator on renos.consent_records
    to renos_operator
    using ((select auth.caller_is_backend()) or user_id = (select auth.user_id()));
grant select, insert, update, delete on renos.consent_records to service_role, renos_operator;
grant
    select,
    insert (id, user_id, consent_type, granted, granted_at, ip_address, user_agent, version, created_at),
    update (id, user_id, consent_type, granted, granted_at, ip_address, user_agent, version, created_at)
on renos.consent_records to authenticated;
grant
    select,
    insert (id, user_id, consent_type, granted, granted_at, ip_address, user_agent, version, created_at),
    update (id, user_id, consent_type, granted, granted_at, ip_address, user_agent, version, created_at),
    delete
on renos.consent_records to renos_app;

-- privacy_policies
alter table renos.privacy_policies enable row level security, force row level security;
create policy all_rows on renos.privacy_policies
    to renos_app, service_role, renos_operator, tekup_owner
    using (true);
create policy active_rows on renos.privacy_policies for select to authenticated using (active);
grant select on renos.privacy_policies to authenticated;
grant select, insert, update, delete on renos.privacy_policies to service_role, renos_operator;
grant
    select,
    insert (id, version, content, created_at),
    update (id, version, content, created_at),
    delete
on renos.privacy_policies to renos_app;

-- audit_logs
alter table renos.audit_logs enable row level security, force row level security;
create policy read_all_rows on renos.audit_logs for select to service_role, tekup_owner using (true);
create policy add_all_rows on renos.audit_logs for insert to service_role, tekup_owner with check (true);
create policy read_own_organization on renos.audit_logs for select
    to renos_app
    using (organization_id = (select auth.org_id()));
create policy read_operator on renos.audit_logs for select
    to renos_operator
    using (organization_id = (select auth.org_id()) or (select auth.caller_role()) = 'service_role');
create policy add_own_organization on renos.audit_logs for insert
    to renos_app
    with check (organization_id = (select auth.org_id()));
create policy add_operator on renos.audit_logs for insert
    to renos_operator
    with check (organization_id = (select auth.org_id()) or (select auth.caller_role()) = 'service_role');
create policy retention on renos.audit_logs for delete
    to service_role, tekup_owner
    using (created_at < now() - interval '365 days');
create policy retention_operator on renos.audit_logs for delete to renos_operator
    using (
        created_at < now() - interval '365 days'
        and (organization_id = (select auth.org_id()) or (select auth.caller_role()) = 'service_role')
    );
grant select, insert, delete on renos.audit_logs to service_role, renos_operator;
grant
    select,
    insert (
        id, organization_id, user_id, action, entity_type, entity_id, old_values, new_values, ip_address,
        user_agent, created_at
    )
on renos.audit_logs to renos_app;

-- security_events
alter table renos.security_events enable row level security, force row level security;
create policy read_all_rows on renos.security_events for select to service_role, tekup_owner using (true);
create policy add_all_rows on renos.security_events for insert to service_role, tekup_owner with check (true);
create policy read_own_organization on renos.security_events for select
    to renos_app
    using (organization_id = (select auth.org_id()));
create policy add_own_organization on renos.security_events for insert
    to renos_app
    with check (organization_id = (select auth.org_id()));
create policy read_operator on renos.security_events for select
    to renos_operator
    using (organization_id = (select auth.org_id()) or (select auth.caller_role()) = 'service_role');
create policy add_operator on renos.security_events for insert
    to renos_operator
    with check (organization_id = (select auth.org_id()) or (select auth.caller_role()) = 'service_role');
create policy resolve_operator on renos.security_events for update to renos_operator
    using (organization_id = (select auth.org_id()) or (select auth.caller_role()) = 'service_role');
create policy retention on renos.security_events for delete
    to service_role, tekup_owner
    using (resolved_at < now() - interval '365 days');
create policy retention_operator on renos.security_events for delete to renos_operator
    using (
        resolved_at < now() - interval '365 days'
        and (organization_id = (select auth.org_id()) or (select auth.caller_role()) = 'service_role')
    );
grant
    select,
    insert (
        id, organization_id, user_id, event_type, severity, description, metadata, ip_address, user_agent,
        created_at
    )
on renos.security_events to renos_app;
grant select, insert, delete on renos.security_events to service_role;
grant select, insert, update, delete on renos.security_events to renos_operator;
