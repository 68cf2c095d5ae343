//! A15: how many leads stand where in the funnel.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::BACKEND;
use crate::domain::{Method, Nothing, Operation, Output};

pub(super) struct Pipeline;

/// The funnel.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Funnel {
    /// Leads altogether.
    leads: u64,
    /// What they may be worth in DKK, two decimals.
    estimated_value: f64,
    /// Every status in the order of the funnel, also those that no lead has.
    by_status: Vec<Stage>,
}

/// Leads of one status.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Stage {
    status: String,
    leads: u64,
    estimated_value: f64,
}

impl Operation for Pipeline {
    const ID: &'static str = "renos_lead_pipeline";
    const SCHEMA: &'static str = "renos";
    const METHOD: Method = Method::Get;
    const PATH: &'static str = "/leads/pipeline";
    const SUMMARY: &'static str = "Leads by status";
    const DESCRIPTION: &'static str = "How many there are, and the sum of what they may be worth.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const OUTPUT: Output = Output::of::<Funnel>();
    const EXAMPLE: &'static str = "{}";
    const SQL: &'static str = "
        with stages as (
            select status, position
            from unnest(array[
                'new', 'contacted', 'qualified', 'quoted', 'quote_sent', 'awaiting_response', 'converted', 'lost',
                'conflict'
            ]) with ordinality as s (status, position)
            where $1::jsonb is not null
        ),
        counted as (
            select l.status, count(*) as leads, coalesce(sum(l.estimated_value), 0) as value
            from renos.leads l
            group by l.status
        )
        select 'ok'::text as outcome, json_build_object(
            'leads', coalesce(sum(c.leads), 0), 'estimated_value', coalesce(sum(c.value), 0),
            'by_status', json_agg(json_build_object(
                'status', s.status, 'leads', coalesce(c.leads, 0), 'estimated_value', coalesce(c.value, 0))
                order by s.position)) as body
        from stages s
        left join counted c using (status)";
    type Input = Nothing;
}
