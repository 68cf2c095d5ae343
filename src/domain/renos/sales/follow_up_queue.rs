//! A14: leads whose turn it is to be followed up.

use serde::{Deserialize, Serialize};
use utoipa::{
    ToSchema,
    openapi::{ArrayBuilder, ObjectBuilder, RefOr, Schema, schema::Type},
};

use super::super::{
    BACKEND, row_and,
    shapes::{nullable, object, of},
};
use crate::domain::{Method, Operation, Output, json};

pub(super) struct FollowUpQueue;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// Leads at most.
    #[schema(minimum = 1, maximum = 1000, default = 20)]
    #[serde(default = "twenty")]
    limit: u32,
    /// Leads to leave out first.
    #[schema(minimum = 0, maximum = 1_000_000_000)]
    #[serde(default)]
    offset: u32,
}

fn twenty() -> u32 {
    20
}

/// Leads, each with its customer and what to do next.
fn queue() -> RefOr<Schema> {
    let customer = object(["id", "name", "email"].map(|name| (name, nullable(of(Type::String)))));
    let urgency = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(["high", "medium", "low"]));
    let more = [
        ("customer", nullable(customer)),
        ("days_since_contact", of(Type::Integer)),
        ("urgency", urgency.into()),
        ("next_attempt_number", of(Type::Integer)),
    ];
    ArrayBuilder::new().items(row_and("leads", more)).into()
}

impl Operation for FollowUpQueue {
    const ID: &'static str = "renos_follow_up_queue";
    const SCHEMA: &'static str = "renos";
    const METHOD: Method = Method::Get;
    const PATH: &'static str = "/leads/follow_ups";
    const SUMMARY: &'static str = "Leads to follow up";
    const DESCRIPTION: &'static str = "Offers that nobody asked about for 5 days after the lead came; offers, 5 days after the last follow-up, and leads that await a response, 3 days after it: with fewer than three attempts. The oldest follow-up first, before it leads that had none. The urgency is high from 10 days without contact, medium from 7.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const OUTPUT: Output = Output::Value(|| json(&queue()));
    const EXAMPLE: &'static str = r#"{"limit": 20}"#;
    const SQL: &'static str = "
        with input as (select $1::jsonb as i),
        due as (
            select l.*
            from renos.leads l
            where l.status = 'quote_sent' and l.last_follow_up_date is null and l.follow_up_attempts = 0
                and l.created_at <= now() - interval '5 days'
            union all
            select l.*
            from renos.leads l
            where l.follow_up_attempts < 3 and (
                (l.status = 'quote_sent' and l.last_follow_up_date <= now() - interval '5 days')
                or (l.status = 'awaiting_response' and l.last_follow_up_date <= now() - interval '3 days'))
        ),
        page as (
            select d.*
            from due d
            order by d.last_follow_up_date nulls first, d.created_at, d.id
            limit (select (i ->> 'limit')::integer from input)
            offset (select (i ->> 'offset')::integer from input)
        )
        select 'ok'::text as outcome, coalesce(json_agg(
            to_jsonb(p) || jsonb_build_object(
                'customer', case when c.id is not null
                    then jsonb_build_object('id', c.id, 'name', c.name, 'email', c.email) end,
                'days_since_contact', days,
                'urgency', case when days >= 10 then 'high' when days >= 7 then 'medium' else 'low' end,
                'next_attempt_number', p.follow_up_attempts + 1)
            order by p.last_follow_up_date nulls first, p.created_at, p.id), '[]') as body
        from page p
        left join renos.customers c on c.id = p.customer_id
        cross join lateral (
            select floor(extract(epoch from now() - coalesce(p.last_follow_up_date, p.created_at)) / 86400)::integer
        ) as of_lead (days)";
    type Input = Input;
}
