//! A31: a drafted answer is not to go out.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::{BACKEND, states::RESPONSE};
use crate::domain::{Operation, Output, Transition, step};

pub(super) struct RejectResponse;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// The draft.
    id: String,
    /// Why.
    #[schema(min_length = 1, max_length = 1_000)]
    reason: String,
}

impl Operation for RejectResponse {
    const ID: &'static str = "renos_reject_response";
    const SCHEMA: &'static str = "renos";
    const PATH: &'static str = "/email_responses/{id}/reject";
    const SUMMARY: &'static str = "Reject a drafted answer";
    const DESCRIPTION: &'static str =
        "One that waits for approval, or that is approved and not sent yet. Of two who reject or send it, one does.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const TRANSITION: Option<Transition> =
        Some(Transition { of: &RESPONSE, from: &["pending", "approved"], to: "rejected" });
    const OUTPUT: Output = Output::Row("email_responses");
    const EXAMPLE: &'static str = r#"{"reason": "The price is that of last year"}"#;
    const SQL: &'static str = step!("renos.email_responses", "rejected_reason = btrim(i ->> 'reason')");
    type Input = Input;
}
