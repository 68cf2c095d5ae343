//! F13: a workflow is to run by the clock.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::BACKEND;
use crate::domain::{Operation, Output};

pub(super) struct PlanSchedule;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = FlowPlanSchedule)]
pub(super) struct Input {
    /// The workflow.
    #[schema(min_length = 1, max_length = 100)]
    workflow_id: String,
    /// Its name.
    #[schema(min_length = 1, max_length = 200)]
    name: String,
    /// Text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 10000)]
    description: Option<String>,
    /// When, in five fields of numbers: minute, hour, day, month, weekday (0 and 7 are Sunday). This or
    /// `interval_minutes`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 200)]
    cron_expression: Option<String>,
    /// How often. This or `cron_expression`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 525600)]
    interval_minutes: Option<i32>,
    /// The IANA zone that the expression is read in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 100, default = "Europe/Copenhagen")]
    timezone: Option<String>,
    /// Not before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = "date-time")]
    start_date: Option<String>,
    /// Not after.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = "date-time")]
    end_date: Option<String>,
    /// The number of runs; absent is unlimited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1)]
    max_runs: Option<i32>,
}

impl Operation for PlanSchedule {
    const ID: &'static str = "flow_plan_schedule";
    const SCHEMA: &'static str = "flow";
    const PATH: &'static str = "/schedules/plan";
    const SUMMARY: &'static str = "Run a workflow by the clock";
    const DESCRIPTION: &'static str = "By a cron expression or by an interval. next_run is the first time from now or \
        start_date on, null where that is after end_date. A local time that the clock skips is due when it has moved on; \
        one that it repeats is due once, unless the expression is for every hour. Nothing starts an archived workflow.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const CREATES: bool = true;
    const OUTPUT: Output = Output::Row("schedules");
    const EXAMPLE: &'static str =
        r#"{"workflow_id": "c1", "name": "Weekdays at 6", "cron_expression": "0 6 * * 1-5", "max_runs": 100}"#;
    const SQL: &'static str = "
        with input as (
            select i, (i ->> 'start_date')::timestamptz as start_date, (i ->> 'end_date')::timestamptz as end_date,
                coalesce(i ->> 'timezone', 'Europe/Copenhagen') as zone
            from (select $1::jsonb as i) given
        ),
        timing as (
            select zone, exists (select from pg_timezone_names where name = zone) as has_zone,
                case when i ? 'cron_expression'
                    then flow.next_run(i ->> 'cron_expression', zone, greatest(now(), start_date))
                    else greatest(now(), start_date) + make_interval(mins => (i ->> 'interval_minutes')::integer)
                end as moment
            from input
        ),
        faults as (
            select json_agg(json_build_object('field', field, 'reason', reason)) as list
            from input, timing, lateral (values
                ('name', 'must not be blank', btrim(i ->> 'name') = ''),
                ('cron_expression', 'must be given, or interval_minutes, and not both',
                    (i ? 'cron_expression') = (i ? 'interval_minutes')),
                ('cron_expression', 'must be five fields (minute, hour, day, month, weekday) that match within eight '
                    || 'years, as in 0 6 * * 1-5', i ? 'cron_expression' and has_zone and moment is null),
                ('timezone', 'must be an IANA time zone, as in Europe/Copenhagen', not has_zone),
                ('end_date', 'must be after start_date', end_date <= start_date)
            ) rule (field, reason, is_broken)
            where is_broken
        ),
        -- Whoever archives the workflow waits until the schedule is there, and switches it off then.
        workflow as materialized (
            select w.id, w.status
            from flow.workflows w, input, faults
            where w.id = i ->> 'workflow_id' and list is null
            for share of w
        ),
        planned as (
            insert into flow.schedules (
                workflow_id, name, description, cron_expression, interval_minutes, timezone, start_date, end_date,
                max_runs, next_run
            )
            select w.id, btrim(i ->> 'name'), btrim(i ->> 'description'), btrim(i ->> 'cron_expression'),
                (i ->> 'interval_minutes')::integer, zone, start_date, end_date, (i ->> 'max_runs')::integer,
                case when end_date is null or moment <= end_date then moment end
            from input join timing using (zone), workflow w
            where w.status <> 'archived'
            returning *
        )
        select 'created'::text as outcome, to_json(p) as body from planned p
        union all
        select 'invalid_input', list from faults where list is not null
        union all
        select 'unprocessable', json_build_object('message', 'There is no such workflow', 'field', 'workflow_id')
        from faults where list is null and not exists (select from workflow)
        union all
        select 'invalid_state', json_build_object(
            'message', 'The workflow is archived', 'current', json_build_object('status', w.status),
            'allowed', json_build_object('status', json_build_array('draft', 'active', 'paused')))
        from workflow w where w.status = 'archived'";
    type Input = Input;
}
