-- Workflows, their runs, what starts them and what they use; leads taken in and messages sent to them.

create schema if not exists flow;

comment on schema flow is 'Workflow automation: definitions, runs, schedules, webhooks, integrations, variables; leads and SMS.';

-- Workflows and their runs
-- ------------------------

create table flow.workflows (
    id               text not null default shared.new_id(),
    name             text not null,
    description      text,
    is_template      boolean not null default false,
    template_id      text,
    status           text not null default 'draft',
    trigger          jsonb not null,
    nodes            jsonb not null,
    edges            jsonb not null,
    timeout          integer not null default 3600,
    retry_attempts   integer not null default 3,
    owner            text not null,
    execution_count  integer not null default 0,
    success_count    integer not null default 0,
    failure_count    integer not null default 0,
    avg_duration_ms  integer,
    last_executed_at timestamptz,
    created_at       timestamptz not null default now(),
    updated_at       timestamptz not null default now(),
    constraint workflows_pkey primary key (id),
    constraint workflows_status_check check (status in ('draft', 'active', 'paused', 'archived')),
    constraint workflows_timeout_check check (timeout > 0 and retry_attempts >= 0),
    constraint workflows_template_id_fkey
        foreign key (template_id) references flow.workflows (id) on delete set null
);

comment on table flow.workflows is 'Automation definitions and templates, with run counters.';
comment on column flow.workflows.id is 'Primary key.';
comment on column flow.workflows.name is 'Name.';
comment on column flow.workflows.description is 'Text.';
comment on column flow.workflows.is_template is 'Whether a pattern; templates are not run.';
comment on column flow.workflows.template_id is 'Template it was made from.';
comment on column flow.workflows.status is 'State.';
comment on column flow.workflows.trigger is 'What starts it: {type: webhook|schedule|manual|event, ...}.';
comment on column flow.workflows.nodes is 'Array of {id, type, name, config}.';
comment on column flow.workflows.edges is 'Array of {from, to, condition?}.';
comment on column flow.workflows.timeout is 'Seconds a run may last.';
comment on column flow.workflows.retry_attempts is 'Tries a step gets by default.';
comment on column flow.workflows.owner is 'User id of the owner.';
comment on column flow.workflows.execution_count is 'Runs started; derived.';
comment on column flow.workflows.success_count is 'Runs completed; derived.';
comment on column flow.workflows.failure_count is 'Runs failed; derived.';
comment on column flow.workflows.avg_duration_ms is 'Mean duration of the completed runs, rounded; derived.';
comment on column flow.workflows.last_executed_at is 'Start of the newest run.';
comment on column flow.workflows.created_at is 'When the row was made.';
comment on column flow.workflows.updated_at is 'When the row was last changed; set by trigger on every update.';

create index workflows_status_idx on flow.workflows (status);
create index workflows_owner_idx on flow.workflows (owner);
create index workflows_is_template_idx on flow.workflows (is_template);
create index workflows_updated_at_idx on flow.workflows (updated_at desc);
create index workflows_template_id_idx_partial on flow.workflows (template_id) where template_id is not null;

-- The counters of runs are not edits: they leave updated_at, and with it the order of the list, alone.
create trigger workflows_set_updated_at
    before update of
        name, description, trigger, nodes, edges, status,
        is_template, template_id, timeout, retry_attempts, owner
    on flow.workflows
    for each row execute function shared.set_updated_at();

create table flow.executions (
    id              text not null default shared.new_id(),
    workflow_id     text not null,
    status          text not null default 'running',
    input           jsonb,
    output          jsonb,
    error           text,
    current_step    text,
    completed_steps text[] not null default '{}',
    failed_step     text,
    started_at      timestamptz not null default now(),
    completed_at    timestamptz,
    duration_ms     integer,
    triggered_by    text,
    metadata        jsonb,
    constraint executions_pkey primary key (id),
    constraint executions_status_check check (status in ('running', 'completed', 'failed', 'cancelled')),
    constraint executions_workflow_id_fkey
        foreign key (workflow_id) references flow.workflows (id) on delete cascade
);

