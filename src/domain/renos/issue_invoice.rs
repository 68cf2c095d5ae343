//! R20: an invoice with its lines.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{BACKEND, row_with};
use crate::domain::{Operation, Output, json};

pub(super) struct IssueInvoice;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// Number of the invoice; the next of the year's series, `INV-<year>-<three or more digits>`, where it is absent.
    #[schema(min_length = 1, max_length = 50)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    invoice_number: Option<String>,
    /// The booking invoiced, of the same customer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    booking_id: Option<String>,
    /// The customer.
    customer_id: String,
    /// Name on the invoice; the customer's where it is absent.
    #[schema(min_length = 1, max_length = 255)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    customer_name: Option<String>,
    /// Mail address on the invoice.
    #[schema(format = "email", max_length = 255)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    customer_email: Option<String>,
    /// Postal address on the invoice.
    #[schema(max_length = 10_000)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    customer_address: Option<String>,
    /// Last day of payment, in Europe/Copenhagen; 14 days from now where it is absent.
    #[schema(format = "date")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    due_date: Option<String>,
    /// VAT in percent; 25 where it is absent.
    #[schema(minimum = 0, maximum = 100)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    vat_rate: Option<f64>,
    /// Lines, in order.
    #[schema(min_items = 1, max_items = 200)]
    line_items: Vec<InvoiceLine>,
    /// Text on the invoice.
    #[schema(max_length = 10_000)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    notes: Option<String>,
    /// Text that the customer isn't shown.
    #[schema(max_length = 10_000)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    internal_notes: Option<String>,
}

/// A line of an invoice.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct InvoiceLine {
    /// Text.
    #[schema(min_length = 1, max_length = 500)]
    description: String,
    /// Amount, mostly hours; three decimals.
    #[schema(minimum = 0.001, maximum = 9_999_999.999)]
    quantity: f64,
    /// DKK a unit before VAT; two decimals.
    #[schema(minimum = 0, maximum = 9_999_999_999.99)]
    unit_price: f64,
}

/// The lines of the input `i`, rounded as they are stored; `priced` has their amounts, too.
macro_rules! pricing {
    () => {
        "lines as (
                select (position - 1)::integer as sort_order, btrim(line ->> 'description') as description,
                    round((line ->> 'quantity')::numeric, 3) as quantity,
                    round((line ->> 'unit_price')::numeric, 2) as unit_price
                from input, jsonb_array_elements(i -> 'line_items') with ordinality as l (line, position)
            ),
            priced as (select *, round(quantity * unit_price, 2) as amount from lines)"
    };
}
pub(super) use pricing;

