//! A42: figures of a team member.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::{Method, Operation, Output, renos::BACKEND};

pub(super) struct MemberPerformance;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// The team member.
    id: String,
    /// First day, in Europe/Copenhagen.
    #[schema(format = "date")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    from: Option<String>,
    /// Last day.
    #[schema(format = "date")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    to: Option<String>,
}

/// Figures of a team member.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Figures {
    /// The team member.
    team_member_id: String,
    /// Time entries that have ended.
    entries: u64,
    /// Whole minutes worked, without pauses.
    minutes_worked: u64,
    /// Hours above 160 in a month, of all months.
    overtime_hours: f64,
    /// Bookings worked on, and leads where there was no booking.
    jobs_done: u64,
    /// Assessments of those jobs.
    assessments: u64,
    /// Mean of their stars, two decimals; null where there is none.
    average_quality_score: Option<f64>,
    /// The months, the oldest first.
    months: Vec<Month>,
}

/// Work of a month.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Month {
    /// `2026-01`
    month: String,
    /// Time entries that began in it and have ended.
    entries: u64,
    /// Whole minutes worked, without pauses.
    minutes_worked: u64,
    /// Hours above 160.
    overtime_hours: f64,
}

impl Operation for MemberPerformance {
    const ID: &'static str = "renos_member_performance";
    const SCHEMA: &'static str = "renos";
    const METHOD: Method = Method::Get;
    const PATH: &'static str = "/team_members/{id}/performance";
    const SUMMARY: &'static str = "Figures of a team member";
    const DESCRIPTION: &'static str = "Of entries that began on those days, both included, and have ended. Days and months are those of Europe/Copenhagen.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const OUTPUT: Output = Output::of::<Figures>();
    const EXAMPLE: &'static str = r#"{"from": "2026-01-01", "to": "2026-03-31"}"#;
    const SQL: &'static str = "
        with input as (select $1::jsonb as i),
        entries as (
            select coalesce(e.booking_id, e.lead_id) as job, coalesce(e.lead_id, b.lead_id) as lead_id,
                to_char(e.start_time at time zone 'Europe/Copenhagen', 'YYYY-MM') as month,
                greatest(
                    floor(extract(epoch from e.end_time - e.start_time) / 60)::bigint - e.break_duration, 0) as minutes
            from input
            join renos.time_entries e on e.team_member_id = i ->> 'id'
            left join renos.bookings b on b.id = e.booking_id
            where e.end_time is not null
                and (not i ? 'from' or e.start_time >= (i ->> 'from')::timestamp at time zone 'Europe/Copenhagen')
                and (not i ? 'to'
                    or e.start_time < ((i ->> 'to')::date + 1)::timestamp at time zone 'Europe/Copenhagen')
        ),
        months as (
            select month, count(*) as entries, sum(minutes) as minutes,
                greatest(round(sum(minutes) / 60.0 - 160, 2), 0) as overtime
            from entries
            group by month
        ),
        quality as (
            select count(*) as assessments, round(avg(a.overall_score), 2) as mean
            from renos.quality_assessments a
            where a.status <> 'in_progress' and a.lead_id in (select lead_id from entries)
        )
        select 'ok'::text as outcome, json_build_object(
            'team_member_id', m.id,
            'entries', (select count(*) from entries),
            'minutes_worked', (select coalesce(sum(minutes), 0) from entries),
            'overtime_hours', (select coalesce(sum(overtime), 0) from months),
            'jobs_done', (select count(distinct job) from entries),
            'assessments', q.assessments,
            'average_quality_score', q.mean,
            'months', (
                select coalesce(json_agg(json_build_object('month', month, 'entries', entries,
                    'minutes_worked', minutes, 'overtime_hours', overtime) order by month), '[]')
                from months)) as body
        from input
        join renos.team_members m on m.id = i ->> 'id'
        cross join quality q";
    type Input = Input;
}
