//! F11: a step of a run ends.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::{BACKEND, states::STEP};
use crate::domain::{Operation, Output, Transition};

pub(super) struct CompleteStep;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = FlowCompleteStep)]
pub(super) struct Input {
    /// The step, by the id of its row.
    id: String,
    /// What the step gives, any JSON of up to 1 MiB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    output: Option<Value>,
    /// Why it failed; absent where it didn't.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 10000)]
    error: Option<String>,
}

impl Operation for CompleteStep {
    const ID: &'static str = "flow_complete_step";
    const SCHEMA: &'static str = "flow";
    const PATH: &'static str = "/execution_steps/{id}/complete";
    const SUMMARY: &'static str = "End a step of a run";
    const DESCRIPTION: &'static str = "A running step is completed, or failed where an error is given. The run notes it \
        among its completed_steps or as its failed_step, which a later attempt that succeeds takes back.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const TRANSITION: Option<Transition> = Some(Transition { of: &STEP, from: &["running"], to: "completed" });
    const IS_SERIALIZABLE: bool = true;
    const OUTPUT: Output = Output::Row("execution_steps");
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
        ended as (
            update flow.execution_steps s
            set status = case when i ? 'error' then 'failed' else i ->> 'to' end,
                output = i -> 'output', error = btrim(i ->> 'error'), completed_at = now(),
                duration_ms = least(
                    greatest(floor(extract(epoch from now() - s.started_at) * 1000), 0), 2147483647)::integer
            from input, faults
            where s.id = i ->> 'id' and i -> 'allowed' ? s.status and list is null
            returning s.*
        ),
        noted as (
            update flow.executions e
            set completed_steps = case when d.status = 'completed' and d.step_id <> all (e.completed_steps)
                    then e.completed_steps || d.step_id else e.completed_steps end,
                failed_step = case d.status when 'failed' then d.step_id else nullif(e.failed_step, d.step_id) end,
                current_step = (
                    select s.step_id from flow.execution_steps s
                    where s.execution_id = e.id and s.status = 'running' and s.id <> d.id
                    order by s.started_at desc, s.id desc limit 1)
            from ended d
            where e.id = d.execution_id
        )
        select 'ok'::text as outcome, to_json(d) as body from ended d
        union all
        select 'invalid_input', list from faults where list is not null
        union all
        select 'invalid_state', json_build_object(
            'current', json_build_object('status', s.status), 'allowed', json_build_object('status', i -> 'allowed'))
        from flow.execution_steps s, input, faults
        where s.id = i ->> 'id' and list is null and not i -> 'allowed' ? s.status";
    type Input = Input;
}
