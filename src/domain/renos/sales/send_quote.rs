//! A23: an offer goes out.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::{BACKEND, states::QUOTE};
use crate::domain::{Operation, Output, Transition};

pub(super) struct SendQuote;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// The offer.
    id: String,
}

impl Operation for SendQuote {
    const ID: &'static str = "renos_send_quote";
    const SCHEMA: &'static str = "renos";
    const PATH: &'static str = "/quotes/{id}/send";
    const SUMMARY: &'static str = "Record that an offer was sent";
    const DESCRIPTION: &'static str =
        "Nothing is sent. The lead has an offer sent, too, unless it is converted. Of two who send it, one does.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const TRANSITION: Option<Transition> = Some(Transition { of: &QUOTE, from: &["draft"], to: "sent" });
    const OUTPUT: Output = Output::Row("quotes");
    const EXAMPLE: &'static str = "{}";
    // The lead is locked before its offer, as wherever both are written.
    const SQL: &'static str = "
        with input as (select $1::jsonb as i),
        lead as materialized (
            select l.id, l.status
            from renos.leads l, input
            where l.id = (select q.lead_id from renos.quotes q where q.id = i ->> 'id')
            for no key update of l
        ),
        found as materialized (
            select q.*
            from renos.quotes q, lead l, input
            where q.id = i ->> 'id' and q.lead_id = l.id
            for no key update of q
        ),
        changed as (
            update renos.quotes q
            set status = i ->> 'to'
            from found f, input
            where q.id = f.id and i -> 'allowed' ? f.status
            returning q.*
        ),
        offered as (
            update renos.leads l
            set status = 'quote_sent'
            from changed c, lead k
            where l.id = c.lead_id and k.status <> 'converted'
        )
        select 'ok' as outcome, to_json(c) as body from changed c
        union all
        select 'invalid_state', json_build_object('current', f.status, 'allowed', i -> 'allowed')
        from found f, input
        where not exists (select from changed)";
    type Input = Input;
}
