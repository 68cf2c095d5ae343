//! A65: customers that something is known of, by name.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{BACKEND, rows};
use crate::domain::{Method, Operation, Output, json};

pub(super) struct SearchMemory;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// Part of the name, in any case.
    #[schema(min_length = 1, max_length = 200)]
    name: String,
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

impl Operation for SearchMemory {
    const ID: &'static str = "renos_search_memory";
    const SCHEMA: &'static str = "renos";
    const METHOD: Method = Method::Get;
    const PATH: &'static str = "/customer_intelligence/search";
    const SUMMARY: &'static str = "What is known of customers of a name";
    const DESCRIPTION: &'static str = "Customers with that in their name, by name. `%` and `_` are just characters.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const OUTPUT: Output = Output::Value(|| json(&rows("customer_intelligence").into()));
    const EXAMPLE: &'static str = r#"{"name": "dahl"}"#;
    const SQL: &'static str = r"
        with input as (
            select i, '%' || regexp_replace(btrim(i ->> 'name'), '([\\%_])', '\\\1', 'g') || '%' as pattern
            from (select $1::jsonb) as given (i)
        ),
        page as (
            select k.*
            from renos.customer_intelligence k
            where k.customer_name ilike (select pattern from input)
            order by k.customer_name, k.id
            limit (select (i ->> 'limit')::integer from input)
            offset (select (i ->> 'offset')::integer from input)
        )
        select 'ok'::text as outcome, coalesce(json_agg(p order by p.customer_name, p.id), '[]') as body from page p";
    type Input = Input;
}
