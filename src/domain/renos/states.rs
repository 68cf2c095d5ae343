//! The state machines of renos.

use crate::domain::States;

/// The work on a booking.
pub const TIMER: States =
    States { column: "renos.bookings.timer_status", states: &["not_started", "running", "paused", "completed"] };
