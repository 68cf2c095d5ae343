//! R18: a person agrees to a drafted answer.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{BACKEND, states::RESPONSE};
use crate::domain::{Operation, Output, Transition, step};

pub(super) struct ApproveResponse;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// The draft.
    id: String,
    /// Gmail thread to answer in; absent leaves the one that there is.
    #[schema(min_length = 1, max_length = 255)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    gmail_thread_id: Option<String>,
}

impl Operation for ApproveResponse {
    const ID: &'static str = "renos_approve_response";
    const SCHEMA: &'static str = "renos";
    const PATH: &'static str = "/email_responses/{id}/approve";
    const SUMMARY: &'static str = "Approve a drafted answer";
    const DESCRIPTION: &'static str =
        "A pending draft may go out, and one whose sending failed may go out again. Of two who approve it, one does.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const TRANSITION: Option<Transition> =
        Some(Transition { of: &RESPONSE, from: &["pending", "failed"], to: "approved" });
    const OUTPUT: Output = Output::Row("email_responses");
    const EXAMPLE: &'static str = r#"{"gmail_thread_id": "18c2f1a9b3d4e5f6"}"#;
    const SQL: &'static str =
        step!("renos.email_responses", "gmail_thread_id = coalesce(btrim(i ->> 'gmail_thread_id'), r.gmail_thread_id)");
    type Input = Input;
}
