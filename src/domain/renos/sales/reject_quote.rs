//! A23: an offer is turned down.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::{BACKEND, states::QUOTE};
use crate::domain::{Operation, Output, Transition, step};

pub(super) struct RejectQuote;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// The offer.
    id: String,
}

impl Operation for RejectQuote {
    const ID: &'static str = "renos_reject_quote";
    const SCHEMA: &'static str = "renos";
    const PATH: &'static str = "/quotes/{id}/reject";
    const SUMMARY: &'static str = "Turn an offer down";
    const DESCRIPTION: &'static str = "The lead stays where it is in the funnel: it may want another offer.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const TRANSITION: Option<Transition> = Some(Transition { of: &QUOTE, from: &["sent"], to: "rejected" });
    const OUTPUT: Output = Output::Row("quotes");
    const EXAMPLE: &'static str = "{}";
    const SQL: &'static str = step!("renos.quotes");
    type Input = Input;
}
