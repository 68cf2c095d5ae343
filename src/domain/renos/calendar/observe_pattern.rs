//! A67: a habit is seen.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::BACKEND;
use crate::domain::{Operation, Output};

pub(super) struct ObservePattern;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// Kind of habit.
    pattern_type: PatternType,
    /// Whose it is: a customer's key, a kind of job.
    #[schema(min_length = 1, max_length = 255)]
    entity_id: String,
    /// The habit, up to 256 KiB.
    #[schema(value_type = Object)]
    pattern_data: Map<String, Value>,
    /// How sure that is, 0 to 100, two decimals.
    #[schema(minimum = 0, maximum = 100)]
    confidence: f64,
}

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = RenosPatternType)]
enum PatternType {
    CustomerSchedule,
    JobDuration,
    TeamPreference,
    CommunicationStyle,
}

impl Operation for ObservePattern {
    const ID: &'static str = "renos_observe_pattern";
    const SCHEMA: &'static str = "renos";
    const PATH: &'static str = "/learned_patterns/observe";
    const SUMMARY: &'static str = "Observe a habit";
    const DESCRIPTION: &'static str = "One of that kind, owner and data is counted once more, and is as sure as said now: the newest where there are several. Else it is new (201). Observations at once are all counted.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const CREATES: bool = true;
    const OUTPUT: Output = Output::Row("learned_patterns");
    const EXAMPLE: &'static str = r#"{"pattern_type": "customer_schedule", "entity_id": "c019a0b1c2d3e4f5a6b7c8d9e",
        "pattern_data": {"dayOfWeek": 5, "time": "09:00"}, "confidence": 80}"#;
    const SQL: &'static str = "
        with input as (
            select i, octet_length(i ->> 'pattern_data') > 262144 as is_too_long from (select $1::jsonb) as given (i)
        ),
        seen as materialized (
            select p.*
            from (select i from input where not is_too_long) as fit
            cross join lateral renos.observe_pattern(
                i ->> 'pattern_type', btrim(i ->> 'entity_id'), i -> 'pattern_data', (i ->> 'confidence')::numeric) as p
        )
        select case when s.occurrences = 1 then 'created' else 'ok' end as outcome, to_json(s) as body from seen s
        union all
        select 'invalid_input',
            json_build_array(json_build_object('field', 'pattern_data', 'reason', 'must be 256 KiB or less'))
        from input
        where is_too_long";
    type Input = Input;
}
