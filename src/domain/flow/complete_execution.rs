//! F9: a run ends.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::{BACKEND, states::EXECUTION};
use crate::domain::{Operation, Output, Transition};

pub(super) struct CompleteExecution;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = FlowCompleteExecution)]
pub(super) struct Input {
    /// The run.
    id: String,
    /// What the run gives, any JSON of up to 1 MiB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    output: Option<Value>,
    /// Why it failed; absent where it didn't.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 10000)]
    error: Option<String>,
}

impl Operation for CompleteExecution {
    const ID: &'static str = "flow_complete_execution";
    const SCHEMA: &'static str = "flow";
    const PATH: &'static str = "/executions/{id}/complete";
    const SUMMARY: &'static str = "Close a run";
    const DESCRIPTION: &'static str = "A running run is completed, or failed where an error is given, and counted at its \
        workflow, with the mean duration of the completed ones. Steps still running fail, pending ones are skipped.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const TRANSITION: Option<Transition> = Some(Transition { of: &EXECUTION, from: &["running"], to: "completed" });
    const IS_SERIALIZABLE: bool = true;
    const OUTPUT: Output = Output::Row("executions");
    const EXAMPLE: &'static str = r#"{"output": {"sent": 3}}"#;
    const SQL: &'static str = "
        with input as (select $1::jsonb as i),
        faults as (
            select json_agg(json_build_object('field', field, 'reason', reason)) as list
            from input, lateral (values
                ('output', 'must be 1 MiB or less', octet_length(i ->> 'output') > 1048576),
                ('error', 'must not be blank', btrim(i ->> 'error') = '')
            ) rule (field, reason, is_broken)
            where is_broken
        ),
        closed as (
            update flow.executions e
            set status = case when i ? 'error' then 'failed' else i ->> 'to' end,
                output = i -> 'output', error = btrim(i ->> 'error'), completed_at = now(), current_step = null,
                duration_ms = least(
                    greatest(floor(extract(epoch from now() - e.started_at) * 1000), 0), 2147483647)::integer,
                failed_step = coalesce(e.failed_step, (
                    select s.step_id from flow.execution_steps s
                    where s.execution_id = e.id and s.status = 'running' order by s.started_at, s.id limit 1))
            from input, faults
            where e.id = i ->> 'id' and i -> 'allowed' ? e.status and list is null
            returning e.*
        ),
        ended as (
            update flow.execution_steps s
            set status = case s.status when 'running' then 'failed' else 'skipped' end, completed_at = now(),
                error = case s.status when 'running' then 'execution ended' end,
                duration_ms = least(
                    greatest(floor(extract(epoch from now() - s.started_at) * 1000), 0), 2147483647)::integer
            from closed c
            where s.execution_id = c.id and s.status in ('running', 'pending')
        ),
        counted as (
            update flow.workflows w
            set success_count = w.success_count + (c.status = 'completed')::integer,
                failure_count = w.failure_count + (c.status = 'failed')::integer,
                avg_duration_ms = case when c.status = 'completed' then round(
                    (coalesce(w.avg_duration_ms, 0)::numeric * w.success_count + c.duration_ms) / (w.success_count + 1)
                ) else w.avg_duration_ms end
            from closed c
            where w.id = c.workflow_id
        )
        select 'ok'::text as outcome, to_json(c) as body from closed c
        union all
        select 'invalid_input', list from faults where list is not null
        union all
        select 'invalid_state', json_build_object(
            'current', json_build_object('status', e.status), 'allowed', json_build_object('status', i -> 'allowed'))
        from flow.executions e, input, faults
        where e.id = i ->> 'id' and list is null and not i -> 'allowed' ? e.status";
    type Input = Input;
}
