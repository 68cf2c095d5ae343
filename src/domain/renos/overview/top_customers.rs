//! A80: who pays most.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{BACKEND, rows};
use crate::domain::{Method, Operation, Output, json};

pub(super) struct TopCustomers;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// Customers at most.
    #[schema(minimum = 1, maximum = 1000, default = 10)]
    #[serde(default = "ten")]
    limit: u32,
    /// Customers to leave out first.
    #[schema(minimum = 0, maximum = 1_000_000_000)]
    #[serde(default)]
    offset: u32,
}

fn ten() -> u32 {
    10
}

impl Operation for TopCustomers {
    const ID: &'static str = "renos_top_customers";
    const SCHEMA: &'static str = "renos";
    const METHOD: Method = Method::Get;
    const PATH: &'static str = "/customers/top";
    const SUMMARY: &'static str = "Customers by revenue";
    const DESCRIPTION: &'static str = "By what they have paid so far, the most first; then by name.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const OUTPUT: Output = Output::Value(|| json(&rows("customers").into()));
    const EXAMPLE: &'static str = r#"{"limit": 5}"#;
    const SQL: &'static str = "
        with input as (select $1::jsonb as i),
        page as (
            select c.*
            from renos.customers c
            order by c.total_revenue desc nulls last, c.name, c.id
            limit (select (i ->> 'limit')::integer from input)
            offset (select (i ->> 'offset')::integer from input)
        )
        select 'ok'::text as outcome,
            coalesce(json_agg(p order by p.total_revenue desc nulls last, p.name, p.id), '[]') as body
        from page p";
    type Input = Input;
}
