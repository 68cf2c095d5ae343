//! A28: how well work keeps to its planned time.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::BACKEND;
use crate::domain::{Method, Operation, Output};

pub(super) struct TimeFigures;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// Jobs of that customer, those of the customer's leads too.
    #[schema(min_length = 1)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    customer_id: Option<String>,
    /// Jobs of that kind.
    #[schema(min_length = 1)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    service_type: Option<String>,
    /// Jobs whose work began on that day in Copenhagen or later.
    #[schema(format = "date")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    start_date: Option<String>,
    /// Jobs whose work began on that day in Copenhagen or before.
    #[schema(format = "date")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    end_date: Option<String>,
}

/// Figures of all jobs, and of each kind.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Figures {
    jobs: u64,
    /// Planned by worked minutes, the mean; null where no job has it.
    mean_efficiency: Option<f64>,
    /// Minutes worked beyond those planned, of the jobs that took longer.
    overtime_minutes: u64,
    /// Minutes left of those planned, of the jobs that took less.
    undertime_minutes: u64,
    /// The most frequent first.
    by_service_type: Vec<OfService>,
}

/// Figures of one kind of service.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct OfService {
    /// Null is that of jobs without one.
    service_type: Option<String>,
    jobs: u64,
    mean_efficiency: Option<f64>,
    overtime_minutes: u64,
    undertime_minutes: u64,
}

impl Operation for TimeFigures {
    const ID: &'static str = "renos_time_figures";
    const SCHEMA: &'static str = "renos";
    const METHOD: Method = Method::Get;
    const PATH: &'static str = "/bookings/time_analytics";
    const SUMMARY: &'static str = "Worked against planned time";
    const DESCRIPTION: &'static str = "Of the jobs whose timer was stopped, all together and by kind of service.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const OUTPUT: Output = Output::of::<Figures>();
    const EXAMPLE: &'static str = r#"{"start_date": "2026-01-01", "end_date": "2026-01-31"}"#;
    const SQL: &'static str = "
        with input as (
            select i, (i ->> 'start_date')::date::timestamp at time zone 'Europe/Copenhagen' as starts,
                ((i ->> 'end_date')::date + 1)::timestamp at time zone 'Europe/Copenhagen' as ends
            from (select $1::jsonb) as given (i)
        ),
        figures as (
            select b.service_type, grouping(b.service_type) = 1 as is_total, count(*) as jobs,
                avg(b.efficiency_score) as efficiency,
                coalesce(sum(b.time_variance) filter (where b.time_variance > 0), 0) as overtime,
                coalesce(-sum(b.time_variance) filter (where b.time_variance < 0), 0) as undertime
            from input
            join renos.bookings b on b.timer_status = 'completed'
                and (not i ? 'service_type' or b.service_type = i ->> 'service_type')
                and (starts is null or b.actual_start_time >= starts)
                and (ends is null or b.actual_start_time < ends)
            left join renos.leads l on l.id = b.lead_id
            where not i ? 'customer_id' or coalesce(b.customer_id, l.customer_id) = i ->> 'customer_id'
            group by grouping sets ((), (b.service_type))
        )
        select 'ok'::text as outcome, json_build_object(
            'jobs', f.jobs, 'mean_efficiency', f.efficiency, 'overtime_minutes', f.overtime,
            'undertime_minutes', f.undertime, 'by_service_type', (
                select coalesce(json_agg(json_build_object(
                    'service_type', s.service_type, 'jobs', s.jobs, 'mean_efficiency', s.efficiency,
                    'overtime_minutes', s.overtime, 'undertime_minutes', s.undertime)
                    order by s.jobs desc, s.service_type), '[]')
                from figures s
                where not s.is_total)) as body
        from figures f
        where f.is_total";
    type Input = Input;
}
