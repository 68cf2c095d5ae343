//! A50: figures of the assessments.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::{Method, Operation, Output, renos::BACKEND};

pub(super) struct Metrics;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// First day, in Europe/Copenhagen.
    #[schema(format = "date")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    from: Option<String>,
    /// Last day.
    #[schema(format = "date")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    to: Option<String>,
}

/// Figures of assessments. Means have two decimals, and are null where there is none.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Figures {
    /// How many there are.
    assessments: u64,
    /// Mean of the stars.
    average_score: Option<f64>,
    /// Mean of the percentages.
    average_percentage: Option<f64>,
    /// How many have each number of stars.
    distribution: Distribution,
    /// By kind of service, in its order.
    by_service_type: Vec<OfService>,
    /// By month, the oldest first: the last twelve that have any.
    by_month: Vec<OfMonth>,
}

/// Assessments by their stars.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Distribution {
    #[serde(rename = "1")]
    one: u64,
    #[serde(rename = "2")]
    two: u64,
    #[serde(rename = "3")]
    three: u64,
    #[serde(rename = "4")]
    four: u64,
    #[serde(rename = "5")]
    five: u64,
}

/// Assessments of a kind of service.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct OfService {
    service_type: String,
    assessments: u64,
    average_score: f64,
    average_percentage: f64,
}

/// Assessments of a month.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct OfMonth {
    /// `2026-01`
    month: String,
    assessments: u64,
    average_score: f64,
    average_percentage: f64,
}

impl Operation for Metrics {
    const ID: &'static str = "renos_quality_metrics";
    const SCHEMA: &'static str = "renos";
    const METHOD: Method = Method::Get;
    const PATH: &'static str = "/quality/metrics";
    const SUMMARY: &'static str = "Figures of the assessments";
    const DESCRIPTION: &'static str = "Of those that were made on the days, both included, and are completed or reviewed. Days and months are those of Europe/Copenhagen.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const OUTPUT: Output = Output::of::<Figures>();
    const EXAMPLE: &'static str = r#"{"from": "2026-01-01", "to": "2026-12-31"}"#;
    const SQL: &'static str = "
        with input as (select $1::jsonb as i),
        made as (
            select a.overall_score as score, a.percentage_score as percentage, c.service_type,
                to_char(a.created_at at time zone 'Europe/Copenhagen', 'YYYY-MM') as month
            from input
            cross join renos.quality_assessments a
            join renos.quality_checklists c on c.id = a.checklist_id
            where a.status <> 'in_progress'
                and (not i ? 'from' or a.created_at >= (i ->> 'from')::timestamp at time zone 'Europe/Copenhagen')
                and (not i ? 'to'
                    or a.created_at < ((i ->> 'to')::date + 1)::timestamp at time zone 'Europe/Copenhagen')
        ),
        services as (
            select service_type, count(*) as number, round(avg(score), 2) as score,
                round(avg(percentage), 2) as percentage
            from made
            group by service_type
        ),
        months as (
            select month, count(*) as number, round(avg(score), 2) as score, round(avg(percentage), 2) as percentage
            from made
            group by month
            order by month desc
            limit 12
        )
        select 'ok'::text as outcome, json_build_object(
            'assessments', count(*), 'average_score', round(avg(score), 2),
            'average_percentage', round(avg(percentage), 2),
            'distribution', json_build_object(
                '1', count(*) filter (where score = 1), '2', count(*) filter (where score = 2),
                '3', count(*) filter (where score = 3), '4', count(*) filter (where score = 4),
                '5', count(*) filter (where score = 5)),
            'by_service_type', (
                select coalesce(json_agg(json_build_object('service_type', service_type, 'assessments', number,
                    'average_score', score, 'average_percentage', percentage) order by service_type), '[]')
                from services),
            'by_month', (
                select coalesce(json_agg(json_build_object('month', month, 'assessments', number,
                    'average_score', score, 'average_percentage', percentage) order by month), '[]')
                from months)) as body
        from made";
    type Input = Input;
}
