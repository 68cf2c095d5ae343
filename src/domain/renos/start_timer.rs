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
        found as (
            select b.id, b.timer_status, b.status from renos.bookings b, input where b.id = i ->> 'id' for update of b
        ),
        changed as (
            update renos.bookings b
            set actual_start_time = now(), timer_status = i ->> 'to', status = 'in_progress'
            from input, found f
            where b.id = f.id and i -> 'allowed' ? f.timer_status
                and f.status in ('pending', 'scheduled', 'confirmed', 'rescheduled')
            returning b.*
        )
        select 'ok' as outcome, to_json(c) as body from changed c
        union all
        select 'invalid_state', json_build_object(
            'current', json_build_object('timer_status', b.timer_status, 'status', b.status),
            'allowed', json_build_object(
                'timer_status', i -> 'allowed',
                'status', json_build_array('pending', 'scheduled', 'confirmed', 'rescheduled')))
        from found b, input
        where not exists (select from changed)";
    type Input = Input;
}
