//! B8: calls of tools, counted by the hour.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::CONNECTOR;
use crate::domain::{Operation, Output};

pub(super) struct TrackUsage;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// The organisation.
    #[schema(format = "uuid")]
    organization_id: String,
    /// Many calls; then no other field is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_items = 1, max_items = 500)]
    calls: Option<Vec<Call>>,
    /// The tool that was called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 100)]
    tool_name: Option<String>,
    /// Whether the call succeeded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    success: Option<bool>,
    /// How long it took; the mean is of the calls that say so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0, maximum = 2_147_483_647)]
    duration_ms: Option<i64>,
    /// Whether a copy answered it; not so unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cache_hit: Option<bool>,
}

/// A call of many.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Call {
    /// The tool that was called.
    #[schema(min_length = 1, max_length = 100)]
    tool_name: String,
    /// Whether the call succeeded.
    success: bool,
    /// How long it took; the mean is of the calls that say so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0, maximum = 2_147_483_647)]
    duration_ms: Option<i64>,
    /// Whether a copy answered it; not so unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cache_hit: Option<bool>,
}

/// One row for one call, the rows of all tools for many.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
enum Answer {
    One(Box<Metric>),
    Many(Metrics),
}

/// Rows by tool.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Metrics {
    metrics: Vec<Metric>,
}

/// The figures of a tool in this hour.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Metric {
    #[schema(format = "uuid")]
    id: String,
    #[schema(format = "uuid")]
    organization_id: String,
    #[schema(format = "date")]
    date: String,
    hour: i32,
    tool_name: String,
    call_count: i32,
    success_count: i32,
    error_count: i32,
    avg_duration_ms: Option<i32>,
    cache_hit_rate: Option<f64>,
    timed_count: i32,
    total_duration_ms: i64,
    cache_hits: i32,
    #[schema(format = "date-time")]
    created_at: String,
}

impl Operation for TrackUsage {
    const ID: &'static str = "billy_track_usage";
    const SCHEMA: &'static str = "billy";
    const PATH: &'static str = "/organizations/{organization_id}/usage";
    const SUMMARY: &'static str = "Count calls of tools";
    const DESCRIPTION: &'static str = "One call, or many in `calls`. Days and hours are UTC's. None is lost, however \
        many count at the same time.";
    const CALLERS: &'static [&'static str] = CONNECTOR;
    const OUTPUT: Output = Output::of::<Answer>();
    const EXAMPLE: &'static str =
        r#"{"tool_name": "list_invoices", "success": true, "duration_ms": 84, "cache_hit": true}"#;
    const SQL: &'static str = "
        with input as (select $1::jsonb as i),
        fault (field, reason) as (
            select name, 'is required'
            from input, unnest(array['tool_name', 'success']) as name
            where not i ? 'calls' and not i ? name
            union all
            select name, 'does not go together with calls'
            from input, jsonb_object_keys(i) as name
            where i ? 'calls' and name not in ('calls', 'organization_id')
        ),
        organization as (
            select o.id, o.is_active from billy.organizations o, input where o.id = (i ->> 'organization_id')::uuid
        ),
        counted as (
            select o.id as organization_id, call ->> 'tool_name' as tool_name, count(*) as calls,
                count(*) filter (where (call -> 'success')::boolean) as successes, count(call -> 'duration_ms') as timed,
                coalesce(sum((call -> 'duration_ms')::bigint), 0) as duration,
                count(*) filter (where (call -> 'cache_hit')::boolean) as hits
            from organization o, input, jsonb_array_elements(coalesce(i -> 'calls', jsonb_build_array(i))) as t (call)
            where o.is_active and not exists (select from fault)
            group by o.id, call ->> 'tool_name'
        ),
        stored as (
            insert into billy.usage_metrics as m (
                organization_id, date, hour, tool_name, call_count, success_count, error_count, timed_count,
                total_duration_ms, cache_hits, avg_duration_ms, cache_hit_rate)
            select organization_id, (now() at time zone 'UTC')::date, extract(hour from now() at time zone 'UTC'),
                tool_name, calls, successes, calls - successes, timed, duration, hits,
                round(duration / nullif(timed, 0)), round(100.0 * hits / calls, 2)
            from counted
            order by tool_name
            on conflict (organization_id, date, hour, tool_name) do update
            set call_count = m.call_count + excluded.call_count,
                success_count = m.success_count + excluded.success_count,
                error_count = m.error_count + excluded.error_count,
                timed_count = m.timed_count + excluded.timed_count,
                total_duration_ms = m.total_duration_ms + excluded.total_duration_ms,
                cache_hits = m.cache_hits + excluded.cache_hits,
                avg_duration_ms = round((m.total_duration_ms + excluded.total_duration_ms)::numeric
                    / nullif(m.timed_count + excluded.timed_count, 0)),
                cache_hit_rate = round(
                    100.0 * (m.cache_hits + excluded.cache_hits) / (m.call_count + excluded.call_count), 2)
            returning m.*
        )
        select 'invalid_input'::text as outcome, json_agg(f) as body from fault f having count(*) > 0
        union all
        select 'invalid_state', json_build_object(
            'message', 'The organisation is switched off', 'current', json_build_object('is_active', false),
            'allowed', json_build_object('is_active', json_build_array(true)))
        from organization
        where not is_active and not exists (select from fault)
        union all
        select 'ok',
            case when i ? 'calls' then json_build_object('metrics', json_agg(s order by tool_name)) else json_agg(s) -> 0 end
        from stored s, input
        group by i";
    type Input = Input;
}
