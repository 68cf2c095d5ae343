//! Jobs, when they are done, and the time they take.

mod cancel_booking;
mod confirm_booking;
mod move_booking;
mod read_timer;
mod time_figures;

use super::{Described, described};

pub(super) fn operations() -> Vec<Described> {
    vec![
        described::<confirm_booking::ConfirmBooking>(),
        described::<move_booking::MoveBooking>(),
        described::<cancel_booking::CancelBooking>(),
        described::<read_timer::ReadTimer>(),
        described::<time_figures::TimeFigures>(),
    ]
}
