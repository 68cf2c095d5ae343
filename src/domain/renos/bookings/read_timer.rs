//! A27: how the work on a job stands.

use serde::{Deserialize, Serialize};
use utoipa::{
    ToSchema,
    openapi::{RefOr, Schema, schema::Type},
};

use super::super::{
    BACKEND, row, rows,
    shapes::{nullable, object, of},
};
use crate::domain::{Method, Operation, Output, json};

pub(super) struct ReadTimer;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// The booking.
    id: String,
}

/// The timer and its pauses.
fn timer() -> RefOr<Schema> {
    object([
        ("booking_id", of(Type::String)),
        ("status", of(Type::String)),
        ("timer_status", of(Type::String)),
        ("estimated_duration", of(Type::Integer)),
        ("actual_start_time", nullable(of(Type::String))),
        ("actual_end_time", nullable(of(Type::String))),
        ("actual_duration", nullable(of(Type::Integer))),
        ("elapsed_minutes", of(Type::Integer)),
        ("time_variance", nullable(of(Type::Integer))),
        ("efficiency_score", nullable(of(Type::Number))),
        ("time_notes", nullable(of(Type::String))),
        ("breaks", rows("breaks").into()),
        ("active_break", nullable(row("breaks"))),
        ("is_running", of(Type::Boolean)),
        ("is_paused", of(Type::Boolean)),
        ("is_completed", of(Type::Boolean)),
    ])
}

impl Operation for ReadTimer {
    const ID: &'static str = "renos_read_timer";
    const SCHEMA: &'static str = "renos";
    const METHOD: Method = Method::Get;
    const PATH: &'static str = "/bookings/{id}/timer";
    const SUMMARY: &'static str = "The timer of a booking";
    const DESCRIPTION: &'static str = "Elapsed are the whole minutes from the start to now, or to the end, without the pauses, also the open one: what would be worked if the timer were stopped now. Variance and efficiency are there once it was. The newest pause first.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const OUTPUT: Output = Output::Value(|| json(&timer()));
    const EXAMPLE: &'static str = "{}";
    const SQL: &'static str = "
        with found as (select b.* from renos.bookings b where b.id = $1::jsonb ->> 'id'),
        pauses as (
            select coalesce(sum(k.duration) filter (where k.end_time is not null), 0) as ended,
                coalesce(sum(greatest(floor(extract(epoch from now() - k.start_time) / 60), 0))
                    filter (where k.end_time is null), 0) as open,
                coalesce(json_agg(k order by k.start_time desc, k.id desc), '[]') as list,
                json_agg(k order by k.start_time desc, k.id desc) filter (where k.end_time is null) -> 0 as active
            from renos.breaks k
            where k.booking_id = (select id from found)
        )
        select 'ok'::text as outcome, json_build_object(
            'booking_id', f.id, 'status', f.status, 'timer_status', f.timer_status,
            'estimated_duration', f.estimated_duration, 'actual_start_time', f.actual_start_time,
            'actual_end_time', f.actual_end_time, 'actual_duration', f.actual_duration,
            'elapsed_minutes', greatest(coalesce(floor(extract(
                epoch from coalesce(f.actual_end_time, now()) - f.actual_start_time) / 60), 0) - p.ended - p.open, 0),
            'time_variance', f.time_variance, 'efficiency_score', f.efficiency_score, 'time_notes', f.time_notes,
            'breaks', p.list, 'active_break', p.active, 'is_running', f.timer_status = 'running',
            'is_paused', f.timer_status = 'paused', 'is_completed', f.timer_status = 'completed') as body
        from found f, pauses p";
    type Input = Input;
}
