//! A71: schedules that are due, each claimed by one scheduler.

use serde::{Deserialize, Serialize};
use utoipa::{
    ToSchema,
    openapi::{ArrayBuilder, ObjectBuilder, RefOr, Schema},
};

use super::{BACKEND, row};
use crate::domain::{Operation, Output, json};

pub(super) struct ClaimDue;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = FlowClaimDue)]
pub(super) struct Input {
    /// Schedules at most.
    #[schema(minimum = 1, maximum = 100, default = 10)]
    #[serde(default = "ten")]
    limit: u32,
}

fn ten() -> u32 {
    10
}

/// Each schedule with its run, the one that is longest due first.
fn claimed() -> RefOr<Schema> {
    let one = ObjectBuilder::new()
        .property("schedule", row("schedules"))
        .required("schedule")
        .property("execution", row("executions"))
        .required("execution");
    ObjectBuilder::new().property("claimed", ArrayBuilder::new().items(one)).required("claimed").into()
}

impl Operation for ClaimDue {
    const ID: &'static str = "flow_claim_due";
    const SCHEMA: &'static str = "flow";
    const PATH: &'static str = "/schedules/claim_due";
    const SUMMARY: &'static str = "Claim schedules that are due, and open their runs";
    const DESCRIPTION: &'static str = "Active schedules of active workflows whose next_run has come. Schedulers that ask at the \
        same time get different ones. Each is recorded as run and due again, once, however often it was missed; one without \
        a next time is switched off. The engine outside performs the runs.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const OUTPUT: Output = Output::Value(|| json(&claimed()));
    const EXAMPLE: &'static str = r#"{"limit": 10}"#;
    const SQL: &'static str = "
        with input as (select $1::jsonb as i),
        due as materialized (
            select s.*
            from input, flow.schedules s
            join flow.workflows w on w.id = s.workflow_id
            where s.is_active and s.next_run <= now() and w.status = 'active' and not w.is_template
            order by s.next_run, s.id
            limit (select (i -> 'limit')::integer from input)
            for update of s, w skip locked
        ),
        -- A start that no time can be added to would stop whoever claims with it.
        timing as materialized (
            select d.id, d.workflow_id, d.next_run as due_at, d.end_date, shared.new_id() as execution_id,
                coalesce(d.current_runs + 1 >= d.max_runs, false) as is_last,
                case when d.cron_expression is not null then flow.next_run(
                        d.cron_expression, d.timezone, least(
                            greatest(now() + interval '1 microsecond', d.start_date), now() + interval '100 years'))
                    else least(greatest(now(), d.start_date), now() + interval '100 years')
                        + make_interval(mins => d.interval_minutes)
                end as moment
            from due d
        ),
        next as (
            select t.*, t.is_last or t.moment is null or coalesce(t.moment > t.end_date, false) as is_over from timing t
        ),
        changed as (
            update flow.schedules s
            set last_run = now(), current_runs = s.current_runs + 1, is_active = not n.is_over,
                next_run = case when not n.is_over then n.moment end
            from next n
            where s.id = n.id
            returning s.*
        ),
        counted as (
            update flow.workflows w set execution_count = w.execution_count + c.runs, last_executed_at = now()
            from (select workflow_id, count(*)::integer as runs from timing group by workflow_id) as c
            where w.id = c.workflow_id
        ),
        opened as (
            insert into flow.executions (id, workflow_id, status, triggered_by, metadata)
            select t.execution_id, t.workflow_id, 'running', 'schedule', jsonb_build_object('schedule_id', t.id)
            from timing t
            returning *
        )
        select 'ok'::text as outcome, json_build_object('claimed', coalesce(
            json_agg(
                json_build_object('schedule', to_json(c), 'execution', to_json(o)) order by t.due_at, t.id),
            '[]')) as body
        from timing t
        join changed c on c.id = t.id
        join opened o on o.id = t.execution_id";
    type Input = Input;
}
