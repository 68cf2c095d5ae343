-- Who may do what in the schema billy, row by row and column by column.
--
-- Row-level security is forced on every table, and a table without a rule for a role is closed to it. The
-- `using` part of a policy also checks what is written, so no row can be moved out of sight. Grants name
-- columns: what the service computes or guards (and updated_at, which a trigger sets) can't be written by
-- callers, secrets can't be read by them. The operator role, which typed operations run as, may write
-- everything; its row rules follow the caller.

grant usage on schema billy to
    authenticated, billy_app, renos_app, service_role, billy_operator, renos_operator, tekup_owner;

-- organizations
alter table billy.organizations enable row level security, force row level security;
create policy all_rows on billy.organizations to service_role, tekup_owner using (true);
create policy own_organization on billy.organizations to billy_app using (id = (select auth.org_uuid()));
create policy operator on billy.organizations
    to billy_operator
    using (id = (select auth.org_uuid()) or (select auth.caller_role()) = 'service_role');
create policy own_organization_read on billy.organizations for select
    to authenticated, renos_app
    using (id = (select auth.org_uuid()));
create policy operator_read on billy.organizations for select
    to renos_operator
    using (id = (select auth.org_uuid()) or (select auth.caller_role()) = 'service_role');
grant
    select (id, name, billy_organization_id, created_at, updated_at, settings, is_active, api_key_rotated_at)
on billy.organizations to authenticated, renos_app, renos_operator;
grant
    select (id, name, billy_organization_id, created_at, updated_at, settings, is_active, api_key_rotated_at),
    insert (id, name, billy_organization_id, created_at, settings, is_active),
    update (id, name, billy_organization_id, created_at, settings, is_active)
on billy.organizations to billy_app;
grant
    select (id, name, billy_organization_id, created_at, updated_at, settings, is_active, api_key_rotated_at),
    insert,
    update,
    delete
on billy.organizations to service_role;
grant select, insert, update, delete on billy.organizations to billy_operator;

-- users
alter table billy.users enable row level security, force row level security;
create policy all_rows on billy.users to service_role, tekup_owner using (true);
create policy own_organization on billy.users to billy_app using (organization_id = (select auth.org_uuid()));
create policy operator on billy.users
    to billy_operator
    using (organization_id = (select auth.org_uuid()) or (select auth.caller_role()) = 'service_role');
create policy own_organization_read on billy.users for select
    to authenticated
    using (organization_id = (select auth.org_uuid()));
grant select on billy.users to authenticated;
grant select, insert, update, delete on billy.users to service_role, billy_operator;
grant
    select,
    insert (id, email, organization_id, role, created_at, is_active, metadata),
    update (id, email, organization_id, role, created_at, is_active, metadata),
    delete
on billy.users to billy_app;

-- cached_invoices
alter table billy.cached_invoices enable row level security, force row level security;
create policy all_rows on billy.cached_invoices to service_role, tekup_owner using (true);
create policy operator on billy.cached_invoices
    to billy_operator
    using (organization_id = (select auth.org_uuid()) or (select auth.caller_role()) = 'service_role');
create policy own_organization on billy.cached_invoices for select
    to authenticated, billy_app, renos_app
    using (organization_id = (select auth.org_uuid()));
create policy operator_read on billy.cached_invoices for select
    to renos_operator
    using (organization_id = (select auth.org_uuid()) or (select auth.caller_role()) = 'service_role');
grant select on billy.cached_invoices to authenticated, billy_app, renos_app, renos_operator;
grant select, insert, update, delete on billy.cached_invoices to service_role, billy_operator;

-- cached_customers
alter table billy.cached_customers enable row level security, force row level security;
create policy all_rows on billy.cached_customers to service_role, tekup_owner using (true);
create policy operator on billy.cached_customers
    to billy_operator
    using (organization_id = (select auth.org_uuid()) or (select auth.caller_role()) = 'service_role');
create policy own_organization on billy.cached_customers for select
    to authenticated, billy_app, renos_app
    using (organization_id = (select auth.org_uuid()));
