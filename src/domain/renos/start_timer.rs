//! R10: work on a booking begins.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{BACKEND, states::TIMER};
use crate::domain::{Operation, Output, Transition};

pub(super) struct StartTimer;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// The booking.
    id: String,
}

impl Operation for StartTimer {
    const ID: &'static str = "renos_start_timer";
    const SCHEMA: &'static str = "renos";
    const PATH: &'static str = "/bookings/{id}/start_timer";
    const SUMMARY: &'static str = "Start work on a booking";
    const DESCRIPTION: &'static str =
        "The timer runs from now, and the booking is in progress. Of two who start it, one does.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const TRANSITION: Option<Transition> = Some(Transition { of: &TIMER, from: &["not_started"], to: "running" });
    const OUTPUT: Output = Output::Row("bookings");
    const EXAMPLE: &'static str = "{}";
    const SQL: &'static str = "
        with input as (select $1::jsonb as i),
        changed as (
            update renos.bookings b
            set actual_start_time = now(), timer_status = i ->> 'to', status = 'in_progress'
            from input
            where b.id = i ->> 'id' and i -> 'allowed' ? b.timer_status
                and b.status in ('pending', 'scheduled', 'confirmed', 'rescheduled')
            returning b.*
        )
        select 'ok' as outcome, to_json(c) as body from changed c
        union all
        select 'invalid_state', json_build_object(
            'current', json_build_object('timer_status', b.timer_status, 'status', b.status),
            'allowed', json_build_object(
                'timer_status', i -> 'allowed',
                'status', json_build_array('pending', 'scheduled', 'confirmed', 'rescheduled')))
        from renos.bookings b, input
        where b.id = i ->> 'id' and not exists (select from changed)";
    type Input = Input;
}
