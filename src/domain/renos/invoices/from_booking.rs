//! A35: an invoice of the work on a booking.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::{
    Operation, Output, json,
    renos::{BACKEND, issue_invoice::issuing, row_with},
};

pub(super) struct InvoiceBooking;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// The booking.
    id: String,
    /// DKK an hour before VAT, two decimals. The default is the house price of 349 with VAT.
    #[schema(minimum = 0, maximum = 9_999_999.99, default = 279.20)]
    #[serde(default = "house_price")]
    hourly_rate: f64,
    /// Days until the last day of payment.
    #[schema(minimum = 0, maximum = 365, default = 14)]
    #[serde(default = "two_weeks")]
    due_in_days: u32,
}

fn house_price() -> f64 {
    279.20
}

fn two_weeks() -> u32 {
    14
}

impl Operation for InvoiceBooking {
    const ID: &'static str = "renos_invoice_booking";
    const SCHEMA: &'static str = "renos";
    const PATH: &'static str = "/bookings/{id}/invoice";
    const SUMMARY: &'static str = "Make an invoice of the work on a booking";
    const DESCRIPTION: &'static str = "A draft with the next number of the year. Its first line is the time worked, or else the time estimated, in hours of two decimals; then each task of the booking's plan that has a price. It goes to the booking's customer, or that of its lead. A booking that is invoiced already is a conflict, with that invoice's id, unless that one was cancelled.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const CREATES: bool = true;
    const OUTPUT: Output = Output::Value(|| json(&row_with("invoices", &["invoice_line_items"])));
    const EXAMPLE: &'static str = r#"{"hourly_rate": 279.20, "due_in_days": 14}"#;
    // The booking is locked until the invoice is committed; who waited for it sees that invoice.
    const SQL: &'static str = issuing!(
        before: "
            request as (select $1::jsonb as r),
            found as materialized (
                select b.* from renos.bookings b, request where b.id = r ->> 'id' for update of b
            ),
            job as materialized (
                select f.*, renos.invoice_of_booking(f.id) as invoice_id,
                    coalesce(f.customer_id, l.customer_id) as payer,
                    round(coalesce(f.actual_duration, f.estimated_duration) / 60.0, 2) as hours
                from found f
                left join renos.leads l on l.id = f.lead_id
            ),
            verdict as (
                select j.*, case
                    when j.invoice_id is not null then 'invoiced'
                    when j.status = 'cancelled' then 'cancelled'
                    when j.payer is null then 'nobody'
                    when j.hours <= 0 then 'nothing'
                    else 'ok'
                end as word
                from job j
            ),
            input as (
                select jsonb_strip_nulls(jsonb_build_object(
                    'booking_id', v.id, 'customer_id', v.payer, 'customer_email', c.email,
                    'customer_address', coalesce(c.address, v.address),
                    'due_date', (now() at time zone 'Europe/Copenhagen')::date + (r ->> 'due_in_days')::integer,
                    'line_items', jsonb_build_array(jsonb_build_object(
                        'description', left(concat_ws(' - ', coalesce(nullif(btrim(v.service_type), ''), 'Rengøring'),
                            nullif(btrim(v.address), '')), 500),
                        'quantity', v.hours, 'unit_price', r -> 'hourly_rate')) || t.tasks)) as i
                from verdict v
                cross join request
                join renos.customers c on c.id = v.payer
                cross join lateral (
                    select coalesce(jsonb_agg(jsonb_build_object(
                        'description', left(t.name, 500), 'quantity', 1, 'unit_price', t.price_per_task)
                        order by t.sort_order, t.id), '[]') as tasks
                    from renos.cleaning_plan_bookings p
                    join renos.cleaning_tasks t on t.plan_id = p.plan_id
                    where p.booking_id = v.id and t.price_per_task is not null
                ) as t
                where v.word = 'ok'
            )",
        otherwise: "
            union all
            select 'conflict', json_build_object('message', 'The booking is invoiced already', 'invoice_id', invoice_id)
            from verdict where word = 'invoiced'
            union all
            select 'invalid_state', json_build_object('current', status, 'allowed', json_build_array(
                'pending', 'scheduled', 'confirmed', 'in_progress', 'completed', 'rescheduled'))
            from verdict where word = 'cancelled'
            union all
            select 'unprocessable', json_build_object('field', 'customer_id', 'message', 'The booking has no customer')
            from verdict where word = 'nobody'
            union all
            select 'unprocessable', json_build_object(
                'field', 'actual_duration', 'message', 'No time was worked on the booking')
            from verdict where word = 'nothing'"
    );
    type Input = Input;
}
