//! A41: a user becomes a team member.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::domain::{Operation, Output, renos::BACKEND};

pub(super) struct HireMember;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// The account.
    user_id: String,
    /// Staff number; the next of the year's series, `EMP-<year>-<four digits>`, where it is absent.
    #[schema(min_length = 1, max_length = 50)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    employee_id: Option<String>,
    /// Skills, as standard_cleaning or window_cleaning.
    #[schema(max_items = 100)]
    #[serde(default)]
    skills: Vec<String>,
    /// Wage an hour in DKK, two decimals.
    #[schema(minimum = 0, maximum = 9_999_999.99)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    hourly_rate: Option<f64>,
    /// For each weekday `{start, end, available}`; up to 256 KiB.
    #[schema(value_type = Object)]
    #[serde(default)]
    availability: Map<String, Value>,
    /// First day.
    #[schema(format = "date")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    hire_date: Option<String>,
}

impl Operation for HireMember {
    const ID: &'static str = "renos_hire_member";
    const SCHEMA: &'static str = "renos";
    const PATH: &'static str = "/team_members/hire";
    const SUMMARY: &'static str = "Make a user a team member";
    const DESCRIPTION: &'static str = "Active, with all figures 0. A user has one record, and a staff number is one member's: another is a conflict. Numbers of the series are not given twice, whoever leaves.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const CREATES: bool = true;
    const OUTPUT: Output = Output::Row("team_members");
    const EXAMPLE: &'static str = r#"{"user_id": "c019a0b1c2d3e4f5a6b7c8d9e", "skills": ["standard_cleaning"],
        "hourly_rate": 185, "availability": {"monday": {"start": "08:00", "end": "16:00", "available": true}}}"#;
    // The counter's row is locked until the member is committed. Numbers that came in otherwise are behind the
    // series too.
    const SQL: &'static str = "
        with input as (select $1::jsonb as i),
        person as (select u.id from renos.users u, input where u.id = i ->> 'user_id'),
        taken as (
            select case when m.user_id = i ->> 'user_id' then 'user_id' else 'employee_id' end as field
            from renos.team_members m, input
            where m.user_id = i ->> 'user_id' or m.employee_id = btrim(i ->> 'employee_id')
            order by 1 desc
            limit 1
        ),
        fault as (select from input where octet_length(i ->> 'availability') > 262144),
        clear as (
            select p.id as user_id from person p
            where not exists (select from taken) and not exists (select from fault)
        ),
        given as (
            select substring(btrim(i ->> 'employee_id') from '^EMP-([0-9]{4})-[0-9]{4,6}$')::integer as year,
                substring(btrim(i ->> 'employee_id') from '^EMP-[0-9]{4}-([0-9]{4,6})$')::integer as number
            from input
        ),
        series as (
            select extract(year from now() at time zone 'Europe/Copenhagen')::integer as year, 1 as step
            from input where not i ? 'employee_id'
            union all
            select year, 0 from given where number > 0
        ),
        numbered as (
            insert into renos.employee_counters as counter (year, last_number)
            select s.year, coalesce(g.number, 1 + (
                select coalesce(max(substring(m.employee_id from '^EMP-[0-9]{4}-([0-9]{4,6})$')::integer), 0)
                from renos.team_members m
                where m.employee_id like 'EMP-' || s.year || '-%'))
            from series s, given g, clear
            on conflict (year) do update
                set last_number = greatest(counter.last_number + (select step from series), excluded.last_number)
            returning 'EMP-' || year || '-'
                || lpad(last_number::text, greatest(length(last_number::text), 4), '0') as number
        ),
        added as (
            insert into renos.team_members (
                user_id, employee_id, skills, hourly_rate, availability, performance_metrics, hire_date)
            select c.user_id, coalesce(btrim(i ->> 'employee_id'), n.number),
                array(select btrim(skill) from jsonb_array_elements_text(i -> 'skills') as skill),
                round((i ->> 'hourly_rate')::numeric, 2), i -> 'availability',
                jsonb_build_object(
                    'jobsCompleted', 0, 'averageJobDuration', 0, 'averageQualityScore', 0, 'customerSatisfaction', 0,
                    'punctualityScore', 0, 'efficiencyRating', 0, 'totalHoursWorked', 0, 'overtimeHours', 0),
                (i ->> 'hire_date')::date
            from clear c
            cross join input
            left join numbered n on true
            returning *
        )
        select 'created' as outcome, to_json(a) as body from added a
        union all
        select 'unprocessable', json_build_object('field', 'user_id', 'message', 'There is no such user')
        where not exists (select from person)
        union all
        select 'conflict', json_build_object('columns', json_build_array(field)) from taken, person
        union all
        select 'invalid_input', json_build_array(json_build_object(
            'field', 'availability', 'reason', 'must be 256 KiB or less'))
        from fault, person
        where not exists (select from taken)";
    type Input = Input;
}
