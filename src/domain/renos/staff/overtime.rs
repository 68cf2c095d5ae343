//! A47: who worked more than eight hours a day.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::{Method, Operation, Output, renos::BACKEND};

pub(super) struct Overtime;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// First day, in Europe/Copenhagen.
    #[schema(format = "date")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    start_date: Option<String>,
    /// Last day.
    #[schema(format = "date")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    end_date: Option<String>,
}

/// Overtime of a team member.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Member {
    /// The team member.
    team_member_id: String,
    /// Staff number.
    employee_id: String,
    /// Name of the account.
    name: String,
    /// Minutes of overtime, of all days.
    overtime_minutes: u64,
    /// Days with overtime, the oldest first.
    days: Vec<Day>,
}

/// A day with overtime.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Day {
    /// The day on which the work began.
    date: String,
    /// Whole minutes worked, without pauses.
    worked_minutes: u64,
    /// Those above 480.
    overtime_minutes: u64,
}

impl Operation for Overtime {
    const ID: &'static str = "renos_overtime";
    const SCHEMA: &'static str = "renos";
    const METHOD: Method = Method::Get;
    const PATH: &'static str = "/time_entries/overtime";
    const SUMMARY: &'static str = "Overtime of the team members";
    const DESCRIPTION: &'static str = "What a member worked on a day beyond 480 minutes, over all entries of the day that have ended; an entry counts on the day on which it began, in Europe/Copenhagen. The member with the most comes first; who has none is left out.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const OUTPUT: Output = Output::of::<Vec<Member>>();
    const EXAMPLE: &'static str = r#"{"start_date": "2026-01-01", "end_date": "2026-01-31"}"#;
    const SQL: &'static str = "
        with input as (select $1::jsonb as i),
        worked as (
            select e.team_member_id, (e.start_time at time zone 'Europe/Copenhagen')::date as day,
                greatest(
                    floor(extract(epoch from e.end_time - e.start_time) / 60)::bigint - e.break_duration, 0) as minutes
            from renos.time_entries e, input
            where e.end_time is not null
                and (not i ? 'start_date'
                    or e.start_time >= (i ->> 'start_date')::timestamp at time zone 'Europe/Copenhagen')
                and (not i ? 'end_date'
                    or e.start_time < ((i ->> 'end_date')::date + 1)::timestamp at time zone 'Europe/Copenhagen')
        ),
        days as (
            select team_member_id, day, sum(minutes) as minutes, sum(minutes) - 480 as overtime
            from worked
            group by team_member_id, day
            having sum(minutes) > 480
        ),
        members as (
            select team_member_id, sum(overtime) as overtime, json_agg(json_build_object(
                'date', day, 'worked_minutes', minutes, 'overtime_minutes', overtime) order by day) as days
            from days
            group by team_member_id
        )
        select 'ok'::text as outcome, coalesce(json_agg(json_build_object(
            'team_member_id', m.id, 'employee_id', m.employee_id, 'name', u.name, 'overtime_minutes', o.overtime,
            'days', o.days) order by o.overtime desc, m.id), '[]') as body
        from members o
        join renos.team_members m on m.id = o.team_member_id
        join renos.users u on u.id = m.user_id";
    type Input = Input;
}
