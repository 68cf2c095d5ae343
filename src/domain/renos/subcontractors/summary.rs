//! A64: who takes on jobs, and how much.

use serde::{Deserialize, Serialize};
use utoipa::{
    ToSchema,
    openapi::{ArrayBuilder, RefOr, Schema, schema::Type},
};

use super::super::{BACKEND, row_and, shapes::of};
use crate::domain::{Method, Operation, Output, json};

pub(super) struct Summary;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// Subcontractors at most.
    #[schema(minimum = 1, maximum = 1000, default = 100)]
    #[serde(default = "hundred")]
    limit: u32,
    /// Subcontractors to leave out first.
    #[schema(minimum = 0, maximum = 1_000_000_000)]
    #[serde(default)]
    offset: u32,
}

fn hundred() -> u32 {
    100
}

/// Subcontractors with their figures.
fn subcontractors() -> RefOr<Schema> {
    let figures = ["services", "assignments", "completed_assignments"].map(|name| (name, of(Type::Integer)));
    ArrayBuilder::new().items(row_and("subcontractors", figures)).into()
}

impl Operation for Summary {
    const ID: &'static str = "renos_subcontractor_summary";
    const SCHEMA: &'static str = "renos";
    const METHOD: Method = Method::Get;
    const PATH: &'static str = "/subcontractors/summary";
    const SUMMARY: &'static str = "Active subcontractors and their figures";
    const DESCRIPTION: &'static str = "With the numbers of services that they perform, of assignments, and of completed ones; the best rating first, then by name.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const OUTPUT: Output = Output::Value(|| json(&subcontractors()));
    const EXAMPLE: &'static str = r#"{"limit": 20}"#;
    const SQL: &'static str = "
        with input as (select $1::jsonb as i),
        page as (
            select s.*
            from renos.subcontractors s
            where s.status = 'active'
            order by s.rating desc nulls last, s.company_name, s.id
            limit (select (i ->> 'limit')::integer from input)
            offset (select (i ->> 'offset')::integer from input)
        )
        select 'ok'::text as outcome, coalesce(json_agg(
            to_jsonb(p) || jsonb_build_object(
                'services', v.services, 'assignments', a.assignments, 'completed_assignments', a.completed)
            order by p.rating desc nulls last, p.company_name, p.id), '[]') as body
        from page p
        cross join lateral (
            select count(*) as services from renos.subcontractor_services v where v.subcontractor_id = p.id
        ) as v
        cross join lateral (
            select count(*) as assignments, count(*) filter (where a.status = 'completed') as completed
            from renos.task_assignments a where a.subcontractor_id = p.id
        ) as a";
    type Input = Input;
}
