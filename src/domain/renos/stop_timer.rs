//! R11: work on a booking ends.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{BACKEND, states::TIMER};
use crate::domain::{Operation, Output, Transition};

pub(super) struct StopTimer;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// The booking.
    id: String,
    /// Remarks on the time used; absent leaves those that there are.
    #[schema(max_length = 10_000)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    time_notes: Option<String>,
}

impl Operation for StopTimer {
    const ID: &'static str = "renos_stop_timer";
    const SCHEMA: &'static str = "renos";
    const PATH: &'static str = "/bookings/{id}/stop_timer";
    const SUMMARY: &'static str = "End work on a booking";
    const DESCRIPTION: &'static str = "An open pause ends with it. Worked minutes are those from start to now without the pauses, rounded down and not below 0; the efficiency is estimated by worked minutes, and null where none were worked. A cancelled booking is not completed by it. The figures of the customer are counted anew.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const TRANSITION: Option<Transition> =
        Some(Transition { of: &TIMER, from: &["running", "paused"], to: "completed" });
    // Pauses are read after the booking was locked, and may have begun or ended meanwhile.
    const IS_SERIALIZABLE: bool = true;
    const OUTPUT: Output = Output::Row("bookings");
    const EXAMPLE: &'static str = r#"{"time_notes": "The kitchen took longer than planned"}"#;
    const SQL: &'static str = "
        with input as (select $1::jsonb as i),
        found as materialized (
            select b.* from renos.bookings b, input where b.id = i ->> 'id' for update of b
        ),
        stopping as (
            select f.id, floor(extract(epoch from now() - f.actual_start_time) / 60) as minutes
            from found f, input
            where i -> 'allowed' ? f.timer_status and f.actual_start_time is not null and f.status <> 'cancelled'
        ),
        ended as (
            update renos.breaks k
            set end_time = greatest(now(), k.start_time),
                duration = greatest(floor(extract(epoch from now() - k.start_time) / 60), 0)
            from stopping s
            where k.booking_id = s.id and k.end_time is null
            returning k.duration
        ),
        worked as (
            select s.id, greatest(s.minutes - paused.before - paused.last, 0)::integer as minutes
            from stopping s
            cross join lateral (
                select
                    (select coalesce(sum(k.duration), 0) from renos.breaks k
                        where k.booking_id = s.id and k.end_time is not null) as before,
                    (select coalesce(sum(e.duration), 0) from ended e) as last
            ) as paused
        ),
        changed as (
            update renos.bookings b
            set actual_end_time = now(), actual_duration = w.minutes, time_variance = w.minutes - b.estimated_duration,
                efficiency_score = b.estimated_duration::double precision / nullif(w.minutes, 0),
                time_notes = coalesce(btrim(i ->> 'time_notes'), b.time_notes),
                timer_status = i ->> 'to', status = 'completed'
            from worked w, input
            where b.id = w.id
            returning b.*
        )
        select 'ok' as outcome, to_json(c) as body
        from changed c
        left join renos.leads l on l.id = c.lead_id
        cross join lateral renos.refresh_customer(coalesce(c.customer_id, l.customer_id))
        union all
        select 'invalid_state', case
            when f.status = 'cancelled' then json_build_object(
                'current', json_build_object('timer_status', f.timer_status, 'status', f.status),
                'allowed', json_build_object(
                    'timer_status', i -> 'allowed', 'status', json_build_array(
                        'pending', 'scheduled', 'confirmed', 'in_progress', 'rescheduled', 'completed')))
            else json_build_object('current', f.timer_status, 'allowed', i -> 'allowed')
        end
        from found f, input
        where not exists (select from stopping)";
    type Input = Input;
}
