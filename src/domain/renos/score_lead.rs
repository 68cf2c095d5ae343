//! R3: how good a lead is.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::BACKEND;
use crate::domain::{Operation, Output};

pub(super) struct ScoreLead;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// The lead.
    id: String,
    /// Quality, from 0 to 100.
    #[schema(minimum = 0, maximum = 100)]
    score: u8,
    /// Order of treatment.
    priority: Priority,
    /// Factors behind the score, up to 256 KiB; absent leaves those that there are.
    #[schema(value_type = Option<Object>)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    metadata: Option<Map<String, Value>>,
}

/// Order of treatment.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Priority {
    Low,
    Medium,
    High,
    Urgent,
}

impl Operation for ScoreLead {
    const ID: &'static str = "renos_score_lead";
    const SCHEMA: &'static str = "renos";
    const PATH: &'static str = "/leads/{id}/score";
    const SUMMARY: &'static str = "Store the score of a lead";
    const DESCRIPTION: &'static str =
        "Scoring is the caller's; the lead has the score, the priority and the time of it.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const OUTPUT: Output = Output::Row("leads");
    const EXAMPLE: &'static str =
        r#"{"score": 80, "priority": "high", "metadata": {"age": 20, "contact": 25, "value": 20, "engagement": 15}}"#;
    const SQL: &'static str = "
        with input as (
            select i, octet_length(i ->> 'metadata') > 262144 as is_too_long from (select $1::jsonb) as given (i)
        ),
        changed as (
            update renos.leads l
            set score = (i ->> 'score')::integer, priority = i ->> 'priority', last_scored = now(),
                score_metadata = coalesce(i -> 'metadata', l.score_metadata)
            from input
            where l.id = i ->> 'id' and is_too_long is not true
            returning l.*
        )
        select 'ok' as outcome, to_json(c) as body from changed c
        union all
        select 'invalid_input',
            json_build_array(json_build_object('field', 'metadata', 'reason', 'must be 256 KiB or less'))
        from input where is_too_long";
    type Input = Input;
}
