//! A26: a job is agreed on.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::{BACKEND, states::BOOKING};
use crate::domain::{Operation, Output, Transition, step};

pub(super) struct ConfirmBooking;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// The booking.
    id: String,
}

impl Operation for ConfirmBooking {
    const ID: &'static str = "renos_confirm_booking";
    const SCHEMA: &'static str = "renos";
    const PATH: &'static str = "/bookings/{id}/confirm";
    const SUMMARY: &'static str = "Confirm a booking";
    const DESCRIPTION: &'static str = "Of two who confirm it, one does.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const TRANSITION: Option<Transition> =
        Some(Transition { of: &BOOKING, from: &["pending", "scheduled", "rescheduled"], to: "confirmed" });
    const OUTPUT: Output = Output::Row("bookings");
    const EXAMPLE: &'static str = "{}";
    const SQL: &'static str = step!("renos.bookings");
    type Input = Input;
}
