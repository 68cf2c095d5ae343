-- Who may do what in the schema flow, row by row and column by column.
--
-- Row-level security is forced on every table, and a table without a rule for a role is closed to it. The
-- `using` part of a policy also checks what is written, so no row can be moved out of sight. Grants name
-- columns: what the service computes or guards (and updated_at, which a trigger sets) can't be written by
-- callers, secrets can't be read by them. The operator role, which typed operations run as, may write
-- everything; its row rules follow the caller.

grant usage on schema flow to
    authenticated, crm_app, flow_app, service_role, crm_operator, flow_operator, tekup_owner;

-- workflows
alter table flow.workflows enable row level security, force row level security;
create policy all_rows on flow.workflows to flow_app, service_role, flow_operator, tekup_owner using (true);
grant select, insert, update, delete on flow.workflows to service_role, flow_operator;
grant
    select,
    insert (
        id, name, description, is_template, template_id, trigger, nodes, edges, timeout, retry_attempts,
        owner, created_at
    ),
    update (
        id, name, description, is_template, template_id, trigger, nodes, edges, timeout, retry_attempts,
        owner, created_at
    ),
    delete
on flow.workflows to flow_app;

-- executions
alter table flow.executions enable row level security, force row level security;
create policy all_rows on flow.executions to service_role, flow_operator, tekup_owner using (true);
create policy read_all_rows on flow.executions for select to flow_app using (true);
grant select on flow.executions to flow_app;
grant select, insert, update, delete on flow.executions to service_role, flow_operator;

-- execution_steps
alter table flow.execution_steps enable row level security, force row level security;
create policy all_rows on flow.execution_steps to service_role, flow_operator, tekup_owner using (true);
create policy read_all_rows on flow.execution_steps for select to flow_app using (true);
grant select on flow.execution_steps to flow_app;
grant select, insert, update, delete on flow.execution_steps to service_role, flow_operator;

-- execution_logs
alter table flow.execution_logs enable row level security, force row level security;
create policy read_all_rows on flow.execution_logs for select
    to flow_app, service_role, flow_operator, tekup_owner
    using (true);
create policy add_all_rows on flow.execution_logs for insert
    to flow_app, service_role, flow_operator, tekup_owner
    with check (true);
create policy retention on flow.execution_logs for delete
    to service_role, flow_operator, tekup_owner
    using ("timestamp" < now() - interval '90 days');
grant select, insert, delete on flow.execution_logs to service_role, flow_operator;
grant
    select,
    insert (id, execution_id, level, message, data, step_id, "timestamp")
on flow.execution_logs to flow_app;

-- schedules
alter table flow.schedules enable row level security, force row level security;
create policy all_rows on flow.schedules to flow_app, service_role, flow_operator, tekup_owner using (true);
grant select, insert, update, delete on flow.schedules to service_role, flow_operator;
grant
    select,
    insert (
        id, workflow_id, name, description, cron_expression, interval_minutes, is_active, timezone,
        start_date, end_date, max_runs, created_at
    ),
    update (
        id, workflow_id, name, description, cron_expression, interval_minutes, is_active, timezone,
        start_date, end_date, max_runs, created_at
    ),
    delete
on flow.schedules to flow_app;

-- webhooks
alter table flow.webhooks enable row level security, force row level security;
create policy all_rows on flow.webhooks to flow_app, service_role, flow_operator, tekup_owner using (true);
grant
    select (
        id, workflow_id, name, url, method, allowed_ips, is_active, request_count, last_request_at,
        created_at, updated_at
    ),
    insert (id, workflow_id, name, url, method, allowed_ips, is_active, created_at),
    update (id, workflow_id, name, url, method, allowed_ips, is_active, created_at),
    delete
on flow.webhooks to flow_app;
grant
    select (
        id, workflow_id, name, url, method, allowed_ips, is_active, request_count, last_request_at,
        created_at, updated_at
    ),
    insert,
    update,
    delete
on flow.webhooks to service_role;
grant select, insert, update, delete on flow.webhooks to flow_operator;

-- integrations
alter table flow.integrations enable row level security, force row level security;
create policy all_rows on flow.integrations to flow_app, service_role, flow_operator, tekup_owner using (true);
grant
    select (id, name, type, status, last_error, owner, usage_count, last_used_at, created_at, updated_at),
    insert (id, name, type, status, owner, created_at),
    update (id, name, type, status, owner, created_at),
    delete
