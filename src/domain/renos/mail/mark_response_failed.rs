//! A33: a drafted answer could not be sent.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::{BACKEND, states::RESPONSE};
use crate::domain::{Operation, Output, Transition, step};

pub(super) struct MarkResponseFailed;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// The draft.
    id: String,
    /// What went wrong.
    #[schema(min_length = 1, max_length = 1_000)]
    reason: String,
}

impl Operation for MarkResponseFailed {
    const ID: &'static str = "renos_mark_response_failed";
    const SCHEMA: &'static str = "renos";
    const PATH: &'static str = "/email_responses/{id}/mark_failed";
    const SUMMARY: &'static str = "Record that a drafted answer could not be sent";
    const DESCRIPTION: &'static str = "The reason is kept as `failure_reason`. It may be approved again.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const TRANSITION: Option<Transition> = Some(Transition { of: &RESPONSE, from: &["approved"], to: "failed" });
    const OUTPUT: Output = Output::Row("email_responses");
    const EXAMPLE: &'static str = r#"{"reason": "550 no such mailbox"}"#;
    const SQL: &'static str = step!("renos.email_responses", "failure_reason = btrim(i ->> 'reason')");
    type Input = Input;
}