comment on table flow.executions is 'Runs of workflows.';
comment on column flow.executions.id is 'Primary key.';
comment on column flow.executions.workflow_id is 'Workflow.';
comment on column flow.executions.status is 'State.';
comment on column flow.executions.input is 'Input.';
comment on column flow.executions.output is 'Output.';
comment on column flow.executions.error is 'Failure text.';
comment on column flow.executions.current_step is 'Node now running.';
comment on column flow.executions.completed_steps is 'Nodes done, in order.';
comment on column flow.executions.failed_step is 'Node that failed.';
comment on column flow.executions.started_at is 'Start.';
comment on column flow.executions.completed_at is 'End.';
comment on column flow.executions.duration_ms is 'completed_at - started_at.';
comment on column flow.executions.triggered_by is
    'What started it. Known values, others are accepted: manual, schedule, webhook, event.';
comment on column flow.executions.metadata is 'Details.';

create index executions_status_idx on flow.executions (status);
create index executions_started_at_idx on flow.executions (started_at);
create index executions_workflow_id_started_at_idx on flow.executions (workflow_id, started_at desc);
create index executions_started_at_idx_partial on flow.executions (started_at) where status = 'running';

create table flow.execution_steps (
    id             text not null default shared.new_id(),
    execution_id   text not null,
    step_id        text not null,
    step_name      text not null,
    step_type      text not null,
    status         text not null default 'pending',
    input          jsonb,
    output         jsonb,
    error          text,
    started_at     timestamptz,
    completed_at   timestamptz,
    duration_ms    integer,
    attempt_number integer not null default 1,
    max_attempts   integer not null default 3,
    created_at     timestamptz not null default now(),
    constraint execution_steps_pkey primary key (id),
    constraint execution_steps_status_check check (
        status in (
            'pending', 'running', 'completed', 'failed', 'skipped'
        )
    ),
    constraint execution_steps_execution_id_fkey
        foreign key (execution_id) references flow.executions (id) on delete cascade
);

comment on table flow.execution_steps is 'Steps of a run.';
comment on column flow.execution_steps.id is 'Primary key.';
comment on column flow.execution_steps.execution_id is 'Run.';
comment on column flow.execution_steps.step_id is 'Node id in the workflow.';
comment on column flow.execution_steps.step_name is 'Name of the node.';
comment on column flow.execution_steps.step_type is
    'Kind of node. Known values, others are accepted: trigger, action, condition, loop, end.';
comment on column flow.execution_steps.status is 'State.';
comment on column flow.execution_steps.input is 'Input.';
comment on column flow.execution_steps.output is 'Output.';
comment on column flow.execution_steps.error is 'Failure text.';
comment on column flow.execution_steps.started_at is 'Start.';
comment on column flow.execution_steps.completed_at is 'End.';
comment on column flow.execution_steps.duration_ms is 'completed_at - started_at.';
comment on column flow.execution_steps.attempt_number is 'Which try, from 1.';
comment on column flow.execution_steps.max_attempts is 'Tries allowed.';
comment on column flow.execution_steps.created_at is 'When the row was made.';

create index execution_steps_status_idx on flow.execution_steps (status);
create index execution_steps_execution_id_created_at_idx on flow.execution_steps (execution_id, created_at);

create table flow.execution_logs (
    id           text not null default shared.new_id(),
    execution_id text not null,
    level        text not null,
    message      text not null,
    data         jsonb,
    step_id      text,
    "timestamp"  timestamptz not null default now(),
    constraint execution_logs_pkey primary key (id),
    constraint execution_logs_level_check check (level in ('debug', 'info', 'warn', 'error')),
    constraint execution_logs_execution_id_fkey
        foreign key (execution_id) references flow.executions (id) on delete cascade
);

