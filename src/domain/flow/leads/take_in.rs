//! A74: a lead comes in, and may have come before.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{
    ToSchema,
    openapi::{ObjectBuilder, RefOr, Schema, schema::Type},
};

use super::super::{BACKEND, row};
use crate::domain::{Operation, Output, json};

pub(in super::super) struct TakeInLead;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = FlowTakeInLead)]
pub(in super::super) struct Input {
    /// The tenant; the caller's unless given. Only `service_role` reaches another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(format = "uuid")]
    tenant_id: Option<String>,
    /// Channel: form, phone, email, sms, scan or another word.
    #[schema(min_length = 1, max_length = 100)]
    source: String,
    /// All that the source sent, of up to 256 KiB; `name`, `email` and `phone` are taken out of it.
    #[schema(value_type = Object)]
    payload: Value,
    /// Kind of finding, for compliance leads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    compliance_type: Option<ComplianceType>,
    /// Weight of the finding.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    severity: Option<Severity>,
    /// Scan that found it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 10_000)]
    scan_id: Option<String>,
    /// Group of the finding.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 10_000)]
    finding_category: Option<String>,
    /// What to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 10_000)]
    recommendation: Option<String>,
    /// Whether it can be mended without a person.
    #[serde(default)]
    auto_actionable: bool,
    /// Time to answer by; unless given, by the severity: 4, 24, 72 or 168 hours from now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(format = "date-time")]
    sla_deadline: Option<String>,
    /// Systems concerned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_items = 500)]
    affected_systems: Option<Vec<String>>,
    /// Proof, any JSON of up to 256 KiB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    evidence: Option<Value>,
}

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = FlowComplianceType)]
enum ComplianceType {
    Nis2Finding,
    CopilotRisk,
    BackupFailure,
}

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = FlowSeverity)]
enum Severity {
    Low,
    Medium,
    High,
    Critical,
}

/// The lead, and whether it repeats another, which is its `duplicate_of` then.
fn taken_in() -> RefOr<Schema> {
    ObjectBuilder::new()
        .property("duplicate", ObjectBuilder::new().schema_type(Type::Boolean))
        .required("duplicate")
        .property("lead", row("leads"))
        .required("lead")
        .into()
}

impl Operation for TakeInLead {
    const ID: &'static str = "flow_take_in_lead";
    const SCHEMA: &'static str = "flow";
    const PATH: &'static str = "/leads/take_in";
    const SUMMARY: &'static str = "Take a lead in";
    const DESCRIPTION: &'static str = "It repeats another of the same tenant where mail or phone are equal and that one came \
        within the tenant's setting `duplicate_window_hours` (168 unless set): then the earlier one's payload gets what it \
        had not, and the new one refers to it. Mail is kept in lower case, of a phone number the digits.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const CREATES: bool = true;
    const OUTPUT: Output = Output::Value(|| json(&taken_in()));
    const EXAMPLE: &'static str = r#"{"source": "form",
        "payload": {"name": "Mette Lund", "email": "Mette@Nordlys.example", "phone": "+45 20 12 34 56", "m2": 80}}"#;
    const SQL: &'static str = r"
        with input as (
            select i, coalesce((i ->> 'tenant_id')::uuid, auth.org_uuid()) as tenant_id, i -> 'payload' as payload
            from (select $1::jsonb as i) as one
        ),
        contact as (
            select
                (select nullif(btrim(payload ->> 'name'), '') from input
                    where jsonb_typeof(payload -> 'name') = 'string') as name,
                (select nullif(lower(btrim(payload ->> 'email')), '') from input
                    where jsonb_typeof(payload -> 'email') = 'string') as email,
                (select nullif(regexp_replace(payload ->> 'phone', '\D', '', 'g'), '') from input
                    where jsonb_typeof(payload -> 'phone') in ('string', 'number')) as phone
        ),
        fault (field, reason) as (
            select 'tenant_id', 'is required where the token names no organisation' from input where tenant_id is null
            union all
            select name, 'must be 256 KiB or less'
            from input, unnest(array['payload', 'evidence']) as name
            where octet_length(i ->> name) > 262144
            union all
            select 'payload.' || key, 'must have 320 characters or fewer'
            from contact, jsonb_each_text(to_jsonb(contact))
            where char_length(value) > 320
        ),
        tenant as (select t.id from crm.tenants t, input where t.id = input.tenant_id and not exists (select from fault)),
        earlier as materialized (
            select flow.join_earlier_lead(tenant.id, c.name, c.email, c.phone, payload) as id
            from tenant, input, contact c
        ),
        stored as (
            insert into flow.leads (
                tenant_id, source, name, email, phone, payload, compliance_type, severity, scan_id, finding_category,
                recommendation, auto_actionable, sla_deadline, affected_systems, evidence, duplicate_of)
            select tenant.id, btrim(i ->> 'source'), c.name, c.email, c.phone, payload, i ->> 'compliance_type',
                i ->> 'severity', btrim(i ->> 'scan_id'), btrim(i ->> 'finding_category'), btrim(i ->> 'recommendation'),
                (i -> 'auto_actionable')::boolean,
                coalesce((i ->> 'sla_deadline')::timestamptz, now() + make_interval(hours => case i ->> 'severity'
                    when 'critical' then 4 when 'high' then 24 when 'medium' then 72 when 'low' then 168
                end)),
                array(select btrim(t) from jsonb_array_elements_text(i -> 'affected_systems') as t), i -> 'evidence',
                earlier.id
            from tenant, input, contact c, earlier
            returning *
        )
        select 'created'::text as outcome, json_build_object('duplicate', s.duplicate_of is not null, 'lead', to_json(s)) as body
        from stored s
        union all
        select 'invalid_input', json_agg(f) from fault f having count(*) > 0
        union all
        select 'unprocessable', json_build_object('message', 'There is no such tenant', 'field', 'tenant_id')
        where not exists (select from tenant) and not exists (select from fault)";
    type Input = Input;
}
