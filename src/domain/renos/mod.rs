//! Operations of the schema `renos`: leads, bookings, mail and invoices of a cleaning business.

mod approve_response;
mod begin_break;
mod end_break;
mod issue_invoice;
mod mark_invoice_paid;
mod mark_response_sent;
mod start_timer;
mod states;
mod stop_timer;

use utoipa::openapi::{AllOfBuilder, ArrayBuilder, ObjectBuilder, Ref, RefOr, Schema};

use super::{Described, described};

/// Who runs the business: its backend, and operators.
const BACKEND: &[&str] = &["renos_app", "service_role"];

pub(super) fn operations() -> Vec<Described> {
    vec![
        described::<start_timer::StartTimer>(),
        described::<stop_timer::StopTimer>(),
        described::<begin_break::BeginBreak>(),
        described::<end_break::EndBreak>(),
        described::<approve_response::ApproveResponse>(),
        described::<mark_response_sent::MarkResponseSent>(),
        described::<issue_invoice::IssueInvoice>(),
        described::<mark_invoice_paid::MarkInvoicePaid>(),
    ]
}

/// Schema of a row that has rows of other tables in it, each list under its table's name: what a read that embeds them gives.
fn row_with(table: &str, lists: &[&str]) -> RefOr<Schema> {
    let row = |table: &str| Ref::from_schema_name(format!("renos.{table}"));
    let more = lists.iter().fold(ObjectBuilder::new(), |object, list| {
        object.property(*list, ArrayBuilder::new().items(row(list))).required(*list)
    });
    AllOfBuilder::new().item(row(table)).item(more).into()
}
