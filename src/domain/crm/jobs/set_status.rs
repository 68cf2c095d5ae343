//! A69: a cleaning job goes on to another state.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::BACKEND;
use crate::domain::{Operation, Output};

pub(in super::super) struct SetJobStatus;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct Input {
    /// The job.
    #[schema(format = "uuid")]
    id: String,
    /// The state that it goes on to.
    status: Status,
    /// The planned start from now on; goes with `rescheduled`, which needs it, and with no other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(format = "date-time")]
    scheduled_at: Option<String>,
    /// Minutes used; goes with `completed` and with no other. Unless given, those since the start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0, maximum = 100_000)]
    actual_duration: Option<i32>,
}

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Status {
    Confirmed,
    InProgress,
    Paused,
    Completed,
    Cancelled,
    NoShow,
    Rescheduled,
}

impl Operation for SetJobStatus {
    const ID: &'static str = "crm_set_job_status";
    const SCHEMA: &'static str = "crm";
    const PATH: &'static str = "/cleaning_jobs/{id}/status";
    const SUMMARY: &'static str = "Move a cleaning job on";
    const DESCRIPTION: &'static str = "A job that is scheduled or rescheduled is confirmed, begun, cancelled, rescheduled or \
        nobody was there (`no_show`); a confirmed one all these but confirmed; one in progress is paused, completed or \
        cancelled; a paused one goes on, is completed or cancelled. The first start is kept.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const OUTPUT: Output = Output::Row("cleaning_jobs");
    const EXAMPLE: &'static str = r#"{"status": "completed", "actual_duration": 170}"#;
    const SQL: &'static str = "
        with input as (
            select i, i ->> 'status' as status, (i ->> 'scheduled_at')::timestamptz as scheduled_at
            from (select $1::jsonb as i) as one
        ),
        step (before, after) as (
            values
                ('scheduled', array['confirmed', 'in_progress', 'cancelled', 'no_show', 'rescheduled']),
                ('confirmed', array['in_progress', 'cancelled', 'no_show', 'rescheduled']),
                ('rescheduled', array['confirmed', 'in_progress', 'cancelled', 'no_show', 'rescheduled']),
                ('in_progress', array['paused', 'completed', 'cancelled']),
                ('paused', array['in_progress', 'completed', 'cancelled'])
        ),
        fault (field, reason) as (
            select 'scheduled_at', 'is required where a job is rescheduled'
            from input
            where status = 'rescheduled' and scheduled_at is null
            union all
            select 'scheduled_at', 'goes with rescheduled alone'
            from input
            where status <> 'rescheduled' and scheduled_at is not null
            union all
            select 'scheduled_at', 'must not be in the past' from input where scheduled_at < now()
            union all
            select 'actual_duration', 'goes with completed alone'
            from input
            where status <> 'completed' and i ? 'actual_duration'
        ),
        job as (select j.id, j.status from crm.cleaning_jobs j, input where j.id = (i ->> 'id')::uuid for update of j),
        changed as (
            update crm.cleaning_jobs j
            set status = input.status,
                scheduled_at = coalesce(input.scheduled_at, j.scheduled_at),
                started_at = case when input.status = 'in_progress' then coalesce(j.started_at, now()) else j.started_at end,
                completed_at = case when input.status = 'completed' then now() else j.completed_at end,
                actual_duration = case when input.status = 'completed'
                    then coalesce(
                        (i -> 'actual_duration')::integer,
                        case when j.started_at is not null
                            then greatest(floor(extract(epoch from now() - j.started_at) / 60), 0)::integer
                        end)
                    else j.actual_duration
                end
            from job, input, step
            where j.id = job.id and step.before = job.status and input.status = any (step.after)
                and not exists (select from fault)
            returning j.*
        )
        select 'ok'::text as outcome, to_json(c) as body from changed c
        union all
        select 'invalid_input', (select json_agg(f) from fault f) from job where exists (select from fault)
        union all
        select 'invalid_state', json_build_object(
            'current', json_build_object('status', job.status),
            'allowed', json_build_object('status', (
                select coalesce(json_agg(step.before order by step.before), '[]')
                from step
                where input.status = any (step.after)
            )))
        from job, input
        where not exists (select from changed) and not exists (select from fault)";
    type Input = Input;
}
