//! C19: a figure of a day.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::BACKEND;
use crate::domain::{Operation, Output};

pub(super) struct TrackMetric;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// The tenant; the caller's unless given. Only `service_role` reaches another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(format = "uuid")]
    tenant_id: Option<String>,
    /// Its name.
    #[schema(min_length = 1, max_length = 100)]
    metric: String,
    /// What it is, or what is added to it.
    value: f64,
    /// The day; today in Copenhagen unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(format = "date")]
    date: Option<String>,
    /// Whether the value replaces the one of that day or is added to it; `set` unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    mode: Option<Mode>,
    /// Attributes; those it has stay where none are given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    metadata: Option<Value>,
}

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Mode {
    Set,
    Add,
}

impl Operation for TrackMetric {
    const ID: &'static str = "crm_track_metric";
    const SCHEMA: &'static str = "crm";
    const PATH: &'static str = "/metrics/track";
    const SUMMARY: &'static str = "Store or add to a figure of a day";
    const DESCRIPTION: &'static str = "There is one value a day. Nothing that is added is lost, however many add at the \
        same time.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const OUTPUT: Output = Output::Row("metrics");
    const EXAMPLE: &'static str = r#"{"metric": "leads_generated", "value": 1, "mode": "add"}"#;
    const SQL: &'static str = "
        with input as (
            select i, coalesce((i ->> 'tenant_id')::uuid, auth.org_uuid()) as tenant_id, btrim(i ->> 'metric') as metric,
                coalesce((i ->> 'date')::date, (now() at time zone 'Europe/Copenhagen')::date) as date
            from (select $1::jsonb as i) as one
        ),
        fault (field, reason) as (
            select 'tenant_id', 'is required where the token names no organisation' from input where tenant_id is null
            union all
            select 'metric', 'must not be blank' from input where metric = ''
            union all
            select 'metadata', 'must be 256 KiB or less' from input where octet_length(i ->> 'metadata') > 262144
        ),
        tenant as (select t.id from crm.tenants t, input where t.id = input.tenant_id and not exists (select from fault)),
        stored as (
            insert into crm.metrics as m (tenant_id, date, metric, value, metadata)
            select tenant.id, date, metric, (i -> 'value')::float8, i -> 'metadata' from tenant, input
            on conflict (tenant_id, date, metric) do update
            set value = case when $1::jsonb ->> 'mode' = 'add' then m.value else 0 end + excluded.value,
                metadata = coalesce(excluded.metadata, m.metadata)
            returning m.*
        )
        select 'invalid_input'::text as outcome, json_agg(f) as body from fault f having count(*) > 0
        union all
        select 'ok', to_json(s) from stored s
        union all
        select 'unprocessable', json_build_object('message', 'There is no such tenant', 'field', 'tenant_id')
        where not exists (select from tenant) and not exists (select from fault)";
    type Input = Input;
}
