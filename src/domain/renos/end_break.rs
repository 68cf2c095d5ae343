//! R13: a pause ends.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::BACKEND;
use crate::domain::{Operation, Output};

pub(super) struct EndBreak;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// The pause.
    id: String,
}

impl Operation for EndBreak {
    const ID: &'static str = "renos_end_break";
    const SCHEMA: &'static str = "renos";
    const PATH: &'static str = "/breaks/{id}/end";
    const SUMMARY: &'static str = "End a pause";
    const DESCRIPTION: &'static str =
        "The pause has its whole minutes, and the booking's timer runs on. A pause is ended once.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const OUTPUT: Output = Output::Row("breaks");
    const EXAMPLE: &'static str = "{}";
    // The booking is locked before the pause, as where the timer is stopped.
    const SQL: &'static str = "
        with input as (select $1::jsonb as i),
        booking as materialized (
            select b.id
            from renos.bookings b, input
            where b.id = (select k.booking_id from renos.breaks k where k.id = i ->> 'id')
            for update of b
        ),
        found as materialized (
            select k.* from renos.breaks k, booking b, input
            where k.id = i ->> 'id' and k.booking_id = b.id
            for update of k
        ),
        ended as (
            update renos.breaks k
            set end_time = greatest(now(), k.start_time),
                duration = greatest(floor(extract(epoch from now() - k.start_time) / 60), 0)
            from found f
            where k.id = f.id and f.end_time is null
            returning k.*
        ),
        resumed as (
            update renos.bookings b
            set timer_status = 'running'
            from ended e
            where b.id = e.booking_id and b.timer_status = 'paused'
        )
        select 'ok' as outcome, to_json(e) as body from ended e
        union all
        select 'invalid_state', json_build_object(
            'current', json_build_object('end_time', f.end_time), 'allowed', json_build_object('end_time', null))
        from found f
        where f.end_time is not null";
    type Input = Input;
}
