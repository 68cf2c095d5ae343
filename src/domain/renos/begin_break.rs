//! R12: a pause begins.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{BACKEND, states::TIMER};
use crate::domain::{Operation, Output, Transition};

pub(super) struct BeginBreak;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// The booking.
    id: String,
    /// Why: lunch, equipment, bathroom, transport or another word; `other` where it is absent.
    #[schema(max_length = 10_000)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// Remarks.
    #[schema(max_length = 10_000)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    notes: Option<String>,
}

impl Operation for BeginBreak {
    const ID: &'static str = "renos_begin_break";
    const SCHEMA: &'static str = "renos";
    const PATH: &'static str = "/bookings/{id}/breaks";
    const SUMMARY: &'static str = "Begin a pause";
    const DESCRIPTION: &'static str =
        "The pause lasts from now until it is ended, and the timer is paused. A booking has one open pause at most.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const TRANSITION: Option<Transition> = Some(Transition { of: &TIMER, from: &["running"], to: "paused" });
    const CREATES: bool = true;
    const OUTPUT: Output = Output::Row("breaks");
    const EXAMPLE: &'static str = r#"{"reason": "lunch"}"#;
    const SQL: &'static str = "
        with input as (select $1::jsonb as i),
        found as materialized (
            select b.* from renos.bookings b, input where b.id = i ->> 'id' for update of b
        ),
        changed as (
            update renos.bookings b
            set timer_status = i ->> 'to'
            from found f, input
            where b.id = f.id and i -> 'allowed' ? f.timer_status
            returning b.id
        ),
        begun as (
            insert into renos.breaks (booking_id, start_time, reason, notes)
            select c.id, now(), coalesce(nullif(btrim(i ->> 'reason'), ''), 'other'), btrim(i ->> 'notes')
            from changed c, input
            returning *
        )
        select 'created' as outcome, to_json(b) as body from begun b
        union all
        select 'invalid_state', json_build_object('current', f.timer_status, 'allowed', i -> 'allowed')
        from found f, input
        where not exists (select from changed)";
    type Input = Input;
}
