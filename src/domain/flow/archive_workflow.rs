//! F5: a workflow is put away.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{BACKEND, states::WORKFLOW};
use crate::domain::{Operation, Output, Transition};

pub(super) struct ArchiveWorkflow;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = FlowArchiveWorkflow)]
pub(super) struct Input {
    /// The workflow.
    id: String,
}

impl Operation for ArchiveWorkflow {
    const ID: &'static str = "flow_archive_workflow";
    const SCHEMA: &'static str = "flow";
    const PATH: &'static str = "/workflows/{id}/archive";
    const SUMMARY: &'static str = "Put a workflow away";
    const DESCRIPTION: &'static str = "From any state; an archived workflow is answered as it is. Its schedules and \
        webhooks are switched off. Runs that have begun go on.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const TRANSITION: Option<Transition> =
        Some(Transition { of: &WORKFLOW, from: &["draft", "active", "paused"], to: "archived" });
    const OUTPUT: Output = Output::Row("workflows");
    const EXAMPLE: &'static str = "{}";
    // A trigger switches off what starts it: that sees what was planned until the workflow was locked.
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
        select 'ok', to_json(f) from found f, input where f.status = i ->> 'to'";
    type Input = Input;
}
