//! B10: admits a request, or does not.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::CONNECTOR;
use crate::domain::{Operation, Output};

pub(super) struct CheckRateLimit;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// The organisation.
    #[schema(format = "uuid")]
    organization_id: String,
    /// The tool or endpoint. One with several limits needs a name for each.
    #[schema(min_length = 1, max_length = 200)]
    endpoint: String,
    /// Length of the window; 15 unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 1_440)]
    window_minutes: Option<i32>,
    /// How many requests a window admits; 100 unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 1_000_000)]
    max_requests: Option<i32>,
    /// Whether one too many is answered with 429; not so unless given, the answer says it then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    enforce: Option<bool>,
}

/// Whether the request is admitted.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Answer {
    allowed: bool,
    /// How many more the window admits.
    remaining: i32,
    limit: i32,
    #[schema(format = "date-time")]
    window_start: String,
    #[schema(format = "date-time")]
    resets_at: String,
    /// Until then none is; absent where the request is admitted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    retry_after_seconds: Option<i32>,
}

impl Operation for CheckRateLimit {
    const ID: &'static str = "billy_check_rate_limit";
    const SCHEMA: &'static str = "billy";
    const PATH: &'static str = "/organizations/{organization_id}/rate_limits/check";
    const SUMMARY: &'static str = "Admit or refuse a request";
    const DESCRIPTION: &'static str = "Windows are aligned to multiples of their length since 1970. No more than \
        `max_requests` are admitted in one, however many ask at the same time.";
    const CALLERS: &'static [&'static str] = CONNECTOR;
    const OUTPUT: Output = Output::of::<Answer>();
    const EXAMPLE: &'static str = r#"{"endpoint": "list_invoices", "window_minutes": 60, "max_requests": 1000}"#;
    const SQL: &'static str = "
        with input as (
            select i, (i ->> 'organization_id')::uuid as organization, i ->> 'endpoint' as endpoint,
                coalesce((i -> 'max_requests')::integer, 100) as most, length,
                to_timestamp(floor(extract(epoch from now()) / length) * length) as window_start
            from (select $1::jsonb as i) as one,
                lateral (select coalesce((i -> 'window_minutes')::integer, 15) * 60 as length) as two
        ),
        organization as (select o.id, o.is_active from billy.organizations o, input where o.id = organization),
        admitted as (
            insert into billy.rate_limits as r (organization_id, endpoint, window_start, request_count)
            select o.id, endpoint, window_start, 1 from organization o, input where o.is_active
            on conflict (organization_id, endpoint, window_start) do update
            set request_count = r.request_count + 1
            where r.request_count < coalesce(($1::jsonb -> 'max_requests')::integer, 100)
            returning r.request_count
        ),
        answer as (
            select a.request_count is not null as allowed, greatest(most - a.request_count, 0) as remaining, most as limit,
                window_start, window_start + make_interval(secs => length) as resets_at, o.is_active,
                coalesce((i -> 'enforce')::boolean, false) as is_enforced
            from input
            cross join organization o
            left join admitted a on true
        )
        select
            case
                when not is_active then 'invalid_state'
                when is_enforced and not allowed then 'rate_limited'
                else 'ok'
            end::text as outcome,
            case
                when not is_active then json_build_object(
                    'message', 'The organisation is switched off', 'current', json_build_object('is_active', false),
                    'allowed', json_build_object('is_active', json_build_array(true)))
                else json_strip_nulls(json_build_object(
                    'allowed', allowed, 'remaining', coalesce(remaining, 0), 'limit', a.limit,
                    'window_start', window_start, 'resets_at', resets_at,
                    'retry_after_seconds', case
                        when not allowed then greatest(ceil(extract(epoch from resets_at - now()))::integer, 1)
                    end))
            end as body
        from answer a";
    type Input = Input;
}
