//! A36: a draft of an invoice is changed.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::{
    Method, Operation, Output, json,
    renos::{
        BACKEND,
        change::given,
        issue_invoice::{InvoiceLine, pricing},
        row_with,
    },
};

pub(super) struct EditInvoice;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// The invoice.
    id: String,
    /// Name on the invoice.
    #[schema(min_length = 1, max_length = 255)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    customer_name: Option<String>,
    /// Mail address on the invoice; null empties it.
    #[schema(value_type = Option<String>, format = "email", max_length = 255)]
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    customer_email: Option<Option<String>>,
    /// Postal address on the invoice; null empties it.
    #[schema(value_type = Option<String>, max_length = 10_000)]
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    customer_address: Option<Option<String>>,
    /// Last day of payment, in Europe/Copenhagen.
    #[schema(format = "date")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    due_date: Option<String>,
    /// VAT in percent.
    #[schema(minimum = 0, maximum = 100)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    vat_rate: Option<f64>,
    /// Lines, in order, in place of those that there are.
    #[schema(min_items = 1, max_items = 200)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    line_items: Option<Vec<InvoiceLine>>,
    /// Text on the invoice; null empties it.
    #[schema(value_type = Option<String>, max_length = 10_000)]
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    notes: Option<Option<String>>,
    /// Text that the customer isn't shown; null empties it.
    #[schema(value_type = Option<String>, max_length = 10_000)]
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    internal_notes: Option<Option<String>>,
}

impl Operation for EditInvoice {
    const ID: &'static str = "renos_edit_invoice";
    const SCHEMA: &'static str = "renos";
    const METHOD: Method = Method::Patch;
    const PATH: &'static str = "/invoices/{id}";
    const SUMMARY: &'static str = "Change a draft of an invoice";
    const DESCRIPTION: &'static str = "Of drafts only: what was sent is history. What is absent stays as it is; lines that are given take the place of all that there are. Amounts are computed anew, as where the invoice is made.";
    const CALLERS: &'static [&'static str] = BACKEND;
    // Of two who change the lines, the second has to see the first's, to take them away.
    const IS_SERIALIZABLE: bool = true;
    const OUTPUT: Output = Output::Value(|| json(&row_with("invoices", &["invoice_line_items"])));
    const EXAMPLE: &'static str = r#"{"customer_email": "ann@dahl.dk", "line_items": [
        {"description": "Fast rengøring, 3 timer", "quantity": 3, "unit_price": 279.20}]}"#;
    const SQL: &'static str = concat!(
        "with input as (select $1::jsonb as i),
        found as materialized (
            select v.* from renos.invoices v, input where v.id = i ->> 'id' for update of v
        ),
        ",
        pricing!(),
        ",
        sums as (
            select f.id, f.status, coalesce(f.paid_amount, 0) as paid, s.*,
                round(s.subtotal * s.vat_rate / 100, 2) as vat_amount
            from found f
            cross join input
            cross join lateral (
                select round(coalesce((i ->> 'vat_rate')::numeric, f.vat_rate), 2) as vat_rate, case
                    when i ? 'line_items' then (select sum(p.amount) from priced p)
                    else coalesce(
                        (select sum(k.amount) from renos.invoice_line_items k where k.invoice_id = f.id), f.subtotal)
                end as subtotal
            ) as s
        ),
        verdict as (
            select s.*, case
                when i - 'id' = '{}' then 'empty'
                when s.status <> 'draft' then 'invalid_state'
                when s.subtotal + s.vat_amount >= 10000000000 then 'too much'
                when s.subtotal + s.vat_amount < s.paid then 'too little'
                else 'ok'
            end as word
            from sums s, input
        ),
        changed as (
            update renos.invoices v
            set customer_name = coalesce(btrim(i ->> 'customer_name'), v.customer_name),
                customer_email = case
                    when i ? 'customer_email' then lower(btrim(i ->> 'customer_email')) else v.customer_email end,
                customer_address = case
                    when i ? 'customer_address' then btrim(i ->> 'customer_address') else v.customer_address end,
                due_date = coalesce((i ->> 'due_date')::timestamp at time zone 'Europe/Copenhagen', v.due_date),
                notes = case when i ? 'notes' then btrim(i ->> 'notes') else v.notes end,
                internal_notes = case
                    when i ? 'internal_notes' then btrim(i ->> 'internal_notes') else v.internal_notes end,
                subtotal = w.subtotal, vat_rate = w.vat_rate, vat_amount = w.vat_amount,
                total = w.subtotal + w.vat_amount
            from verdict w, input
            where v.id = w.id and w.word = 'ok'
            returning v.*
        ),
        replaced as (
            delete from renos.invoice_line_items k
            using changed c, input
            where k.invoice_id = c.id and i ? 'line_items'
        ),
        items as (
            insert into renos.invoice_line_items (
                invoice_id, description, quantity, unit_price, amount, sort_order)
            select c.id, p.description, p.quantity, p.unit_price, p.amount, p.sort_order
            from changed c, priced p
            order by p.sort_order
            returning *
        )
        select 'ok' as outcome, (to_jsonb(c) || jsonb_build_object('invoice_line_items', case
            when i ? 'line_items' then (select jsonb_agg(t order by t.sort_order) from items t)
            else coalesce((
                select jsonb_agg(k order by k.sort_order, k.id)
                from renos.invoice_line_items k
                where k.invoice_id = c.id), '[]')
        end))::json as body
        from changed c, input
        union all
        select 'invalid_input', json_build_array(json_build_object(
            'field', '', 'reason', 'must have a field that is to be changed'))
        from verdict where word = 'empty'
        union all
        select 'invalid_state', json_build_object('current', status, 'allowed', json_build_array('draft'))
        from verdict where word = 'invalid_state'
        union all
        select 'unprocessable', json_build_object('field', 'line_items', 'message', case word
            when 'too much' then 'The total is 10,000,000,000 or more'
            else 'The total is less than what was paid'
        end)
        from verdict where word in ('too much', 'too little')"
    );
    type Input = Input;
}
