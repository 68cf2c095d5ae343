-- Who may do what in the schema shared, row by row and column by column.
--
-- Row-level security is forced on every table, and a table without a rule for a role is closed to it. The
-- `using` part of a policy also checks what is written, so no row can be moved out of sight. Grants name
-- columns: what the service computes or guards (and updated_at, which a trigger sets) can't be written by
-- callers, secrets can't be read by them. The operator role, which typed operations run as, may write
-- everything; its row rules follow the caller.

-- users
alter table shared.users enable row level security, force row level security;
create policy all_rows on shared.users to service_role, tekup_owner using (true);
create policy read_all_rows on shared.users for select
    to vault_app, billy_app, renos_app, crm_app, flow_app
    using (true);
create policy operator on shared.users
    to shared_operator
    using ((select auth.caller_is_backend()) or id = (select auth.user_uuid()));
create policy own_rows on shared.users for select to authenticated using (id = (select auth.user_uuid()));
create policy operators_read on shared.users for select
    to vault_operator, billy_operator, renos_operator, crm_operator, flow_operator
    using ((select auth.caller_is_backend()) or id = (select auth.user_uuid()));
grant select on shared.users to
    authenticated, vault_app, billy_app, renos_app, crm_app, flow_app, vault_operator, billy_operator,
    renos_operator, crm_operator, flow_operator;
grant select, insert, update, delete on shared.users to service_role, shared_operator;

-- sessions
alter table shared.sessions enable row level security, force row level security;
create policy all_rows on shared.sessions to service_role, tekup_owner using (true);
create policy operator on shared.sessions
    to shared_operator
    using ((select auth.caller_is_backend()) or user_id = (select auth.user_uuid()));
create policy own_rows on shared.sessions for select
    to authenticated
    using (user_id = (select auth.user_uuid()));
grant
    select (
        id, user_id, app, ip_address, user_agent, metadata, last_seen_at, expires_at, revoked_at, created_at
    )
on shared.sessions to authenticated;
grant
    select (
        id, user_id, app, ip_address, user_agent, metadata, last_seen_at, expires_at, revoked_at, created_at
    ),
    insert,
    update,
    delete
on shared.sessions to service_role;
grant select, insert, update, delete on shared.sessions to shared_operator;

-- audit_logs
alter table shared.audit_logs enable row level security, force row level security;
create policy read_all_rows on shared.audit_logs for select
    to service_role, shared_operator, tekup_owner
    using (true);
create policy add_all_rows on shared.audit_logs for insert
    to
        vault_app, billy_app, renos_app, crm_app, flow_app, service_role, vault_operator,
        billy_operator, renos_operator, crm_operator, flow_operator, shared_operator, tekup_owner
    with check (true);
create policy retention on shared.audit_logs for delete
    to service_role, shared_operator, tekup_owner
    using (created_at < now() - interval '365 days');
grant
    insert (id, user_id, service, action, resource_type, resource_id, success, metadata, created_at)
on shared.audit_logs to
    vault_app, billy_app, renos_app, crm_app, flow_app, vault_operator, billy_operator, renos_operator,
    crm_operator, flow_operator;
grant select, insert, delete on shared.audit_logs to service_role, shared_operator;
