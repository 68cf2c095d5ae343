//! R21: a payment of an invoice.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{BACKEND, states::INVOICE};
use crate::domain::{Operation, Output, Transition};

pub(super) struct MarkInvoicePaid;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// The invoice.
    id: String,
    /// DKK received, two decimals; what is open where it is absent.
    #[schema(minimum = 0.01, maximum = 9_999_999_999.99)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    paid_amount: Option<f64>,
    /// How it was paid: `bank_transfer`, `mobilepay`, cash, card or another word.
    #[schema(min_length = 1, max_length = 50)]
    payment_method: String,
    /// Reference of the payment. Repeated with that of any payment of the invoice, nothing is recorded.
    #[schema(min_length = 1, max_length = 255)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    payment_ref: Option<String>,
    /// When it was paid; now where it is absent.
    #[schema(format = "date-time")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    paid_at: Option<String>,
    /// Whether a draft may be paid, which has not left the house.
    #[serde(default)]
    force: bool,
    /// Whether more may come than is open.
    #[serde(default)]
    allow_overpayment: bool,
}

impl Operation for MarkInvoicePaid {
    const ID: &'static str = "renos_mark_invoice_paid";
    const SCHEMA: &'static str = "renos";
    const PATH: &'static str = "/invoices/{id}/mark_paid";
    const SUMMARY: &'static str = "Record a payment of an invoice";
    const DESCRIPTION: &'static str = "Amounts add up, and each payment is kept. The invoice is paid, and has the time of it, once they reach its total; until then its state stays. More than is open is refused (422) unless that is allowed. The figures of the customer are counted anew.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const TRANSITION: Option<Transition> = Some(Transition { of: &INVOICE, from: &["sent", "overdue"], to: "paid" });
    const OUTPUT: Output = Output::Row("invoices");
    const EXAMPLE: &'static str =
        r#"{"paid_amount": 1047.00, "payment_method": "mobilepay", "payment_ref": "MP-4711"}"#;
    // Payments are looked for with the invoice locked: who waited for it sees what was recorded meanwhile. What was paid
    // of an invoice that came in otherwise, as by an import, is recorded before the invoice forgets it.
    const SQL: &'static str = "
        with input as (select $1::jsonb as i),
        found as materialized (
            select v.* from renos.invoices v, input where v.id = i ->> 'id' for update of v
        ),
        payment as materialized (
            select f.id, f.status, f.total, coalesce(f.paid_amount, 0) as before, a.allowed,
                i ? 'payment_ref' and (
                    coalesce(f.payment_ref = btrim(i ->> 'payment_ref'), false)
                    or renos.is_payment_known(f.id, btrim(i ->> 'payment_ref'))
                ) as is_repeated,
                f.paid_amount > 0 and not renos.is_payment_known(f.id, null) as is_unrecorded,
                f.payment_method, f.payment_ref, coalesce(f.paid_at, f.updated_at) as paid_at,
                coalesce(f.paid_amount, 0) + coalesce(
                    round((i ->> 'paid_amount')::numeric, 2), greatest(f.total - coalesce(f.paid_amount, 0), 0)) as sum
            from input
            cross join found f
            cross join lateral (
                select case when (i ->> 'force')::boolean then i -> 'allowed' || '[\"draft\"]' else i -> 'allowed' end
            ) as a (allowed)
        ),
        verdict as (
            select p.*, case
                when p.is_repeated then 'repeated'
                when not p.allowed ? p.status then 'invalid_state'
                when p.sum > p.total and not (i ->> 'allow_overpayment')::boolean then 'overpaid'
                when p.sum >= 10000000000 then 'overpaid'
                else 'ok'
            end as word
            from payment p, input
        ),
        changed as (
            update renos.invoices v
            set paid_amount = w.sum,
                payment_method = btrim(i ->> 'payment_method'),
                payment_ref = coalesce(btrim(i ->> 'payment_ref'), v.payment_ref),
                status = case when w.sum >= w.total then i ->> 'to' else w.status end,
                paid_at = case when w.sum >= w.total then coalesce((i ->> 'paid_at')::timestamptz, now()) end
            from verdict w, input
            where v.id = w.id and w.word = 'ok'
            returning v.*
        ),
        recorded as (
            insert into renos.invoice_payments (invoice_id, amount, payment_method, payment_ref, paid_at)
            select w.id, w.sum - w.before, btrim(i ->> 'payment_method'), btrim(i ->> 'payment_ref'),
                coalesce((i ->> 'paid_at')::timestamptz, now())
            from verdict w, input
            where w.word = 'ok' and w.sum > w.before
            union all
            select w.id, w.before, coalesce(w.payment_method, 'other'), w.payment_ref, w.paid_at
            from verdict w
            where w.word = 'ok' and w.is_unrecorded
        )
        select 'ok' as outcome, to_json(c) as body
        from changed c
        cross join lateral renos.refresh_customer(c.customer_id)
        union all
        select 'ok', to_json(f) from found f, verdict w where w.word = 'repeated'
        union all
        select 'invalid_state', json_build_object('current', w.status, 'allowed', w.allowed)
        from verdict w where w.word = 'invalid_state'
        union all
        select 'unprocessable', json_build_object(
            'field', 'paid_amount', 'message', 'The payment is more than is open', 'open', w.total - w.before)
        from verdict w where w.word = 'overpaid'";
    type Input = Input;
}
