//! A17: a lead is a customer's.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{super::BACKEND, lead_with_customer};
use crate::domain::{Operation, Output, json};

pub(super) struct LinkLead;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// The lead.
    id: String,
    /// Whose it is.
    #[schema(min_length = 1)]
    customer_id: String,
}

impl Operation for LinkLead {
    const ID: &'static str = "renos_link_lead";
    const SCHEMA: &'static str = "renos";
    const PATH: &'static str = "/leads/{id}/link_customer";
    const SUMMARY: &'static str = "Link a lead to a customer";
    const DESCRIPTION: &'static str =
        "The figures of the customer that has it now, and of the one that had it, are counted anew. Its status stays.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const OUTPUT: Output = Output::Value(|| json(&lead_with_customer()));
    const EXAMPLE: &'static str = r#"{"customer_id": "c019a0b1c2d3e4f5a6b7c8d9e"}"#;
    // Customers are locked in the order of their keys, so that two who exchange leads wait for each other and no more.
    const SQL: &'static str = "
        with input as (select $1::jsonb as i),
        found as materialized (
            select l.* from renos.leads l, input where l.id = i ->> 'id' for no key update of l
        ),
        customer as (select c.id from renos.customers c, input where c.id = i ->> 'customer_id'),
        changed as (
            update renos.leads l
            set customer_id = c.id
            from found f, customer c
            where l.id = f.id
            returning l.*
        ),
        concerned as materialized (
            select id
            from (select customer_id from changed union select f.customer_id from found f, changed) as now_and_before (id)
            where id is not null
            order by id
        ),
        refreshed as materialized (select r.* from concerned c cross join lateral renos.refresh_customer(c.id) as r)
        select 'ok' as outcome, (to_jsonb(c) || jsonb_build_object('customers', to_jsonb(r)))::json as body
        from changed c
        join refreshed r on r.id = c.customer_id
        union all
        select 'unprocessable', json_build_object('field', 'customer_id', 'message', 'There is no such customer')
        from found
        where not exists (select from customer)";
    type Input = Input;
}
