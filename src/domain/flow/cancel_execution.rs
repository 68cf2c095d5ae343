//! F9: a run is given up.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{BACKEND, states::EXECUTION};
use crate::domain::{Operation, Output, Transition};

pub(super) struct CancelExecution;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = FlowCancelExecution)]
pub(super) struct Input {
    /// The run.
    id: String,
}

impl Operation for CancelExecution {
    const ID: &'static str = "flow_cancel_execution";
    const SCHEMA: &'static str = "flow";
    const PATH: &'static str = "/executions/{id}/cancel";
    const SUMMARY: &'static str = "Give a run up";
    const DESCRIPTION: &'static str = "A running run is cancelled and counts neither as completed nor as failed. Steps \
        still running fail, pending ones are skipped.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const TRANSITION: Option<Transition> = Some(Transition { of: &EXECUTION, from: &["running"], to: "cancelled" });
    const IS_SERIALIZABLE: bool = true;
    const OUTPUT: Output = Output::Row("executions");
    const EXAMPLE: &'static str = "{}";
    const SQL: &'static str = "
        with input as (select $1::jsonb as i),
        closed as (
            update flow.executions e
            set status = i ->> 'to', completed_at = now(), current_step = null,
                duration_ms = least(
                    greatest(floor(extract(epoch from now() - e.started_at) * 1000), 0), 2147483647)::integer
            from input
            where e.id = i ->> 'id' and i -> 'allowed' ? e.status
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
        )
        select 'ok'::text as outcome, to_json(c) as body from closed c
        union all
        select 'invalid_state', json_build_object(
            'current', json_build_object('status', e.status), 'allowed', json_build_object('status', i -> 'allowed'))
        from flow.executions e, input
        where e.id = i ->> 'id' and not i -> 'allowed' ? e.status";
    type Input = Input;
}