comment on table flow.execution_logs is 'Log lines of a run; append-only.';
comment on column flow.execution_logs.id is 'Primary key.';
comment on column flow.execution_logs.execution_id is 'Run.';
comment on column flow.execution_logs.level is 'Weight.';
comment on column flow.execution_logs.message is 'Text.';
comment on column flow.execution_logs.data is 'Details.';
comment on column flow.execution_logs.step_id is 'Step row or node id; soft reference.';
comment on column flow.execution_logs."timestamp" is 'When.';

create index execution_logs_level_idx on flow.execution_logs (level);
create index execution_logs_timestamp_idx on flow.execution_logs ("timestamp");
create index execution_logs_execution_id_timestamp_idx on flow.execution_logs (execution_id, "timestamp");

-- What starts them
-- ----------------

create table flow.schedules (
    id               text not null default shared.new_id(),
    workflow_id      text not null,
    name             text not null,
    description      text,
    cron_expression  text,
    interval_minutes integer,
    is_active        boolean not null default true,
    timezone         text not null default 'Europe/Copenhagen',
    start_date       timestamptz,
    end_date         timestamptz,
    max_runs         integer,
    current_runs     integer not null default 0,
    last_run         timestamptz,
    next_run         timestamptz,
    created_at       timestamptz not null default now(),
    updated_at       timestamptz not null default now(),
    constraint schedules_pkey primary key (id),
    constraint schedules_cron_expression_check
        check ((cron_expression is not null) <> (interval_minutes is not null)),
    constraint schedules_interval_minutes_check check (interval_minutes > 0),
    constraint schedules_workflow_id_fkey
        foreign key (workflow_id) references flow.workflows (id) on delete cascade
);

comment on table flow.schedules is 'When workflows run by themselves.';
comment on column flow.schedules.id is 'Primary key.';
comment on column flow.schedules.workflow_id is 'Workflow.';
comment on column flow.schedules.name is 'Name.';
comment on column flow.schedules.description is 'Text.';
comment on column flow.schedules.cron_expression is 'Five-field cron text, read in timezone.';
comment on column flow.schedules.interval_minutes is 'Interval; exactly one of the two is set.';
comment on column flow.schedules.is_active is 'Whether in use.';
comment on column flow.schedules.timezone is 'IANA zone.';
comment on column flow.schedules.start_date is 'Not before.';
comment on column flow.schedules.end_date is 'Not after.';
comment on column flow.schedules.max_runs is 'Limit of runs; null is unlimited.';
comment on column flow.schedules.current_runs is 'Runs so far.';
comment on column flow.schedules.last_run is 'Newest run.';
comment on column flow.schedules.next_run is 'When due; null when it will not run again.';
comment on column flow.schedules.created_at is 'When the row was made.';
comment on column flow.schedules.updated_at is 'When the row was last changed; set by trigger on every update.';

create index schedules_workflow_id_idx on flow.schedules (workflow_id);
create index schedules_is_active_idx on flow.schedules (is_active);
create index schedules_next_run_idx on flow.schedules (next_run);
create index schedules_next_run_idx_partial
    on flow.schedules (next_run) where is_active and next_run is not null;

create trigger schedules_set_updated_at
    before update on flow.schedules
    for each row execute function shared.set_updated_at();

create table flow.webhooks (
    id              text not null default shared.new_id(),
    workflow_id     text not null,
    name            text not null,
    url             text not null,
    method          text not null default 'POST',
    secret          text,
    allowed_ips     text[] not null default '{}',
    is_active       boolean not null default true,
    request_count   integer not null default 0,
    last_request_at timestamptz,
    created_at      timestamptz not null default now(),
    updated_at      timestamptz not null default now(),
    constraint webhooks_pkey primary key (id),
    constraint webhooks_url_key unique (url),
    constraint webhooks_method_check check (method in ('GET', 'POST', 'PUT', 'PATCH', 'DELETE')),
    constraint webhooks_workflow_id_fkey
        foreign key (workflow_id) references flow.workflows (id) on delete cascade
);

