//! R24: a figure of a day.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::BACKEND;
use crate::domain::{Operation, Output};

pub(super) struct TrackMetric;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// Name of the figure.
    #[schema(min_length = 1, max_length = 100)]
    metric: String,
    /// The figure.
    value: f64,
    /// Details, up to 256 KiB; absent leaves those that there are.
    #[schema(value_type = Option<Object>)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    metadata: Option<Map<String, Value>>,
    /// The day; today in Europe/Copenhagen where it is absent.
    #[schema(format = "date")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    date: Option<String>,
    /// What becomes of the day's value.
    #[serde(default)]
    mode: Mode,
}

/// What becomes of the day's value: `set`, which is the default, takes its place, `add` adds to it.
#[derive(Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Mode {
    #[default]
    Set,
    Add,
}

impl Operation for TrackMetric {
    const ID: &'static str = "renos_track_metric";
    const SCHEMA: &'static str = "renos";
    const PATH: &'static str = "/analytics/track";
    const SUMMARY: &'static str = "Store a figure of a day";
    const DESCRIPTION: &'static str =
        "A day has one value of a figure: it is set, or added to. Additions at once are all in the sum.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const OUTPUT: Output = Output::Row("analytics");
    const EXAMPLE: &'static str = r#"{"metric": "leads_generated", "value": 1, "mode": "add"}"#;
    const SQL: &'static str = "
        with input as (
            select i, octet_length(i ->> 'metadata') > 262144 as is_too_long from (select $1::jsonb) as given (i)
        ),
        tracked as (
            insert into renos.analytics as a (date, metric, value, metadata)
            select coalesce((i ->> 'date')::date, (now() at time zone 'Europe/Copenhagen')::date),
                btrim(i ->> 'metric'), (i ->> 'value')::double precision, i -> 'metadata'
            from input
            where is_too_long is not true
            on conflict (date, metric) do update
                set value = case when (select i ->> 'mode' from input) = 'add' then a.value else 0 end + excluded.value,
                    metadata = coalesce(excluded.metadata, a.metadata)
            returning *
        )
        select 'ok' as outcome, to_json(t) as body from tracked t
        union all
        select 'invalid_input',
            json_build_array(json_build_object('field', 'metadata', 'reason', 'must be 256 KiB or less'))
        from input where is_too_long";
    type Input = Input;
}