on flow.integrations to flow_app;
grant
    select (id, name, type, status, last_error, owner, usage_count, last_used_at, created_at, updated_at),
    insert,
    update,
    delete
on flow.integrations to service_role;
grant select, insert, update, delete on flow.integrations to flow_operator;

-- variables
alter table flow.variables enable row level security, force row level security;
create policy all_rows on flow.variables to service_role, flow_operator, tekup_owner using (true);
create policy read_all_rows on flow.variables for select to flow_app using (true);
grant
    select (id, workflow_id, key, type, is_secret, encrypted, description, created_at, updated_at)
on flow.variables to flow_app;
grant
    select (id, workflow_id, key, type, is_secret, encrypted, description, created_at, updated_at),
    insert,
    update,
    delete
on flow.variables to service_role;
grant select, insert, update, delete on flow.variables to flow_operator;

-- metrics
alter table flow.metrics enable row level security, force row level security;
create policy all_rows on flow.metrics to flow_app, service_role, flow_operator, tekup_owner using (true);
grant select, insert, update, delete on flow.metrics to service_role, flow_operator;
grant
    select,
    insert (id, date, metric, value, workflow_id, metadata, created_at),
    update (id, date, metric, value, workflow_id, metadata, created_at),
    delete
on flow.metrics to flow_app;

-- leads
alter table flow.leads enable row level security, force row level security;
create policy all_rows on flow.leads to service_role, tekup_owner using (true);
create policy own_tenant on flow.leads to flow_app using (tenant_id = (select auth.org_uuid()));
create policy operator on flow.leads
    to flow_operator
    using (tenant_id = (select auth.org_uuid()) or (select auth.caller_role()) = 'service_role');
create policy own_tenant_read on flow.leads for select
    to authenticated, crm_app
    using (tenant_id = (select auth.org_uuid()));
create policy operator_read on flow.leads for select
    to crm_operator
    using (tenant_id = (select auth.org_uuid()) or (select auth.caller_role()) = 'service_role');
grant select on flow.leads to authenticated, crm_app, crm_operator;
grant select, insert, update, delete on flow.leads to service_role, flow_operator;
grant
    select,
    insert (
        id, tenant_id, source, name, email, phone, payload, compliance_type, severity, scan_id,
        finding_category, recommendation, auto_actionable, sla_deadline, affected_systems, evidence,
        created_at
    ),
    update (
        id, tenant_id, source, name, email, phone, payload, compliance_type, severity, scan_id,
        finding_category, recommendation, auto_actionable, sla_deadline, affected_systems, evidence,
        created_at
    ),
    delete
on flow.leads to flow_app;

-- sms_tracking
alter table flow.sms_tracking enable row level security, force row level security;
create policy all_rows on flow.sms_tracking to service_role, tekup_owner using (true);
create policy own_tenant on flow.sms_tracking to flow_app using (tenant_id = (select auth.org_uuid()));
create policy operator on flow.sms_tracking
    to flow_operator
    using (tenant_id = (select auth.org_uuid()) or (select auth.caller_role()) = 'service_role');
create policy own_tenant_read on flow.sms_tracking for select
    to authenticated, crm_app
    using (tenant_id = (select auth.org_uuid()));
create policy operator_read on flow.sms_tracking for select
    to crm_operator
    using (tenant_id = (select auth.org_uuid()) or (select auth.caller_role()) = 'service_role');
create policy references_stay_inside on flow.sms_tracking as restrictive
    using (true)
    with check (
        exists (
            select from flow.leads as lead
            where lead.id = sms_tracking.lead_id and lead.tenant_id = sms_tracking.tenant_id
        )
    );
grant select on flow.sms_tracking to authenticated, crm_app, crm_operator;
grant select, insert, update, delete on flow.sms_tracking to service_role, flow_operator;
grant
    select,
    insert (id, lead_id, tenant_id, phone_number, message_id, sent_at, created_at),
    update (id, lead_id, tenant_id, phone_number, message_id, sent_at, created_at),
    delete
on flow.sms_tracking to flow_app;
