//! A23: an offer is turned down.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::{BACKEND, states::QUOTE};
use crate::domain::{Operation, Output, Transition};

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
    const SQL: &'static str = "
        with input as (select $1::jsonb as i),
        found as materialized (
            select q.* from renos.quotes q, input where q.id = i ->> 'id' for no key update of q
        ),
        changed as (
            update renos.quotes q
            set status = i ->> 'to'
            from found f, input
            where q.id = f.id and i -> 'allowed' ? f.status
            returning q.*
        )
        select 'ok' as outcome, to_json(c) as body from changed c
        union all
        select 'invalid_state', json_build_object('current', f.status, 'allowed', i -> 'allowed')
        from found f, input
        where not exists (select from changed)";
    type Input = Input;
}
