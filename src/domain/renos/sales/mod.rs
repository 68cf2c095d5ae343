//! Leads, those they become, and what is offered to them.

mod accept_quote;
mod change_quote;
mod check_duplicate;
mod compose_quote;
mod convert_lead;
mod customer_by_email;
mod expire_quotes;
mod follow_up_queue;
mod follow_up_stats;
mod link_lead;
mod note_follow_up;
mod pipeline;
mod reject_quote;
mod remove_customer;
mod send_quote;
mod set_lead_status;

use utoipa::openapi::{RefOr, Schema};

use super::{Described, change::given, described, row, row_and};

pub(super) fn operations() -> Vec<Described> {
    vec![
        described::<note_follow_up::NoteFollowUp>(),
        described::<follow_up_queue::FollowUpQueue>(),
        described::<follow_up_stats::FollowUpStats>(),
        described::<pipeline::Pipeline>(),
        described::<convert_lead::ConvertLead>(),
        described::<link_lead::LinkLead>(),
        described::<set_lead_status::SetLeadStatus>(),
        described::<customer_by_email::CustomerByEmail>(),
        described::<check_duplicate::CheckDuplicate>(),
        described::<remove_customer::RemoveCustomer>(),
        described::<compose_quote::ComposeQuote>(),
        described::<change_quote::ChangeQuote>(),
        described::<send_quote::SendQuote>(),
        described::<accept_quote::AcceptQuote>(),
        described::<reject_quote::RejectQuote>(),
        described::<expire_quotes::ExpireQuotes>(),
    ]
}

/// Schema of a lead that has its customer in it, as a read gives that embeds the customer.
fn lead_with_customer() -> RefOr<Schema> {
    row_and("leads", [("customers", row("customers").into())])
}
