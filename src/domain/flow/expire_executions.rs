//! A73: runs that take longer than they may.

use serde::{Deserialize, Serialize};
use utoipa::{
    ToSchema,
    openapi::{ArrayBuilder, ObjectBuilder, RefOr, Schema, schema::Type},
};

use super::{BACKEND, row, states::EXECUTION};
use crate::domain::{Operation, Output, Transition, json};

pub(super) struct ExpireExecutions;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = FlowExpireExecutions)]
pub(super) struct Input {
    /// Runs at most.
    #[schema(minimum = 1, maximum = 1_000, default = 100)]
    #[serde(default = "hundred")]
    limit: u32,
}

fn hundred() -> u32 {
    100
}

/// The runs that were ended, and whether there may be more.
fn expired() -> RefOr<Schema> {
    ObjectBuilder::new()
        .property("expired", ArrayBuilder::new().items(row("executions")))
        .required("expired")
        .property(
            "more",
            ObjectBuilder::new().schema_type(Type::Boolean).description(Some("Whether there may be more: call again.")),
        )
        .required("more")
        .into()
}

impl Operation for ExpireExecutions {
    const ID: &'static str = "flow_expire_executions";
    const SCHEMA: &'static str = "flow";
    const PATH: &'static str = "/executions/expire";
    const SUMMARY: &'static str = "End runs that are past their time";
    const DESCRIPTION: &'static str = "Runs that have been running longer than their workflow's timeout fail with the error \
        `timeout`, and are counted as failed. Steps still running fail, pending ones are skipped. Meant for every minute.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const TRANSITION: Option<Transition> = Some(Transition { of: &EXECUTION, from: &["running"], to: "failed" });
    // A step may begin after the statement has looked: then it looks again.
    const IS_SERIALIZABLE: bool = true;
    const OUTPUT: Output = Output::Value(|| json(&expired()));
    const EXAMPLE: &'static str = r#"{"limit": 100}"#;
    const SQL: &'static str = "
        with input as (select $1::jsonb as i),
        overdue as materialized (
            select e.id, e.workflow_id
            from input, flow.executions e
            join flow.workflows w on w.id = e.workflow_id
            where e.status = 'running' and e.started_at < now() - make_interval(secs => w.timeout)
            order by e.started_at, e.id
            limit (select (i -> 'limit')::integer from input)
            for update of e skip locked
        ),
        workflows as materialized (
            select w.id
            from flow.workflows w
            where w.id in (select workflow_id from overdue)
            order by w.id
            for no key update
        ),
        closed as (
            update flow.executions e
            set status = i ->> 'to', error = 'timeout', completed_at = now(), current_step = null,
                duration_ms = least(
                    greatest(floor(extract(epoch from now() - e.started_at) * 1000), 0), 2147483647)::integer,
                failed_step = coalesce(e.failed_step, (
                    select s.step_id from flow.execution_steps s
                    where s.execution_id = e.id and s.status = 'running' order by s.started_at, s.id limit 1))
            from input, overdue o
            join workflows w on w.id = o.workflow_id
            where e.id = o.id
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
            update flow.workflows w set failure_count = w.failure_count + c.runs
            from (select workflow_id, count(*)::integer as runs from closed group by workflow_id) as c
            where w.id = c.workflow_id
        )
        select 'ok'::text as outcome, json_build_object(
            'expired', coalesce(json_agg(to_json(c) order by c.started_at, c.id), '[]'),
            'more', count(*) = (select (i -> 'limit')::integer from input)) as body
        from closed c";
    type Input = Input;
}
