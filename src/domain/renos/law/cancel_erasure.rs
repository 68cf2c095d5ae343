//! A56: somebody would rather not be forgotten.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{PEOPLE, states::ERASURE};
use crate::domain::{Operation, Output, Transition};

pub(super) struct CancelErasure;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// The request.
    id: String,
    /// The person that it has to be of.
    #[schema(min_length = 1, max_length = 255)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    user_id: Option<String>,
}

impl Operation for CancelErasure {
    const ID: &'static str = "renos_cancel_erasure";
    const SCHEMA: &'static str = "renos";
    const PATH: &'static str = "/data_deletion_requests/{id}/cancel";
    const SUMMARY: &'static str = "Take back the wish to be forgotten";
    const DESCRIPTION: &'static str = "As long as it has not begun.";
    const CALLERS: &'static [&'static str] = PEOPLE;
    const TRANSITION: Option<Transition> = Some(Transition { of: &ERASURE, from: &["pending"], to: "cancelled" });
    const OUTPUT: Output = Output::Row("data_deletion_requests");
    const EXAMPLE: &'static str = r#"{"user_id": "c019a0b1c2d3e4f5a6b7c8d9e"}"#;
    const SQL: &'static str = "
        with input as (select $1::jsonb as i),
        found as materialized (
            select r.* from renos.data_deletion_requests r, input
            where r.id = i ->> 'id' and (not i ? 'user_id' or r.user_id = i ->> 'user_id')
            for update of r
        ),
        changed as (
            update renos.data_deletion_requests r
            set status = i ->> 'to'
            from found f, input
            where r.id = f.id and i -> 'allowed' ? f.status
            returning r.*
        )
        select 'ok' as outcome, to_json(c) as body from changed c
        union all
        select 'invalid_state', json_build_object('current', f.status, 'allowed', i -> 'allowed')
        from found f, input
        where not exists (select from changed)";
    type Input = Input;
}
