//! A75: a lead goes on to another stage.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::BACKEND;
use crate::domain::{Operation, Output};

pub(in super::super) struct SetLeadStatus;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = FlowSetLeadStatus)]
pub(in super::super) struct Input {
    /// The lead.
    #[schema(format = "uuid")]
    id: String,
    /// The stage that it goes on to.
    status: Status,
    /// Who says so, for the trail; the caller is there anyway.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 200)]
    actor: Option<String>,
    /// Remarks, for the trail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 10_000)]
    notes: Option<String>,
}

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = FlowLeadStatus)]
enum Status {
    New,
    Contacted,
    Qualified,
    Converted,
    Lost,
}

impl Operation for SetLeadStatus {
    const ID: &'static str = "flow_set_lead_status";
    const SCHEMA: &'static str = "flow";
    const PATH: &'static str = "/leads/{id}/status";
    const SUMMARY: &'static str = "Move a lead on";
    const DESCRIPTION: &'static str = "A new lead is contacted or lost; one that was contacted is qualified, converted or lost; \
        a qualified one converted or lost. The stage that it has already is answered without a change. Each change is in the \
        trail.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const OUTPUT: Output = Output::Row("leads");
    const EXAMPLE: &'static str = r#"{"status": "contacted", "actor": "Mette", "notes": "Called, wants an offer"}"#;
    const SQL: &'static str = "
        with input as (select i, i ->> 'status' as status from (select $1::jsonb as i) as one),
        step (before, after) as (
            values
                ('new', array['contacted', 'lost']),
                ('contacted', array['qualified', 'converted', 'lost']),
                ('qualified', array['converted', 'lost'])
        ),
        found as (select l.* from flow.leads l, input where l.id = (i ->> 'id')::uuid for update of l),
        changed as (
            update flow.leads l set status = input.status
            from found f, input, step
            where l.id = f.id and step.before = f.status and input.status = any (step.after)
            returning l.*, f.status as status_before
        ),
        trail as (
            insert into shared.audit_logs (user_id, service, action, resource_type, resource_id, success, metadata)
            select auth.user_uuid(), 'flow', 'set_status', 'lead', c.id::text, true, jsonb_strip_nulls(jsonb_build_object(
                'from', c.status_before, 'to', c.status, 'actor', btrim(i ->> 'actor'), 'notes', btrim(i ->> 'notes')))
            from changed c, input
        )
        select 'ok'::text as outcome, (to_jsonb(c) - 'status_before')::json as body from changed c
        union all
        select 'ok', to_json(f) from found f, input where f.status = input.status
        union all
        select 'invalid_state', json_build_object(
            'current', json_build_object('status', f.status),
            'allowed', json_build_object('status', (
                select coalesce(json_agg(step.before order by step.before), '[]')
                from step
                where input.status = any (step.after)
            )))
        from found f, input
        where f.status <> input.status and not exists (select from changed)";
    type Input = Input;
}
