//! Invoices from a booking's work to being paid, reminded of or cancelled.

mod billy_sync;
mod cancel;
mod delete_draft;
mod edit_draft;
mod from_booking;
mod mark_overdue;
mod remind;
mod send;
mod stats;

use crate::domain::{Described, described};

pub(super) fn operations() -> Vec<Described> {
    vec![
        described::<from_booking::InvoiceBooking>(),
        described::<edit_draft::EditInvoice>(),
        described::<delete_draft::DeleteInvoice>(),
        described::<send::SendInvoice>(),
        described::<cancel::CancelInvoice>(),
        described::<billy_sync::NoteBillySync>(),
        described::<mark_overdue::MarkInvoicesOverdue>(),
        described::<remind::RemindOfInvoice>(),
        described::<stats::InvoiceStats>(),
    ]
}