comment on table flow.webhooks is 'Addresses that start workflows.';
comment on column flow.webhooks.id is 'Primary key.';
comment on column flow.webhooks.workflow_id is 'Workflow.';
comment on column flow.webhooks.name is 'Name.';
comment on column flow.webhooks.url is 'Public address; unique.';
comment on column flow.webhooks.method is 'HTTP method accepted.';
comment on column flow.webhooks.secret is 'Key for signature checks, encrypted. Never returned.';
comment on column flow.webhooks.allowed_ips is 'Addresses let in; empty is all.';
comment on column flow.webhooks.is_active is 'Whether in use.';
comment on column flow.webhooks.request_count is 'Requests so far; derived.';
comment on column flow.webhooks.last_request_at is 'Newest request.';
comment on column flow.webhooks.created_at is 'When the row was made.';
comment on column flow.webhooks.updated_at is 'When the row was last changed; set by trigger on every update.';

create index webhooks_workflow_id_idx on flow.webhooks (workflow_id);
create index webhooks_is_active_idx on flow.webhooks (is_active);

create trigger webhooks_set_updated_at
    before update on flow.webhooks
    for each row execute function shared.set_updated_at();

-- What they use
-- -------------

create table flow.integrations (
    id           text not null default shared.new_id(),
    name         text not null,
    type         text not null,
    config       jsonb not null,
    status       text not null default 'active',
    last_error   text,
    owner        text not null,
    usage_count  integer not null default 0,
    last_used_at timestamptz,
    created_at   timestamptz not null default now(),
    updated_at   timestamptz not null default now(),
    constraint integrations_pkey primary key (id),
    constraint integrations_status_check check (status in ('active', 'inactive', 'error'))
);

comment on table flow.integrations is 'Connections to outer systems.';
comment on column flow.integrations.id is 'Primary key.';
comment on column flow.integrations.name is 'Name.';
comment on column flow.integrations.type is 'Kind, e.g. slack, email, http, database.';
comment on column flow.integrations.config is
    'Connection details and credentials, encrypted as a whole. Never returned.';
comment on column flow.integrations.status is 'State.';
comment on column flow.integrations.last_error is 'Newest failure.';
comment on column flow.integrations.owner is 'User id of the owner.';
comment on column flow.integrations.usage_count is 'Uses so far; derived.';
comment on column flow.integrations.last_used_at is 'Newest use.';
comment on column flow.integrations.created_at is 'When the row was made.';
comment on column flow.integrations.updated_at is 'When the row was last changed; set by trigger on every update.';

create index integrations_owner_idx on flow.integrations (owner);
create index integrations_type_idx on flow.integrations (type);
create index integrations_status_idx on flow.integrations (status);

create trigger integrations_set_updated_at
    before update on flow.integrations
    for each row execute function shared.set_updated_at();

create table flow.variables (
    id          text not null default shared.new_id(),
    workflow_id text,
    key         text not null,
    value       text not null,
    type        text not null default 'string',
    is_secret   boolean not null default false,
    encrypted   boolean not null default false,
    description text,
    created_at  timestamptz not null default now(),
    updated_at  timestamptz not null default now(),
    constraint variables_pkey primary key (id),
    constraint variables_workflow_id_key_key unique nulls not distinct (workflow_id, key),
    constraint variables_type_check check (type in ('string', 'number', 'boolean', 'json')),
    constraint variables_workflow_id_fkey
        foreign key (workflow_id) references flow.workflows (id) on delete cascade
);

comment on table flow.variables is 'Values for workflows; workflow_id null means global.';
comment on column flow.variables.id is 'Primary key.';
comment on column flow.variables.workflow_id is 'Workflow, or null for a global value.';
comment on column flow.variables.key is 'Name; unique per workflow and among the globals.';
comment on column flow.variables.value is 'Text form of the value; ciphertext when encrypted.';
comment on column flow.variables.type is 'How to read value.';
comment on column flow.variables.is_secret is 'Whether the value is hidden in answers.';
comment on column flow.variables.encrypted is 'Whether value holds ciphertext; true for every secret.';
comment on column flow.variables.description is 'Text.';
comment on column flow.variables.created_at is 'When the row was made.';
comment on column flow.variables.updated_at is 'When the row was last changed; set by trigger on every update.';

