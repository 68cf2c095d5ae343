//! F15: a schedule has run.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::BACKEND;
use crate::domain::{Operation, Output};

pub(super) struct NoteScheduleRun;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = FlowNoteScheduleRun)]
pub(super) struct Input {
    /// The schedule.
    id: String,
    /// When it is due next; computed where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = "date-time")]
    next_run: Option<String>,
}

impl Operation for NoteScheduleRun {
    const ID: &'static str = "flow_note_schedule_run";
    const SCHEMA: &'static str = "flow";
    const PATH: &'static str = "/schedules/{id}/ran";
    const SUMMARY: &'static str = "Record a run of a schedule, and when it is due next";
    const DESCRIPTION: &'static str = "The schedule must be active. With its last run of max_runs, or where it would be \
        due after end_date, it is switched off and next_run is null.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const OUTPUT: Output = Output::Row("schedules");
    const EXAMPLE: &'static str = "{}";
    const SQL: &'static str = "
        with input as (select $1::jsonb as i),
        found as (select s.* from flow.schedules s, input where s.id = i ->> 'id' for update of s),
        timing as (
            select f.id, f.is_active, f.current_runs + 1 >= f.max_runs as is_last, f.end_date,
                case when i ? 'next_run' then (i ->> 'next_run')::timestamptz
                    when f.cron_expression is not null then flow.next_run(
                        f.cron_expression, f.timezone, greatest(now() + interval '1 microsecond', f.start_date))
                    else greatest(now(), f.start_date) + make_interval(mins => f.interval_minutes)
                end as moment
            from found f, input
        ),
        next as (
            select t.*, coalesce(t.is_last, false) or coalesce(t.moment > t.end_date, false) as is_over from timing t
        ),
        changed as (
            update flow.schedules s
            set last_run = now(), current_runs = s.current_runs + 1, is_active = not n.is_over,
                next_run = case when not n.is_over then n.moment end
            from next n
            where s.id = n.id and n.is_active and (n.is_over or n.moment is not null)
            returning s.*
        )
        select 'ok'::text as outcome, to_json(c) as body from changed c
        union all
        select 'invalid_state', json_build_object(
            'current', json_build_object('is_active', false), 'allowed', json_build_object('is_active', true))
        from next n where not n.is_active
        union all
        select 'unprocessable', json_build_object(
            'message', 'The schedule''s cron expression and time zone give no time within eight years: give next_run')
        from next n where n.is_active and not n.is_over and n.moment is null";
    type Input = Input;
}
