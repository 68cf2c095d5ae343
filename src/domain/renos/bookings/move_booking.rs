//! A25: a job is moved to another time.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::{BACKEND, states::BOOKING};
use crate::domain::{Operation, Output, Transition};

pub(super) struct MoveBooking;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// The booking.
    id: String,
    /// Planned start.
    #[schema(format = "date-time")]
    scheduled_at: String,
    /// Planned minutes; absent leaves those that there are.
    #[schema(minimum = 1, maximum = 1440)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    estimated_duration: Option<u32>,
    /// Whether a confirmed booking stays confirmed.
    #[serde(default)]
    keep_status: bool,
}

impl Operation for MoveBooking {
    const ID: &'static str = "renos_reschedule_booking";
    const SCHEMA: &'static str = "renos";
    const PATH: &'static str = "/bookings/{id}/reschedule";
    const SUMMARY: &'static str = "Move a booking to another time";
    const DESCRIPTION: &'static str = "The calendar slot is from the planned start on, as long as the planned minutes. Work that has begun can't be moved.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const TRANSITION: Option<Transition> = Some(Transition {
        of: &BOOKING,
        from: &["pending", "scheduled", "confirmed", "rescheduled"],
        to: "rescheduled",
    });
    const OUTPUT: Output = Output::Row("bookings");
    const EXAMPLE: &'static str = r#"{"scheduled_at": "2026-12-07T08:00:00+01:00", "estimated_duration": 180}"#;
    const SQL: &'static str = "
        with input as (select $1::jsonb as i),
        found as materialized (
            select b.* from renos.bookings b, input where b.id = i ->> 'id' for no key update of b
        ),
        changed as (
            update renos.bookings b
            set scheduled_at = s.starts, start_time = s.starts, end_time = s.starts + make_interval(mins => s.minutes),
                estimated_duration = s.minutes,
                status = case
                    when f.status = 'confirmed' and (i ->> 'keep_status')::boolean then f.status
                    else i ->> 'to'
                end
            from input, found f
            cross join lateral (
                select (i ->> 'scheduled_at')::timestamptz,
                    coalesce((i ->> 'estimated_duration')::integer, f.estimated_duration)
                from input
            ) as s (starts, minutes)
            where b.id = f.id and i -> 'allowed' ? f.status
            returning b.*
        )
        select 'ok' as outcome, to_json(c) as body from changed c
        union all
        select 'invalid_state', json_build_object('current', f.status, 'allowed', i -> 'allowed')
        from found f, input
        where not exists (select from changed)";
    type Input = Input;
}
