//! A12: the trail of tool calls, counted.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::{Method, Operation, Output};

pub(super) struct SummarizeTrail;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// Only calls of that organisation; of all that the caller may see unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(format = "uuid")]
    organization_id: Option<String>,
    /// The first day, in UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(format = "date")]
    from: Option<String>,
    /// The last day, in UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(format = "date")]
    to: Option<String>,
    /// Lines at most.
    #[schema(minimum = 1, maximum = 1_000, default = 1_000)]
    #[serde(default = "thousand")]
    limit: u32,
    /// Lines to leave out first.
    #[schema(minimum = 0, maximum = 1_000_000_000)]
    #[serde(default)]
    offset: u32,
}

fn thousand() -> u32 {
    1_000
}

/// The newest day first, then most calls.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Answer {
    summary: Vec<Line>,
}

/// Calls of a tool, of one kind, on one day.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Line {
    /// In UTC.
    #[schema(format = "date")]
    day: String,
    tool_name: String,
    action: String,
    total: i64,
    successes: i64,
    failures: i64,
    /// Of the calls that say how long they took, two decimals; null where none does.
    mean_duration_ms: Option<f64>,
    least_duration_ms: Option<i32>,
    greatest_duration_ms: Option<i32>,
}

impl Operation for SummarizeTrail {
    const ID: &'static str = "billy_summarize_trail";
    const SCHEMA: &'static str = "billy";
    const METHOD: Method = Method::Get;
    const PATH: &'static str = "/audit_logs/summary";
    const SUMMARY: &'static str = "Calls by tool, action and day";
    const DESCRIPTION: &'static str = "How many there were, how they went and how long they took. Both days count.";
    const CALLERS: &'static [&'static str] = &["authenticated", "billy_app", "service_role"];
    const OUTPUT: Output = Output::of::<Answer>();
    const EXAMPLE: &'static str = r#"{"from": "2026-01-01", "to": "2026-01-31"}"#;
    const SQL: &'static str = "
        with input as (
            select i, (i ->> 'organization_id')::uuid as organization, (i ->> 'from')::date as first,
                (i ->> 'to')::date as last
            from (select $1::jsonb as i) as one
        ),
        known as (
            select from input where organization is null or exists (
                select from billy.organizations o where o.id = organization
            )
        ),
        page as (
            select (a.created_at at time zone 'UTC')::date as day, a.tool_name, a.action, count(*) as total,
                count(*) filter (where a.success) as successes, count(*) filter (where not a.success) as failures,
                round(avg(a.duration_ms), 2) as mean, min(a.duration_ms) as least, max(a.duration_ms) as greatest
            from billy.audit_logs a, input
            where (organization is null or a.organization_id = organization)
                and (first is null or a.created_at >= first::timestamp at time zone 'UTC')
                and (last is null or a.created_at < (last + 1)::timestamp at time zone 'UTC')
            group by 1, 2, 3
            order by day desc, total desc, tool_name, action
            limit (select (i -> 'limit')::integer from input)
            offset (select (i -> 'offset')::integer from input)
        )
        select 'ok'::text as outcome, json_build_object('summary', (
            select coalesce(
                json_agg(
                    json_build_object(
                        'day', day, 'tool_name', tool_name, 'action', action, 'total', total, 'successes', successes,
                        'failures', failures, 'mean_duration_ms', mean, 'least_duration_ms', least,
                        'greatest_duration_ms', greatest)
                    order by day desc, total desc, tool_name, action),
                '[]')
            from page
        )) as body
        from known, input
        where last is null or first is null or first <= last
        union all
        select 'invalid_input', json_build_array(json_build_object('field', 'to', 'reason', 'must not be before from'))
        from known, input
        where first > last";
    type Input = Input;
}
