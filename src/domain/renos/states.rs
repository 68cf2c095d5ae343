//! The state machines of renos.

use crate::domain::States;

/// A lead in the funnel.
pub const LEAD: States = States {
    column: "renos.leads.status",
    states: &[
        "new",
        "contacted",
        "qualified",
        "quoted",
        "quote_sent",
        "awaiting_response",
        "converted",
        "lost",
        "conflict",
    ],
};

/// An offer on its way to being taken.
pub const QUOTE: States =
    States { column: "renos.quotes.status", states: &["draft", "sent", "accepted", "rejected", "expired"] };

/// A job, planned and done.
pub const BOOKING: States = States {
    column: "renos.bookings.status",
    states: &["pending", "scheduled", "confirmed", "in_progress", "completed", "cancelled", "rescheduled"],
};

/// The work on a booking.
pub const TIMER: States =
    States { column: "renos.bookings.timer_status", states: &["not_started", "running", "paused", "completed"] };

/// A drafted answer on its way out.
pub const RESPONSE: States =
    States { column: "renos.email_responses.status", states: &["pending", "approved", "sent", "rejected", "failed"] };

/// An invoice on its way to being paid.
pub const INVOICE: States =
    States { column: "renos.invoices.status", states: &["draft", "sent", "paid", "overdue", "cancelled"] };

/// A correction of a time entry that somebody asked for.
pub const CORRECTION: States =
    States { column: "renos.time_corrections.status", states: &["pending", "approved", "rejected"] };

/// An assessment of a job.
pub const ASSESSMENT: States =
    States { column: "renos.quality_assessments.status", states: &["in_progress", "completed", "reviewed"] };

/// A wish for a copy of one's data. Making the copy is one transaction, so nobody sees `processing`.
pub const EXPORT: States =
    States { column: "renos.data_export_requests.status", states: &["pending", "processing", "completed", "failed"] };

/// A wish to be forgotten.
pub const ERASURE: States = States {
    column: "renos.data_deletion_requests.status",
    states: &["pending", "processing", "completed", "cancelled", "failed"],
};
