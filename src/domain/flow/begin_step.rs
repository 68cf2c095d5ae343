//! F10: a step of a run begins.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::BACKEND;
use crate::domain::{Operation, Output};

pub(super) struct BeginStep;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = FlowBeginStep)]
pub(super) struct Input {
    /// The run.
    id: String,
    /// The node's id in the workflow.
    #[schema(min_length = 1, max_length = 200)]
    step_id: String,
    /// The node's name.
    #[schema(min_length = 1, max_length = 200)]
    step_name: String,
    /// The node's kind: `trigger`, `action`, `condition`, `loop`, `end` or a word of the caller's.
    #[schema(min_length = 1, max_length = 100)]
    step_type: String,
    /// What the step is given, any JSON of up to 256 KiB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    input: Option<Value>,
}

impl Operation for BeginStep {
    const ID: &'static str = "flow_begin_step";
    const SCHEMA: &'static str = "flow";
    const PATH: &'static str = "/executions/{id}/steps";
    const SUMMARY: &'static str = "Begin a step of a run";
    const DESCRIPTION: &'static str = "The run must be running and the same step must not be running in it. A step that \
        has been tried before is the next attempt, up to the workflow's retry_attempts (one, where that is 0).";
    const CALLERS: &'static [&'static str] = BACKEND;
    const IS_SERIALIZABLE: bool = true;
    const CREATES: bool = true;
    const OUTPUT: Output = Output::Row("execution_steps");
    const EXAMPLE: &'static str = r#"{"step_id": "send", "step_name": "Send reminders", "step_type": "action"}"#;
    const SQL: &'static str = "
        with input as (select $1::jsonb as i),
        faults as (
            select json_agg(json_build_object('field', field, 'reason', reason)) as list
            from input, lateral (values
                ('step_id', 'must not be blank', btrim(i ->> 'step_id') = ''),
                ('step_name', 'must not be blank', btrim(i ->> 'step_name') = ''),
                ('step_type', 'must not be blank', btrim(i ->> 'step_type') = ''),
                ('input', 'must be 256 KiB or less', octet_length(i ->> 'input') > 262144)
            ) rule (field, reason, is_broken)
            where is_broken
        ),
        run as (
            select e.id, e.status, greatest(w.retry_attempts, 1) as most, s.attempts, s.is_running,
                e.status = 'running' and not s.is_running and s.attempts < greatest(w.retry_attempts, 1) as may_begin
            from input
            cross join faults
            join flow.executions e on e.id = i ->> 'id'
            join flow.workflows w on w.id = e.workflow_id
            cross join lateral (
                select count(*)::integer as attempts, coalesce(bool_or(s.status = 'running'), false) as is_running
                from flow.execution_steps s
                where s.execution_id = e.id and s.step_id = btrim(i ->> 'step_id')
                    and s.status in ('running', 'completed', 'failed')
            ) s
            where list is null
        ),
        noted as (
            update flow.executions e set current_step = btrim(i ->> 'step_id')
            from run r, input
            where e.id = r.id and r.may_begin
            returning e.id
        ),
        begun as (
            insert into flow.execution_steps (
                execution_id, step_id, step_name, step_type, status, input, started_at, attempt_number, max_attempts
            )
            select n.id, btrim(i ->> 'step_id'), btrim(i ->> 'step_name'), btrim(i ->> 'step_type'), 'running',
                i -> 'input', now(), r.attempts + 1, r.most
            from noted n, run r, input
            returning *
        )
        select 'created'::text as outcome, to_json(b) as body from begun b
        union all
        select 'invalid_input', list from faults where list is not null
        union all
        select 'invalid_state', json_build_object(
            'current', json_build_object('status', r.status, 'attempts', r.attempts, 'step_is_running', r.is_running),
            'allowed', json_build_object(
                'status', json_build_array('running'), 'attempts', r.most - 1, 'step_is_running', false))
        from run r where not r.may_begin";
    type Input = Input;
}
