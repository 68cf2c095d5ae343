//! A24: a job will not be done.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::{BACKEND, states::BOOKING};
use crate::domain::{Operation, Output, Transition};

pub(super) struct CancelBooking;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// The booking.
    id: String,
    /// Why; a line more in its remarks.
    #[schema(min_length = 1, max_length = 1_000)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

impl Operation for CancelBooking {
    const ID: &'static str = "renos_cancel_booking";
    const SCHEMA: &'static str = "renos";
    const PATH: &'static str = "/bookings/{id}/cancel";
    const SUMMARY: &'static str = "Cancel a booking";
    const DESCRIPTION: &'static str = "From any state but completed and cancelled. While its timer runs or is paused it can't be; the timer has to be stopped first. The figures of the customer are counted anew.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const TRANSITION: Option<Transition> = Some(Transition {
        of: &BOOKING,
        from: &["pending", "scheduled", "confirmed", "in_progress", "rescheduled"],
        to: "cancelled",
    });
    const OUTPUT: Output = Output::Row("bookings");
    const EXAMPLE: &'static str = r#"{"reason": "The customer is ill"}"#;
    const SQL: &'static str = "
        with input as (select $1::jsonb as i),
        found as materialized (
            select b.* from renos.bookings b, input where b.id = i ->> 'id' for no key update of b
        ),
        changed as (
            update renos.bookings b
            set status = i ->> 'to',
                notes = nullif(concat_ws(E'\\n', nullif(b.notes, ''), 'Cancelled: ' || btrim(i ->> 'reason')), '')
            from found f, input
            where b.id = f.id and i -> 'allowed' ? f.status and f.timer_status not in ('running', 'paused')
            returning b.*
        )
        select 'ok' as outcome, to_json(c) as body
        from changed c
        left join renos.leads l on l.id = c.lead_id
        cross join lateral renos.refresh_customer(coalesce(c.customer_id, l.customer_id))
        union all
        select 'invalid_state', json_build_object(
            'current', json_build_object('status', f.status, 'timer_status', f.timer_status),
            'allowed', json_build_object(
                'status', i -> 'allowed', 'timer_status', json_build_array('not_started', 'completed')))
        from found f, input
        where not exists (select from changed)";
    type Input = Input;
}
