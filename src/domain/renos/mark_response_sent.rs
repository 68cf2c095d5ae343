//! R19: a drafted answer went out.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{BACKEND, states::RESPONSE};
use crate::domain::{Operation, Output, Transition};

pub(super) struct MarkResponseSent;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// The draft.
    id: String,
    /// Gmail id of the mail that went out.
    #[schema(min_length = 1, max_length = 255)]
    gmail_message_id: String,
    /// Gmail thread that it is in; absent leaves the one that there is.
    #[schema(min_length = 1, max_length = 255)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    gmail_thread_id: Option<String>,
}

impl Operation for MarkResponseSent {
    const ID: &'static str = "renos_mark_response_sent";
    const SCHEMA: &'static str = "renos";
    const PATH: &'static str = "/email_responses/{id}/mark_sent";
    const SUMMARY: &'static str = "Record that a drafted answer went out";
    const DESCRIPTION: &'static str = "Nothing is sent. Repeated with the same Gmail id it answers the draft and changes nothing. The lead's customer was contacted now.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const TRANSITION: Option<Transition> = Some(Transition { of: &RESPONSE, from: &["approved"], to: "sent" });
    const OUTPUT: Output = Output::Row("email_responses");
    const EXAMPLE: &'static str = r#"{"gmail_message_id": "18c2f1a9b3d4e5f7"}"#;
    const SQL: &'static str = "
        with input as (select $1::jsonb as i),
        found as materialized (
            select r.* from renos.email_responses r, input where r.id = i ->> 'id' for update of r
        ),
        changed as (
            update renos.email_responses r
            set status = i ->> 'to', sent_at = now(), gmail_message_id = btrim(i ->> 'gmail_message_id'),
                gmail_thread_id = coalesce(btrim(i ->> 'gmail_thread_id'), r.gmail_thread_id)
            from found f, input
            where r.id = f.id and i -> 'allowed' ? f.status
            returning r.*
        ),
        contacted as (
            update renos.customers c
            set last_contact_at = greatest(c.last_contact_at, now())
            from changed r
            join renos.leads l on l.id = r.lead_id
            where c.id = l.customer_id
        ),
        repeated as (
            select f.* from found f, input
            where f.status = i ->> 'to' and f.gmail_message_id = btrim(i ->> 'gmail_message_id')
        )
        select 'ok' as outcome, to_json(c) as body from changed c
        union all
        select 'ok', to_json(r) from repeated r
        union all
        select 'invalid_state', json_build_object('current', f.status, 'allowed', i -> 'allowed')
        from found f, input
        where not exists (select from changed) and not exists (select from repeated)";
    type Input = Input;
}
