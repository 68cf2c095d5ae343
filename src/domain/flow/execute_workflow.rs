//! F6: a run of a workflow begins.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::BACKEND;
use crate::domain::{Operation, Output};

pub(super) struct ExecuteWorkflow;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = FlowExecuteWorkflow)]
pub(super) struct Input {
    /// The workflow.
    id: String,
    /// What the run is given, any JSON of up to 256 KiB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    input: Option<Value>,
    /// What started it: `manual`, `schedule`, `webhook`, `event` or a word of the caller's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 100, default = "manual")]
    triggered_by: Option<String>,
    /// Details, an object of up to 256 KiB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    metadata: Option<Value>,
}

impl Operation for ExecuteWorkflow {
    const ID: &'static str = "flow_execute_workflow";
    const SCHEMA: &'static str = "flow";
    const PATH: &'static str = "/workflows/{id}/execute";
    const SUMMARY: &'static str = "Open a run of a workflow";
    const DESCRIPTION: &'static str = "The workflow must be active and no template. The run is recorded as running and \
        counted; the engine outside performs it.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const CREATES: bool = true;
    const OUTPUT: Output = Output::Row("executions");
    const EXAMPLE: &'static str = r#"{"input": {"lead_id": "c1"}, "triggered_by": "manual"}"#;
    const SQL: &'static str = "
        with input as (select $1::jsonb as i),
        faults as (
            select json_agg(json_build_object('field', field, 'reason', reason)) as list
            from input, lateral (values
                ('input', 'must be 256 KiB or less', octet_length(i ->> 'input') > 262144),
                ('metadata', 'must be 256 KiB or less', octet_length(i ->> 'metadata') > 262144),
                ('triggered_by', 'must not be blank', btrim(i ->> 'triggered_by') = '')
            ) rule (field, reason, is_broken)
            where is_broken
        ),
        found as (
            select w.id, w.status, w.is_template
            from flow.workflows w, input, faults
            where w.id = i ->> 'id' and list is null
            for update of w
        ),
        counted as (
            update flow.workflows w set execution_count = w.execution_count + 1, last_executed_at = now()
            from found f
            where w.id = f.id and f.status = 'active' and not f.is_template
            returning w.id
        ),
        opened as (
            insert into flow.executions (workflow_id, status, input, triggered_by, metadata)
            select c.id, 'running', i -> 'input', coalesce(btrim(i ->> 'triggered_by'), 'manual'), i -> 'metadata'
            from counted c, input
            returning *
        )
        select 'created'::text as outcome, to_json(o) as body from opened o
        union all
        select 'invalid_input', list from faults where list is not null
        union all
        select 'invalid_state', json_build_object(
            'current', json_build_object('status', f.status, 'is_template', f.is_template),
            'allowed', json_build_object('status', json_build_array('active'), 'is_template', false))
        from found f where f.status <> 'active' or f.is_template";
    type Input = Input;
}
