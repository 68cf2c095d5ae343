//! The state machines of renos.

use crate::domain::States;

/// The work on a booking.
pub const TIMER: States =
    States { column: "renos.bookings.timer_status", states: &["not_started", "running", "paused", "completed"] };

/// A drafted answer on its way out.
pub const RESPONSE: States =
    States { column: "renos.email_responses.status", states: &["pending", "approved", "sent", "rejected", "failed"] };

/// An invoice on its way to being paid.
pub const INVOICE: States =
    States { column: "renos.invoices.status", states: &["draft", "sent", "paid", "overdue", "cancelled"] };

/// A wish for a copy of one's data. Making the copy is one transaction, so nobody sees `processing`.
pub const EXPORT: States =
    States { column: "renos.data_export_requests.status", states: &["pending", "processing", "completed", "failed"] };

/// A wish to be forgotten.
pub const ERASURE: States = States {
    column: "renos.data_deletion_requests.status",
    states: &["pending", "processing", "completed", "cancelled", "failed"],
};
