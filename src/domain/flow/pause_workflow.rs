//! F5: a workflow is held.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{BACKEND, states::WORKFLOW};
use crate::domain::{Operation, Output, Transition};

pub(super) struct PauseWorkflow;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = FlowPauseWorkflow)]
pub(super) struct Input {
    /// The workflow.
    id: String,
}

impl Operation for PauseWorkflow {
    const ID: &'static str = "flow_pause_workflow";
    const SCHEMA: &'static str = "flow";
    const PATH: &'static str = "/workflows/{id}/pause";
    const SUMMARY: &'static str = "Hold a workflow";
    const DESCRIPTION: &'static str =
        "An active workflow is paused; a paused one is answered as it is. Runs that have begun go on.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const TRANSITION: Option<Transition> = Some(Transition { of: &WORKFLOW, from: &["active"], to: "paused" });
    const OUTPUT: Output = Output::Row("workflows");
    const EXAMPLE: &'static str = "{}";
    const SQL: &'static str = "
        with input as (select $1::jsonb as i),
        found as (select w.* from flow.workflows w, input where w.id = i ->> 'id' for update of w),
        changed as (
            update flow.workflows w set status = i ->> 'to'
            from found f, input
            where w.id = f.id and i -> 'allowed' ? f.status
            returning w.*
        )
        select 'ok'::text as outcome, to_json(c) as body from changed c
        union all
        select 'ok', to_json(f) from found f, input where f.status = i ->> 'to'
        union all
        select 'invalid_state', json_build_object(
            'current', json_build_object('status', f.status), 'allowed', json_build_object('status', i -> 'allowed'))
        from found f, input where f.status <> i ->> 'to' and not i -> 'allowed' ? f.status";
    type Input = Input;
}
