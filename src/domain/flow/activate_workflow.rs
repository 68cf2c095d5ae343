//! F4: a workflow may run.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{BACKEND, states::WORKFLOW};
use crate::domain::{Operation, Output, Transition};

pub(super) struct ActivateWorkflow;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = FlowActivateWorkflow)]
pub(super) struct Input {
    /// The workflow.
    id: String,
}

impl Operation for ActivateWorkflow {
    const ID: &'static str = "flow_activate_workflow";
    const SCHEMA: &'static str = "flow";
    const PATH: &'static str = "/workflows/{id}/activate";
    const SUMMARY: &'static str = "Let a workflow run";
    const DESCRIPTION: &'static str = "A draft or a paused workflow becomes active; an active one is answered as it is. \
        Its definition must hold together: 1 to 500 nodes with ids of their own, and edges that join them. Templates do \
        not run.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const TRANSITION: Option<Transition> = Some(Transition { of: &WORKFLOW, from: &["draft", "paused"], to: "active" });
    const OUTPUT: Output = Output::Row("workflows");
    const EXAMPLE: &'static str = "{}";
    const SQL: &'static str = "
        with input as (select $1::jsonb as i),
        found as (select w.* from flow.workflows w, input where w.id = i ->> 'id' for update of w),
        judged as (
            select f.id, flow.definition_fault(f.nodes, f.edges) as fault,
                case when f.is_template then 'invalid_state' when f.status = i ->> 'to' then 'ok'
                    when i -> 'allowed' ? f.status then 'may' else 'invalid_state' end as verdict
            from found f, input
        ),
        changed as (
            update flow.workflows w set status = i ->> 'to'
            from judged j, input
            where w.id = j.id and j.verdict = 'may' and j.fault is null
            returning w.*
        )
        select 'ok'::text as outcome, to_json(c) as body from changed c
        union all
        select 'ok', to_json(f) from found f, judged j where j.verdict = 'ok'
        union all
        select 'unprocessable', json_build_object('message', 'The definition does not hold together: ' || j.fault)
        from judged j where j.verdict = 'may' and j.fault is not null
        union all
        select 'invalid_state', json_build_object(
            'current', json_build_object('status', f.status, 'is_template', f.is_template),
            'allowed', json_build_object('status', i -> 'allowed', 'is_template', false))
        from found f, judged j, input where j.verdict = 'invalid_state'";
    type Input = Input;
}
