//! A66: the customer is talked with about a job that runs over its time.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::BACKEND;
use crate::domain::{Operation, Output};

pub(super) struct AddCommunication;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// The booking, by the calendar's key.
    booking_id: String,
    /// How they talked.
    r#type: Type,
    /// Who talked to whom.
    direction: Direction,
    /// What was said.
    #[schema(min_length = 1, max_length = 10_000)]
    content: String,
    /// What came of it.
    #[schema(min_length = 1, max_length = 10_000)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    outcome: Option<String>,
}

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = RenosTalk)]
enum Type {
    Call,
    Sms,
    Email,
    InPerson,
}

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = RenosTalkDirection)]
enum Direction {
    Outgoing,
    Incoming,
}

impl Operation for AddCommunication {
    const ID: &'static str = "renos_add_communication";
    const SCHEMA: &'static str = "renos";
    const PATH: &'static str = "/overtime_logs/{booking_id}/communication";
    const SUMMARY: &'static str = "Add a talk to the log of a job over its time";
    const DESCRIPTION: &'static str = "With the time of now, behind those before. Of many at once, all are kept.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const OUTPUT: Output = Output::Row("overtime_logs");
    const EXAMPLE: &'static str =
        r#"{"type": "call", "direction": "outgoing", "content": "One hour more", "outcome": "Agreed"}"#;
    const SQL: &'static str = "
        with input as (select $1::jsonb as i),
        changed as (
            update renos.overtime_logs o
            set communication_log = o.communication_log || jsonb_build_array(jsonb_strip_nulls(jsonb_build_object(
                'timestamp', now(), 'type', i ->> 'type', 'direction', i ->> 'direction',
                'content', btrim(i ->> 'content'), 'outcome', btrim(i ->> 'outcome'))))
            from input
            where o.booking_id = i ->> 'booking_id'
            returning o.*
        )
        select 'ok'::text as outcome, to_json(c) as body from changed c";
    type Input = Input;
}