create trigger variables_set_updated_at
    before update on flow.variables
    for each row execute function shared.set_updated_at();

-- Figures
-- -------

create table flow.metrics (
    id          text not null default shared.new_id(),
    date        date not null,
    metric      text not null,
    value       double precision not null,
    workflow_id text,
    metadata    jsonb,
    created_at  timestamptz not null default now(),
    constraint metrics_pkey primary key (id),
    constraint metrics_date_metric_workflow_id_key unique nulls not distinct (date, metric, workflow_id),
    constraint metrics_workflow_id_fkey
        foreign key (workflow_id) references flow.workflows (id) on delete cascade
);

comment on table flow.metrics is 'Daily figures, global or per workflow.';
comment on column flow.metrics.id is 'Primary key.';
comment on column flow.metrics.date is 'Day in Europe/Copenhagen.';
comment on column flow.metrics.metric is 'Name, e.g. executions, success_rate, avg_duration.';
comment on column flow.metrics.value is 'Figure.';
comment on column flow.metrics.workflow_id is 'Workflow, or null for all.';
comment on column flow.metrics.metadata is 'Details.';
comment on column flow.metrics.created_at is 'When the row was made.';

create index metrics_workflow_id_idx on flow.metrics (workflow_id);
create index metrics_metric_date_idx on flow.metrics (metric, date);

-- Leads
-- -----

create table flow.leads (
    id               uuid not null default gen_random_uuid(),
    tenant_id        uuid not null,
    source           text not null,
    status           text not null default 'new',
    name             text,
    email            text,
    phone            text,
    payload          jsonb not null default '{}'::jsonb,
    compliance_type  text,
    severity         text,
    scan_id          text,
    finding_category text,
    recommendation   text,
    auto_actionable  boolean not null default false,
    sla_deadline     timestamptz,
    affected_systems text[] not null default '{}',
    evidence         jsonb,
    duplicate_of     uuid,
    created_at       timestamptz not null default now(),
    updated_at       timestamptz not null default now(),
    constraint leads_pkey primary key (id),
    constraint leads_status_check check (status in ('new', 'contacted', 'qualified', 'converted', 'lost')),
    constraint leads_compliance_type_check check (
        compliance_type in (
            'nis2_finding', 'copilot_risk', 'backup_failure'
        )
    ),
    constraint leads_severity_check check (severity in ('low', 'medium', 'high', 'critical')),
    constraint leads_tenant_id_fkey
        foreign key (tenant_id) references crm.tenants (id) on delete restrict,
    constraint leads_duplicate_of_fkey
        foreign key (duplicate_of) references flow.leads (id) on delete set null
);

comment on table flow.leads is 'Leads taken in by the Flow API, among them compliance findings.';
comment on column flow.leads.id is 'Primary key.';
comment on column flow.leads.tenant_id is 'Tenant.';
comment on column flow.leads.source is 'Channel; open vocabulary: form, phone, email, sms, scan, ...';
comment on column flow.leads.status is 'Stage.';
comment on column flow.leads.name is 'Name, taken from payload.';
comment on column flow.leads.email is 'Lower-case address, taken from payload; used to find duplicates.';
comment on column flow.leads.phone is 'Digits only, taken from payload; used to find duplicates.';
comment on column flow.leads.payload is 'Everything the source sent.';
comment on column flow.leads.compliance_type is 'Kind of finding, for compliance leads.';
comment on column flow.leads.severity is 'Weight of the finding.';
comment on column flow.leads.scan_id is 'Scan that found it.';
comment on column flow.leads.finding_category is 'Group of the finding.';
comment on column flow.leads.recommendation is 'What to do.';
comment on column flow.leads.auto_actionable is 'Whether it can be mended without a person.';
comment on column flow.leads.sla_deadline is 'Time to answer by.';
comment on column flow.leads.affected_systems is 'Systems concerned.';
comment on column flow.leads.evidence is 'Proof.';
comment on column flow.leads.duplicate_of is 'Earlier lead this one repeats.';
comment on column flow.leads.created_at is 'When the row was made.';
comment on column flow.leads.updated_at is 'When the row was last changed; set by trigger on every update.';

