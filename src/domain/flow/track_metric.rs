//! F25: a daily figure.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::BACKEND;
use crate::domain::{Operation, Output};

pub(super) struct TrackMetric;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = FlowTrackMetric)]
pub(super) struct Input {
    /// Its name.
    #[schema(min_length = 1, max_length = 100)]
    metric: String,
    /// The figure.
    value: f64,
    /// The workflow; absent is all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 100)]
    workflow_id: Option<String>,
    /// The day in Europe/Copenhagen; today where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = "date")]
    date: Option<String>,
    /// Whether the figure replaces the day's (`set`, also where absent) or is added to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    mode: Option<Mode>,
    /// Details, an object of up to 256 KiB; as before where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    metadata: Option<Value>,
}

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = FlowMetricMode)]
enum Mode {
    Set,
    Add,
}

impl Operation for TrackMetric {
    const ID: &'static str = "flow_track_metric";
    const SCHEMA: &'static str = "flow";
    const PATH: &'static str = "/metrics/track";
    const SUMMARY: &'static str = "Store a daily figure";
    const DESCRIPTION: &'static str =
        "There is one figure a day, metric and workflow: it is made, replaced or added to, whoever does so at once.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const OUTPUT: Output = Output::Row("metrics");
    const EXAMPLE: &'static str = r#"{"metric": "executions", "value": 1, "mode": "add", "workflow_id": "c1"}"#;
    const SQL: &'static str = "
        with input as (select $1::jsonb as i),
        faults as (
            select json_agg(json_build_object('field', field, 'reason', reason)) as list
            from input, lateral (values
                ('metric', 'must not be blank', btrim(i ->> 'metric') = ''),
                ('metadata', 'must be 256 KiB or less', octet_length(i ->> 'metadata') > 262144)
            ) rule (field, reason, is_broken)
            where is_broken
        ),
        stored as (
            insert into flow.metrics as m (date, metric, value, workflow_id, metadata)
            select coalesce((i ->> 'date')::date, (now() at time zone 'Europe/Copenhagen')::date), btrim(i ->> 'metric'),
                (i ->> 'value')::double precision, i ->> 'workflow_id', i -> 'metadata'
            from input, faults
            where list is null
            on conflict (date, metric, workflow_id) do update
            set value = excluded.value + case (select i ->> 'mode' from input) when 'add' then m.value else 0 end,
                metadata = coalesce(excluded.metadata, m.metadata)
            returning *
        )
        select 'ok'::text as outcome, to_json(s) as body from stored s
        union all
        select 'invalid_input', list from faults where list is not null";
    type Input = Input;
}