create policy operator_read on billy.cached_customers for select
    to renos_operator
    using (organization_id = (select auth.org_uuid()) or (select auth.caller_role()) = 'service_role');
grant select on billy.cached_customers to authenticated, billy_app, renos_app, renos_operator;
grant select, insert, update, delete on billy.cached_customers to service_role, billy_operator;

-- cached_products
alter table billy.cached_products enable row level security, force row level security;
create policy all_rows on billy.cached_products to service_role, tekup_owner using (true);
create policy operator on billy.cached_products
    to billy_operator
    using (organization_id = (select auth.org_uuid()) or (select auth.caller_role()) = 'service_role');
create policy own_organization on billy.cached_products for select
    to authenticated, billy_app, renos_app
    using (organization_id = (select auth.org_uuid()));
create policy operator_read on billy.cached_products for select
    to renos_operator
    using (organization_id = (select auth.org_uuid()) or (select auth.caller_role()) = 'service_role');
grant select on billy.cached_products to authenticated, billy_app, renos_app, renos_operator;
grant select, insert, update, delete on billy.cached_products to service_role, billy_operator;

-- audit_logs
alter table billy.audit_logs enable row level security, force row level security;
create policy read_all_rows on billy.audit_logs for select to service_role, tekup_owner using (true);
create policy add_all_rows on billy.audit_logs for insert to service_role, tekup_owner with check (true);
create policy read_own_organization on billy.audit_logs for select
    to authenticated, billy_app
    using (organization_id = (select auth.org_uuid()));
create policy read_operator on billy.audit_logs for select
    to billy_operator
    using (organization_id = (select auth.org_uuid()) or (select auth.caller_role()) = 'service_role');
create policy add_own_organization on billy.audit_logs for insert
    to billy_app
    with check (organization_id = (select auth.org_uuid()));
create policy add_operator on billy.audit_logs for insert
    to billy_operator
    with check (organization_id = (select auth.org_uuid()) or (select auth.caller_role()) = 'service_role');
create policy retention on billy.audit_logs for delete
    to service_role, tekup_owner
    using (created_at < now() - interval '365 days');
create policy retention_operator on billy.audit_logs for delete to billy_operator
    using (
        created_at < now() - interval '365 days'
        and (organization_id = (select auth.org_uuid()) or (select auth.caller_role()) = 'service_role')
    );
create policy references_stay_inside on billy.audit_logs as restrictive
    using (true)
    with check (
        (audit_logs.user_id is null or exists (
            select from billy.users as person
            where person.id = audit_logs.user_id and person.organization_id = audit_logs.organization_id
        ))
    );
grant select on billy.audit_logs to authenticated;
grant select, insert, delete on billy.audit_logs to service_role, billy_operator;
grant
    select,
    insert (
        id, organization_id, user_id, tool_name, action, resource_type, resource_id, input_params,
        output_data, success, error_message, duration_ms, ip_address, user_agent, created_at
    )
on billy.audit_logs to billy_app;

-- usage_metrics
alter table billy.usage_metrics enable row level security, force row level security;
create policy all_rows on billy.usage_metrics to service_role, tekup_owner using (true);
create policy operator on billy.usage_metrics
    to billy_operator
    using (organization_id = (select auth.org_uuid()) or (select auth.caller_role()) = 'service_role');
create policy own_organization on billy.usage_metrics for select
    to authenticated, billy_app
    using (organization_id = (select auth.org_uuid()));
grant select on billy.usage_metrics to authenticated, billy_app;
grant select, insert, update, delete on billy.usage_metrics to service_role, billy_operator;

-- rate_limits
alter table billy.rate_limits enable row level security, force row level security;
create policy all_rows on billy.rate_limits to service_role, tekup_owner using (true);
create policy operator on billy.rate_limits
    to billy_operator
    using (organization_id = (select auth.org_uuid()) or (select auth.caller_role()) = 'service_role');
grant select, insert, update, delete on billy.rate_limits to service_role, billy_operator;
