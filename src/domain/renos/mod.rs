//! Operations of the schema `renos`: leads, bookings, mail and invoices of a cleaning business.

mod start_timer;
mod states;

use super::{Described, described};

/// Who runs the business: its backend, and operators.
const BACKEND: &[&str] = &["renos_app", "service_role"];

pub(super) fn operations() -> Vec<Described> {
    vec![described::<start_timer::StartTimer>()]
}
