//! A61: a booking is handed to a subcontractor.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::BACKEND;
use crate::domain::{Operation, Output};

pub(super) struct AssignBooking;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// The booking.
    #[schema(min_length = 1, max_length = 255)]
    booking_id: String,
    /// Who gets it. This, or `smart`.
    #[schema(format = "uuid")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    subcontractor_id: Option<String>,
    /// Whether the best one is chosen.
    #[serde(default)]
    smart: bool,
    /// Who hands it over.
    #[schema(min_length = 1, max_length = 255)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    assigned_by: Option<String>,
    /// Remarks.
    #[schema(max_length = 10_000)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    notes: Option<String>,
}

impl Operation for AssignBooking {
    const ID: &'static str = "renos_assign_booking";
    const SCHEMA: &'static str = "renos";
    const PATH: &'static str = "/task_assignments/assign";
    const SUMMARY: &'static str = "Hand a booking to a subcontractor";
    const DESCRIPTION: &'static str = "To the one named, or to the best of those that are active, free in the hours of the booking (nothing blocks them, and where the day has entries one says that they are free) and perform its service where that is in the catalogue. Best is who has the most of 40 for the rating, 20 for the number of reviews (up to 50 of them), 20 for the service and 20 for being free; then the name decides. A booking that is in somebody's hands is not handed over (409).";
    const CALLERS: &'static [&'static str] = BACKEND;
    const CREATES: bool = true;
    const OUTPUT: Output = Output::Row("task_assignments");
    const EXAMPLE: &'static str =
        r#"{"booking_id": "c019a0b1c2d3e4f5a6b7c8d9e", "smart": true, "notes": "Key at the desk"}"#;
    const SQL: &'static str = "
        with input as (
            select i, case
                when (i ->> 'smart')::boolean = i ? 'subcontractor_id' then json_build_array(json_build_object(
                    'field', 'subcontractor_id', 'reason', 'must be given, or smart be true, and not both'))
            end as faults
            from (select $1::jsonb) as given (i)
        ),
        booking as materialized (
            select b.id, b.status, b.service_type, b.status not in ('completed', 'cancelled') as is_open,
                b.scheduled_at at time zone 'Europe/Copenhagen' as starts_at,
                b.scheduled_at at time zone 'Europe/Copenhagen' + make_interval(mins => b.estimated_duration) as ends_at
            from renos.bookings b, input
            where b.id = i ->> 'booking_id' and faults is null
            for no key update of b
        ),
        live as (
            select a.id, a.status from renos.task_assignments a, booking b
            where a.booking_id = b.id and a.status in ('assigned', 'accepted', 'in_progress')
        ),
        -- What a subcontractor said of the day, also in an entry that repeats.
        entries as (
            select e.subcontractor_id, e.is_available,
                tsrange(
                    day.of + coalesce(e.start_time, '00:00'), day.of + coalesce(e.end_time, '24:00'), '[)') as hours
            from booking b
            cross join lateral (select b.starts_at::date as of) as day
            join renos.subcontractor_availability e on e.date = day.of
                or (e.recurring and e.date < day.of and case e.recurring_pattern
                    when 'weekly' then (day.of - e.date) % 7 = 0
                    when 'biweekly' then (day.of - e.date) % 14 = 0
                    when 'monthly' then extract(day from day.of) = extract(day from e.date)
                    else false
                end)
        ),
        service as (
            select s.id from renos.services s, booking b where lower(s.name) = lower(btrim(b.service_type))
        ),
        candidates as (
            select s.id, s.company_name, s.rating, performs.does_it,
                (select count(*) from renos.subcontractor_reviews r where r.subcontractor_id = s.id) as reviews
            from renos.subcontractors s, booking b, input
            cross join lateral (select exists (
                select from renos.subcontractor_services x
                where x.subcontractor_id = s.id and x.service_id in (select id from service)) as does_it) as performs
            where (i ->> 'smart')::boolean and s.status = 'active'
                and (performs.does_it or not exists (select from service))
                and not exists (
                    select from entries e
                    where e.subcontractor_id = s.id and not e.is_available
                        and e.hours && tsrange(b.starts_at, b.ends_at, '[)'))
                and (
                    not exists (select from entries e where e.subcontractor_id = s.id)
                    or exists (
                        select from entries e
                        where e.subcontractor_id = s.id and e.is_available
                            and e.hours @> tsrange(b.starts_at, least(b.ends_at, b.starts_at::date + 1), '[)'))
                )
        ),
        best as (
            select id
            from candidates
            -- All of them are free: 20 for each.
            order by 40 * coalesce(rating, 0) / 5 + 20 * least(reviews, 50) / 50.0
                    + case when does_it then 20 else 0 end + 20 desc,
                company_name, id
            limit 1
        ),
        chosen as materialized (
            select s.id from renos.subcontractors s, input
            where s.status = 'active' and s.id = coalesce((i ->> 'subcontractor_id')::uuid, (select id from best))
            for share of s
        ),
        made as (
            insert into renos.task_assignments (booking_id, subcontractor_id, assigned_by, notes)
            select b.id, c.id, i ->> 'assigned_by', nullif(btrim(i ->> 'notes'), '')
            from booking b, chosen c, input
            where b.is_open and not exists (select from live)
            returning *
        )
        select 'created' as outcome, to_json(m) as body from made m
        union all
        select 'invalid_input', faults from input where faults is not null
        union all
        select 'unprocessable', json_build_object('field', 'booking_id', 'message', 'There is no such booking')
        from input
        where faults is null and not exists (select from booking)
        union all
        select 'invalid_state', json_build_object(
            'current', b.status,
            'allowed', json_build_array('pending', 'scheduled', 'confirmed', 'in_progress', 'rescheduled'))
        from booking b
        where not b.is_open
        union all
        select 'conflict', json_build_object(
            'message', 'The booking is in somebody''s hands already', 'task_assignment_id', l.id, 'status', l.status)
        from live l, booking b
        where b.is_open
        union all
        select 'unprocessable', json_build_object('field', 'subcontractor_id', 'message', case
            when (i ->> 'smart')::boolean then 'No subcontractor is free and performs the service'
            else 'There is no such active subcontractor' end)
        from booking b, input
        where b.is_open and not exists (select from live) and not exists (select from chosen)";
    type Input = Input;
}
