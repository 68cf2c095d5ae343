//! A20: whether somebody who asks is known, and was answered lately.

use serde::{Deserialize, Serialize};
use utoipa::{
    ToSchema,
    openapi::{ObjectBuilder, RefOr, Schema, schema::Type},
};

use super::super::{
    BACKEND, row,
    shapes::{nullable, object, of},
};
use crate::domain::{Method, Operation, Output, json};

pub(super) struct CheckDuplicate;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// The address, whatever its case.
    #[schema(format = "email", max_length = 320)]
    email: String,
    /// Phone number, looked for where nobody has the mail; its last eight digits count.
    #[schema(min_length = 8, max_length = 50)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    phone: Option<String>,
}

/// What is known, and what to do.
fn check() -> RefOr<Schema> {
    let action = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(["STOP", "WARN", "OK"]));
    object([
        ("is_duplicate", of(Type::Boolean)),
        ("action", action.into()),
        ("days_since_contact", nullable(of(Type::Integer))),
        ("customer", nullable(row("customers"))),
        ("leads", of(Type::Integer)),
        ("bookings", of(Type::Integer)),
        ("newest_lead_at", nullable(of(Type::String))),
        ("newest_booking_at", nullable(of(Type::String))),
        ("newest_response_at", nullable(of(Type::String))),
        ("last_contact_at", nullable(of(Type::String))),
    ])
}

impl Operation for CheckDuplicate {
    const ID: &'static str = "renos_check_duplicate";
    const SCHEMA: &'static str = "renos";
    const METHOD: Method = Method::Get;
    const PATH: &'static str = "/customers/duplicate_check";
    const SUMMARY: &'static str = "Whether somebody is a customer already, and when to answer";
    const DESCRIPTION: &'static str = "By the mail, else by the phone number. Counted are the leads of the customer and of the mail, and the bookings of both that are not cancelled. The action goes by the whole days since the newest sent answer, else since the newest contact: STOP under 7, WARN from 7 to 30, else OK. Newest is what was made last, also of bookings.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const OUTPUT: Output = Output::Value(|| json(&check()));
    const EXAMPLE: &'static str = r#"{"email": "ann@dahl.dk"}"#;
    const SQL: &'static str = r"
        with input as (
            select lower(btrim(i ->> 'email')) as email, regexp_replace(i ->> 'phone', '\D', '', 'g') as phone
            from (select $1::jsonb) as given (i)
        ),
        customer as (
            (select c.*
            from renos.customers c, input
            where lower(c.email) = input.email
            order by c.email = input.email desc, c.created_at, c.id
            limit 1)
            union all
            (select c.*
            from renos.customers c, input
            where length(input.phone) >= 8
                and right(regexp_replace(c.phone, '\D', '', 'g'), 8) = right(input.phone, 8)
                and not exists (select from renos.customers k where lower(k.email) = input.email)
            order by c.status, c.created_at, c.id
            limit 1)
        ),
        leads as (
            select l.id, l.created_at
            from renos.leads l
            where l.customer_id = (select id from customer) or lower(l.email) = (select email from input)
        ),
        bookings as (
            select b.created_at
            from renos.bookings b
            where b.status <> 'cancelled' and (
                b.customer_id = (select id from customer)
                or (b.customer_id is null and b.lead_id in (select id from leads)))
        ),
        newest as (
            select
                (select max(created_at) from leads) as lead_at,
                (select max(created_at) from bookings) as booking_at,
                (select max(r.sent_at) from renos.email_responses r
                    where r.status = 'sent' and r.lead_id in (select id from leads)) as response_at,
                (select last_contact_at from customer) as contact_at
        ),
        contact as (
            select n.*, greatest(response_at, contact_at, lead_at, booking_at) as last_at,
                floor(extract(epoch from
                    now() - coalesce(response_at, greatest(contact_at, lead_at, booking_at))) / 86400)::integer as days
            from newest n
        )
        select 'ok'::text as outcome, json_build_object(
            'is_duplicate', exists (select from customer),
            'action', case when days < 7 then 'STOP' when days <= 30 then 'WARN' else 'OK' end,
            'days_since_contact', days,
            'customer', (select to_json(c) from customer c),
            'leads', (select count(*) from leads),
            'bookings', (select count(*) from bookings),
            'newest_lead_at', lead_at,
            'newest_booking_at', booking_at,
            'newest_response_at', response_at,
            'last_contact_at', last_at) as body
        from contact";
    type Input = Input;
}
