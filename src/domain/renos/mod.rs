//! Operations of the schema `renos`: leads, bookings, mail and invoices of a cleaning business.

mod add_messages;
mod approve_response;
mod begin_break;
mod bookings;
mod calendar;
mod change;
mod compose_plan;
mod end_break;
mod enrich_lead;
mod inbox;
mod invoices;
mod issue_invoice;
mod law;
mod mail;
mod mark_invoice_paid;
mod mark_response_sent;
mod overview;
mod people;
mod plans;
mod quality;
mod refresh_customer;
mod resolve_escalation;
mod sales;
mod score_lead;
mod shapes;
mod staff;
mod start_timer;
mod states;
mod stop_timer;
mod subcontractors;
mod track_metric;
mod whose;

use utoipa::openapi::{AllOfBuilder, ArrayBuilder, Ref, RefOr, Schema};

use super::{Described, described};

/// Who runs the business: its backend, and operators.
const BACKEND: &[&str] = &["renos_app", "service_role"];
/// Whose own rows they are, too.
const PEOPLE: &[&str] = &["authenticated", "renos_app", "service_role"];

pub(super) fn operations() -> Vec<Described> {
    let alone = vec![
        described::<score_lead::ScoreLead>(),
        described::<enrich_lead::EnrichLead>(),
        described::<refresh_customer::RefreshCustomer>(),
        described::<refresh_customer::RefreshCustomers>(),
        described::<start_timer::StartTimer>(),
        described::<stop_timer::StopTimer>(),
        described::<begin_break::BeginBreak>(),
        described::<end_break::EndBreak>(),
        described::<inbox::Inbox>(),
        described::<add_messages::AddMessage>(),
        described::<add_messages::AddMessages>(),
        described::<approve_response::ApproveResponse>(),
        described::<mark_response_sent::MarkResponseSent>(),
        described::<issue_invoice::IssueInvoice>(),
        described::<mark_invoice_paid::MarkInvoicePaid>(),
        described::<compose_plan::ComposePlan>(),
        described::<track_metric::TrackMetric>(),
        described::<resolve_escalation::ResolveEscalation>(),
    ];
    [
        alone,
        sales::operations(),
        bookings::operations(),
        mail::operations(),
        invoices::operations(),
        plans::operations(),
        staff::operations(),
        quality::operations(),
        people::operations(),
        law::operations(),
        subcontractors::operations(),
        calendar::operations(),
        overview::operations(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Schema of a row of a table.
fn row(table: &str) -> Ref {
    Ref::from_schema_name(format!("renos.{table}"))
}

/// Schema of a list of rows of a table.
fn rows(table: &str) -> ArrayBuilder {
    ArrayBuilder::new().items(row(table))
}

/// Schema of a row of a table that has more fields.
fn row_and(table: &str, fields: impl IntoIterator<Item = (&'static str, RefOr<Schema>)>) -> RefOr<Schema> {
    AllOfBuilder::new().item(row(table)).item(shapes::object(fields)).into()
}

/// Schema of a row that has rows of other tables in it, each list under its table's name: what a read that embeds them gives.
fn row_with(table: &str, lists: &[&'static str]) -> RefOr<Schema> {
    row_and(table, lists.iter().map(|list| (*list, rows(list).into())))
}