/// The statement that makes an invoice of the row of `input`, where there is one; `i` in it is as the input of R20. What is
/// read before that, and what is answered where there is no such row, is the caller's.
///
/// The counter's row is locked until the invoice is committed: the next caller takes the number after it. Numbers that came
/// in otherwise, as by an import, are behind the series too.
macro_rules! issuing {
    (before: $before:literal, otherwise: $otherwise:literal) => {
        concat!(
            "with ",
            $before,
            ", ",
            $crate::domain::renos::issue_invoice::pricing!(),
            ",
            sums as (
                select s.*, round(subtotal * vat_rate / 100, 2) as vat_amount
                from input
                cross join lateral (
                    select (select sum(amount) from priced) as subtotal,
                        round(coalesce((i ->> 'vat_rate')::numeric, 25), 2) as vat_rate
                ) as s
            ),
            customer as (select c.id, c.name from renos.customers c, input where c.id = i ->> 'customer_id'),
            booking as (
                select coalesce(b.customer_id, l.customer_id) as customer_id
                from renos.bookings b
                left join renos.leads l on l.id = b.lead_id, input
                where b.id = i ->> 'booking_id'
            ),
            refused as (
                select 'customer_id' as field, 'There is no such customer' as message from input
                where not exists (select from customer)
                union all
                select 'booking_id', 'There is no such booking' from input
                where i ? 'booking_id' and not exists (select from booking)
                union all
                select 'booking_id', 'The booking is not of this customer' from input, booking b
                where b.customer_id is distinct from i ->> 'customer_id'
                union all
                select 'line_items', 'The total is 10,000,000,000 or more' from sums
                where subtotal + vat_amount >= 10000000000
            ),
            given as (
                select substring(btrim(i ->> 'invoice_number') from '^INV-([0-9]{4})-[0-9]{3,6}$')::integer as year,
                    substring(btrim(i ->> 'invoice_number') from '^INV-[0-9]{4}-([0-9]{3,6})$')::integer as number
                from input
            ),
            series as (
                select extract(year from now() at time zone 'Europe/Copenhagen')::integer as year
                from input where not i ? 'invoice_number'
                union all
                select year from given where number > 0
            ),
            numbered as materialized (
                select 'INV-' || s.year || '-' || lpad(taken::text, greatest(length(taken::text), 3), '0') as number
                from series s
                cross join given g
                cross join lateral renos.take_invoice_number(s.year, g.number) as taken
                where not exists (select from refused)
            ),
            invoice as (
                insert into renos.invoices (
                    invoice_number, booking_id, customer_id, customer_name, customer_email, customer_address, due_date,
                    subtotal, vat_rate, vat_amount, total, notes, internal_notes)
                select coalesce(btrim(i ->> 'invoice_number'), n.number), i ->> 'booking_id', c.id,
                    coalesce(nullif(btrim(i ->> 'customer_name'), ''), c.name), lower(btrim(i ->> 'customer_email')),
                    btrim(i ->> 'customer_address'),
                    coalesce((i ->> 'due_date')::timestamp at time zone 'Europe/Copenhagen', now() + interval '14 days'),
                    s.subtotal, s.vat_rate, s.vat_amount, s.subtotal + s.vat_amount,
                    btrim(i ->> 'notes'), btrim(i ->> 'internal_notes')
                from input
                cross join customer c
                cross join sums s
                left join numbered n on true
                where not exists (select from refused)
                returning *
            ),
            items as (
                insert into renos.invoice_line_items (
                    invoice_id, description, quantity, unit_price, amount, sort_order)
                select v.id, p.description, p.quantity, p.unit_price, p.amount, p.sort_order
                from invoice v, priced p
                order by p.sort_order
                returning *
            )
            select 'created' as outcome, (to_jsonb(v) || jsonb_build_object(
                'invoice_line_items', (select jsonb_agg(t order by t.sort_order) from items t)))::json as body
            from invoice v
            union all
            select 'unprocessable', refusal from (
                select json_build_object('field', field, 'message', message) as refusal from refused limit 1) as first ",
            $otherwise
        )
    };
}
pub(super) use issuing;

impl Operation for IssueInvoice {
    const ID: &'static str = "renos_issue_invoice";
    const SCHEMA: &'static str = "renos";
    const PATH: &'static str = "/invoices/issue";
    const SUMMARY: &'static str = "Make an invoice with its lines";
    const DESCRIPTION: &'static str = "A draft, all or nothing. Amounts are exact decimals: a line's is quantity times unit price, rounded half away from zero to two decimals; the subtotal is the sum of the lines, the VAT is rounded likewise. Numbers of a year's series have no gap and no double; a number of that form that is given moves the series on.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const CREATES: bool = true;
    const OUTPUT: Output = Output::Value(|| json(&row_with("invoices", &["invoice_line_items"])));
    const EXAMPLE: &'static str = r#"{"customer_id": "c019a0b1c2d3e4f5a6b7c8d9e", "line_items": [
        {"description": "Fast rengøring, 3 timer", "quantity": 3, "unit_price": 279.20}]}"#;
    const SQL: &'static str = issuing!(before: "input as (select $1::jsonb as i)", otherwise: "");
    type Input = Input;
}