create index leads_tenant_id_status_created_at_idx on flow.leads (tenant_id, status, created_at desc);
create index leads_tenant_id_source_created_at_idx on flow.leads (tenant_id, source, created_at desc);
create index leads_tenant_id_created_at_idx on flow.leads (tenant_id, created_at desc);
create index leads_tenant_id_updated_at_idx on flow.leads (tenant_id, updated_at desc);
create index leads_tenant_id_compliance_type_idx_partial
    on flow.leads (tenant_id, compliance_type) where compliance_type is not null;
create index leads_sla_deadline_idx_partial on flow.leads (sla_deadline) where sla_deadline is not null;
create index leads_tenant_id_email_idx_partial on flow.leads (tenant_id, email) where email is not null;
create index leads_tenant_id_phone_idx_partial on flow.leads (tenant_id, phone) where phone is not null;
create index leads_duplicate_of_idx_partial on flow.leads (duplicate_of) where duplicate_of is not null;

create trigger leads_set_updated_at
    before update on flow.leads
    for each row execute function shared.set_updated_at();

create table flow.sms_tracking (
    id           uuid not null default gen_random_uuid(),
    tracking_id  text not null default replace(gen_random_uuid()::text, '-', ''),
    lead_id      uuid not null,
    tenant_id    uuid not null,
    phone_number text not null,
    message_id   text not null,
    tracking_url text not null,
    sent_at      timestamptz not null default now(),
    clicked_at   timestamptz,
    converted_at timestamptz,
    created_at   timestamptz not null default now(),
    updated_at   timestamptz not null default now(),
    constraint sms_tracking_pkey primary key (id),
    constraint sms_tracking_tracking_id_key unique (tracking_id),
    constraint sms_tracking_lead_id_fkey
        foreign key (lead_id) references flow.leads (id) on delete cascade,
    constraint sms_tracking_tenant_id_fkey
        foreign key (tenant_id) references crm.tenants (id) on delete restrict
);

comment on table flow.sms_tracking is 'Text messages sent to leads, with click and conversion.';
comment on column flow.sms_tracking.id is 'Primary key.';
comment on column flow.sms_tracking.tracking_id is 'Token in the link; must be unguessable.';
comment on column flow.sms_tracking.lead_id is 'Lead.';
comment on column flow.sms_tracking.tenant_id is 'Tenant.';
comment on column flow.sms_tracking.phone_number is 'Number written to.';
comment on column flow.sms_tracking.message_id is 'Id at the SMS provider.';
comment on column flow.sms_tracking.tracking_url is 'Link sent.';
comment on column flow.sms_tracking.sent_at is 'When sent.';
comment on column flow.sms_tracking.clicked_at is 'First click.';
comment on column flow.sms_tracking.converted_at is 'When a booking followed.';
comment on column flow.sms_tracking.created_at is 'When the row was made.';
comment on column flow.sms_tracking.updated_at is 'When the row was last changed; set by trigger on every update.';

create index sms_tracking_lead_id_idx on flow.sms_tracking (lead_id);
create index sms_tracking_tenant_id_sent_at_idx on flow.sms_tracking (tenant_id, sent_at desc);
create index sms_tracking_sent_at_idx on flow.sms_tracking (sent_at);

create trigger sms_tracking_set_updated_at
    before update on flow.sms_tracking
    for each row execute function shared.set_updated_at();
