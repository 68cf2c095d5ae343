//! C21: what the deals are worth.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::BACKEND;
use crate::domain::{Method, Operation, Output};

pub(super) struct PipelineMetrics;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// The tenant; the caller's unless given, and all where the caller has none and may see all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(format = "uuid")]
    tenant_id: Option<String>,
    /// Only deals of that owner.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 10_000)]
    owner: Option<String>,
    /// Only deals of that pipeline.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 10_000)]
    pipeline: Option<String>,
    /// Only deals in that currency: `DKK`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 3, max_length = 3)]
    currency: Option<String>,
}

/// Figures of deals in one currency.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Answer {
    /// Null where no deal is counted and none was asked for.
    currency: Option<String>,
    /// Of all deals, lost ones too.
    total_value: f64,
    /// Of open deals.
    open_value: f64,
    /// Of open deals, each by its chance; none is no chance.
    weighted_value: f64,
    by_stage: ByStage,
    by_status: ByStatus,
}

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ByStage {
    qualification: Sum,
    proposal: Sum,
    negotiation: Sum,
    closed_won: Sum,
    closed_lost: Sum,
}

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ByStatus {
    open: Sum,
    won: Sum,
    lost: Sum,
}

/// How many, and what they are worth.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Sum {
    count: i64,
    value: f64,
}

impl Operation for PipelineMetrics {
    const ID: &'static str = "crm_pipeline_metrics";
    const SCHEMA: &'static str = "crm";
    const METHOD: Method = Method::Get;
    const PATH: &'static str = "/pipeline_metrics";
    const SUMMARY: &'static str = "Sums over deals";
    const DESCRIPTION: &'static str = "Currencies are not added up: where the deals have several, one has to be named.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const OUTPUT: Output = Output::of::<Answer>();
    const EXAMPLE: &'static str = r#"{"pipeline": "sales", "currency": "DKK"}"#;
    const SQL: &'static str = "
        with input as (
            select i, coalesce((i ->> 'tenant_id')::uuid, auth.org_uuid()) as tenant_id
            from (select $1::jsonb as i) as one
        ),
        counted as (
            select d.currency, d.stage, d.status, count(*) as count, sum(d.value) as value,
                sum(d.value * coalesce(d.probability, 0) / 100) as weighted
            from crm.deals d, input
            where (input.tenant_id is null or d.tenant_id = input.tenant_id)
                and (not i ? 'owner' or d.owner = i ->> 'owner')
                and (not i ? 'pipeline' or d.pipeline = i ->> 'pipeline')
                and (not i ? 'currency' or d.currency = upper(i ->> 'currency'))
            group by d.currency, d.stage, d.status
        ),
        currencies as (select array_agg(distinct currency order by currency) as found from counted),
        stages as (
            select json_object_agg(name, json_build_object('count', count, 'value', value)) as by_stage
            from (
                select name, coalesce(sum(count), 0) as count, coalesce(sum(value), 0) as value
                from unnest(array['qualification', 'proposal', 'negotiation', 'closed_won', 'closed_lost']) as name
                left join counted on stage = name
                group by name
            ) as one
        ),
        statuses as (
            select json_object_agg(name, json_build_object('count', count, 'value', value)) as by_status
            from (
                select name, coalesce(sum(count), 0) as count, coalesce(sum(value), 0) as value
                from unnest(array['open', 'won', 'lost']) as name
                left join counted on status = name
                group by name
            ) as one
        ),
        totals as (
            select coalesce(sum(value), 0) as total, coalesce(sum(value) filter (where status = 'open'), 0) as open,
                coalesce(round(sum(weighted) filter (where status = 'open'), 2), 0) as weighted
            from counted
        )
        select 'unprocessable'::text as outcome, json_build_object(
            'message', 'The deals have several currencies; name one', 'currencies', to_json(found)) as body
        from currencies
        where cardinality(found) > 1
        union all
        select 'ok', json_build_object(
            'currency', coalesce(upper(i ->> 'currency'), found[1]), 'total_value', total, 'open_value', open,
            'weighted_value', weighted, 'by_stage', by_stage, 'by_status', by_status)
        from currencies, stages, statuses, totals, input
        where coalesce(cardinality(found), 0) <= 1";
    type Input = Input;
}
