//! A36: an invoice leaves the house.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::{
    Operation, Output, Transition,
    renos::{BACKEND, states::INVOICE},
};

pub(super) struct SendInvoice;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// The invoice.
    id: String,
}

impl Operation for SendInvoice {
    const ID: &'static str = "renos_send_invoice";
    const SCHEMA: &'static str = "renos";
    const PATH: &'static str = "/invoices/{id}/send";
    const SUMMARY: &'static str = "Record that an invoice was sent";
    const DESCRIPTION: &'static str = "A draft is sent, now. It must have the customer's mail address (422).";
    const CALLERS: &'static [&'static str] = BACKEND;
    const TRANSITION: Option<Transition> = Some(Transition { of: &INVOICE, from: &["draft"], to: "sent" });
    const OUTPUT: Output = Output::Row("invoices");
    const EXAMPLE: &'static str = "{}";
    const SQL: &'static str = "
        with input as (select $1::jsonb as i),
        found as materialized (
            select v.id, v.status, nullif(btrim(v.customer_email), '') as address
            from renos.invoices v, input
            where v.id = i ->> 'id'
            for update of v
        ),
        changed as (
            update renos.invoices v
            set status = i ->> 'to', sent_at = now()
            from found f, input
            where v.id = f.id and i -> 'allowed' ? f.status and f.address is not null
            returning v.*
        )
        select 'ok' as outcome, to_json(c) as body from changed c
        union all
        select 'invalid_state', json_build_object('current', f.status, 'allowed', i -> 'allowed')
        from found f, input
        where not i -> 'allowed' ? f.status
        union all
        select 'unprocessable', json_build_object(
            'field', 'customer_email', 'message', 'The invoice has no address that it could be sent to')
        from found f, input
        where i -> 'allowed' ? f.status and f.address is null";
    type Input = Input;
}
