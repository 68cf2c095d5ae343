//! A53: what was said last, for the assistant to go on from.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{PEOPLE, rows};
use crate::domain::{Method, Operation, Output, json};

pub(super) struct ChatHistory;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// The conversation.
    id: String,
    /// Messages at most.
    #[schema(minimum = 1, maximum = 1000, default = 50)]
    #[serde(default = "fifty")]
    limit: u32,
    /// Messages to leave out first, of the newest.
    #[schema(minimum = 0, maximum = 1_000_000_000)]
    #[serde(default)]
    offset: u32,
}

fn fifty() -> u32 {
    50
}

impl Operation for ChatHistory {
    const ID: &'static str = "renos_chat_history";
    const SCHEMA: &'static str = "renos";
    const METHOD: Method = Method::Get;
    const PATH: &'static str = "/chat_sessions/{id}/history";
    const SUMMARY: &'static str = "What was said last";
    const DESCRIPTION: &'static str = "The newest messages of a conversation, the oldest of them first.";
    const CALLERS: &'static [&'static str] = PEOPLE;
    const OUTPUT: Output = Output::Value(|| json(&rows("chat_messages").into()));
    const EXAMPLE: &'static str = r#"{"limit": 20}"#;
    const SQL: &'static str = "
        with input as (select $1::jsonb as i),
        session as (select s.id from renos.chat_sessions s, input where s.id = i ->> 'id'),
        newest as (
            select m.*
            from renos.chat_messages m
            where m.session_id = (select id from session)
            order by m.created_at desc, m.id desc
            limit (select (i ->> 'limit')::integer from input)
            offset (select (i ->> 'offset')::integer from input)
        )
        select 'ok'::text as outcome,
            coalesce((select json_agg(n order by n.created_at, n.id) from newest n), '[]') as body
        from session";
    type Input = Input;
}
