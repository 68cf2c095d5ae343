//! A32: a drafted answer is reworded.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::BACKEND;
use crate::domain::{Method, Operation, Output};

pub(super) struct EditResponse;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// The draft.
    id: String,
    /// Subject line.
    #[schema(min_length = 1, max_length = 10_000)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    subject: Option<String>,
    /// Text.
    #[schema(min_length = 1, max_length = 1_048_576)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    body: Option<String>,
    /// Recipient, whatever the case.
    #[schema(format = "email", max_length = 320)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    recipient_email: Option<String>,
}

impl Operation for EditResponse {
    const ID: &'static str = "renos_edit_response";
    const SCHEMA: &'static str = "renos";
    const METHOD: Method = Method::Patch;
    const PATH: &'static str = "/email_responses/{id}";
    const SUMMARY: &'static str = "Change a drafted answer";
    const DESCRIPTION: &'static str = "While it waits for approval: what was approved is what goes out. At least one change; what is absent or null stays as it is.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const OUTPUT: Output = Output::Row("email_responses");
    const EXAMPLE: &'static str = r#"{"subject": "Your windows", "body": "Dear Ann, we can come on Friday."}"#;
    const SQL: &'static str = "
        with input as (select i, i - 'id' = '{}' as is_empty from (select $1::jsonb) as given (i)),
        found as materialized (
            select r.* from renos.email_responses r, input where r.id = i ->> 'id' for no key update of r
        ),
        changed as (
            update renos.email_responses r
            set subject = coalesce(btrim(i ->> 'subject'), r.subject), body = coalesce(i ->> 'body', r.body),
                recipient_email = coalesce(lower(btrim(i ->> 'recipient_email')), r.recipient_email)
            from found f, input
            where r.id = f.id and f.status = 'pending' and not is_empty
            returning r.*
        )
        select 'ok' as outcome, to_json(c) as body from changed c
        union all
        select 'invalid_input', json_build_array(json_build_object(
            'field', '', 'reason', 'must have one of subject, body, recipient_email'))
        from input
        where is_empty
        union all
        select 'invalid_state', json_build_object('current', f.status, 'allowed', json_build_array('pending'))
        from found f, input
        where f.status <> 'pending' and not is_empty";
    type Input = Input;
}
