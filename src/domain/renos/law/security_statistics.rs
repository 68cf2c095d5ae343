//! A60: how many incidents there were.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::BACKEND;
use crate::domain::{Method, Operation, Output};

pub(super) struct SecurityStatistics;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// Events of that organisation; of all that the caller may see where it is absent.
    #[schema(min_length = 1, max_length = 255)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    organization_id: Option<String>,
    /// Days back from now.
    #[schema(minimum = 1, maximum = 3650, default = 30)]
    #[serde(default = "thirty")]
    days: u32,
}

fn thirty() -> u32 {
    30
}

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Answer {
    days: i64,
    /// Of the period.
    total: i64,
    /// Of any time.
    unresolved: i64,
    /// Of the period.
    by_severity: BySeverity,
}

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct BySeverity {
    low: i64,
    medium: i64,
    high: i64,
    critical: i64,
}

impl Operation for SecurityStatistics {
    const ID: &'static str = "renos_security_statistics";
    const SCHEMA: &'static str = "renos";
    const METHOD: Method = Method::Get;
    const PATH: &'static str = "/security_events/statistics";
    const SUMMARY: &'static str = "Number of incidents";
    const DESCRIPTION: &'static str =
        "Those of the last days, in all and by severity; and all that are not resolved, whenever they were.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const OUTPUT: Output = Output::of::<Answer>();
    const EXAMPLE: &'static str = r#"{"organization_id": "org-1", "days": 7}"#;
    const SQL: &'static str = "
        with input as (select i, (i ->> 'days')::integer as days from (select $1::jsonb) as given (i)),
        counted as (
            select e.severity, count(*) filter (where e.created_at >= now() - make_interval(days => days)) as recent,
                count(*) filter (where not e.resolved) as unresolved
            from renos.security_events e, input
            where (not i ? 'organization_id' or e.organization_id = btrim(i ->> 'organization_id'))
                and (not e.resolved or e.created_at >= now() - make_interval(days => days))
            group by e.severity
        )
        select 'ok'::text as outcome, json_build_object(
            'days', days,
            'total', (select coalesce(sum(recent), 0) from counted),
            'unresolved', (select coalesce(sum(unresolved), 0) from counted),
            'by_severity', (
                select json_object_agg(name, coalesce(recent, 0))
                from unnest(array['low', 'medium', 'high', 'critical']) as name
                left join counted on severity = name
            )) as body
        from input";
    type Input = Input;
}
