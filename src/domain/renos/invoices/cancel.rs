//! A36: an invoice is taken back.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::{
    Operation, Output, Transition,
    renos::{BACKEND, states::INVOICE},
};

pub(super) struct CancelInvoice;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// The invoice.
    id: String,
}

impl Operation for CancelInvoice {
    const ID: &'static str = "renos_cancel_invoice";
    const SCHEMA: &'static str = "renos";
    const PATH: &'static str = "/invoices/{id}/cancel";
    const SUMMARY: &'static str = "Cancel an invoice";
    const DESCRIPTION: &'static str =
        "It keeps its number. One of which something was paid is not cancelled; its booking may be invoiced again.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const TRANSITION: Option<Transition> =
        Some(Transition { of: &INVOICE, from: &["draft", "sent", "overdue"], to: "cancelled" });
    const OUTPUT: Output = Output::Row("invoices");
    const EXAMPLE: &'static str = "{}";
    const SQL: &'static str = "
        with input as (select $1::jsonb as i),
        found as materialized (
            select v.id, v.status, coalesce(v.paid_amount, 0) as paid_amount
            from renos.invoices v, input
            where v.id = i ->> 'id'
            for update of v
        ),
        changed as (
            update renos.invoices v
            set status = i ->> 'to'
            from found f, input
            where v.id = f.id and i -> 'allowed' ? f.status and f.paid_amount = 0
            returning v.*
        )
        select 'ok' as outcome, to_json(c) as body from changed c
        union all
        select 'invalid_state', json_build_object(
            'current', json_build_object('status', f.status, 'paid_amount', f.paid_amount),
            'allowed', json_build_object('status', i -> 'allowed', 'paid_amount', 0))
        from found f, input
        where not exists (select from changed)";
    type Input = Input;
}
