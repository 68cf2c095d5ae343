//! A37: a customer is reminded of an invoice.

use serde::{Deserialize, Serialize};
use utoipa::{
    ToSchema,
    openapi::{RefOr, Schema, schema::Type},
};

use crate::domain::{
    Operation, Output, json,
    renos::{BACKEND, row_and, shapes::of},
};

pub(super) struct RemindOfInvoice;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// The invoice.
    id: String,
}

/// The invoice, and the days since its last day of payment.
fn reminded() -> RefOr<Schema> {
    row_and("invoices", [("days_overdue", of(Type::Integer))])
}

impl Operation for RemindOfInvoice {
    const ID: &'static str = "renos_remind_of_invoice";
    const SCHEMA: &'static str = "renos";
    const PATH: &'static str = "/invoices/{id}/reminder";
    const SUMMARY: &'static str = "Record that a customer was reminded of an invoice";
    const DESCRIPTION: &'static str = "Of one that was sent and is not paid. Answers it with the days since its last day of payment, in Europe/Copenhagen, 0 where that has not gone by.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const OUTPUT: Output = Output::Value(|| json(&reminded()));
    const EXAMPLE: &'static str = "{}";
    const SQL: &'static str = "
        with input as (select $1::jsonb as i),
        found as materialized (
            select v.id, v.status from renos.invoices v, input where v.id = i ->> 'id' for update of v
        ),
        changed as (
            update renos.invoices v
            set reminder_sent_at = now()
            from found f
            where v.id = f.id and f.status in ('sent', 'overdue')
            returning v.*
        )
        select 'ok' as outcome, (to_jsonb(c) || jsonb_build_object('days_overdue', greatest(0,
            (now() at time zone 'Europe/Copenhagen')::date - (c.due_date at time zone 'Europe/Copenhagen')::date
        )))::json as body
        from changed c
        union all
        select 'invalid_state', json_build_object('current', f.status, 'allowed', json_build_array('sent', 'overdue'))
        from found f
        where f.status not in ('sent', 'overdue')";
    type Input = Input;
}
