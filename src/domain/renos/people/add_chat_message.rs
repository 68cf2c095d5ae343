//! A53: something is said in a conversation with the assistant.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::PEOPLE;
use crate::domain::{Operation, Output};

pub(super) struct AddChatMessage;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// The conversation.
    id: String,
    /// The person whose conversation it has to be.
    #[schema(min_length = 1, max_length = 255)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    user_id: Option<String>,
    /// Who says it.
    role: Role,
    /// What is said.
    #[schema(min_length = 1, max_length = 1_048_576)]
    content: String,
    /// Actions, suggestions and data that come with it, up to 256 KiB.
    #[schema(value_type = Option<Object>)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    metadata: Option<Map<String, Value>>,
}

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = RenosChatRole)]
enum Role {
    User,
    Assistant,
    System,
}

impl Operation for AddChatMessage {
    const ID: &'static str = "renos_add_chat_message";
    const SCHEMA: &'static str = "renos";
    const PATH: &'static str = "/chat_sessions/{id}/messages";
    const SUMMARY: &'static str = "Add a message to a conversation with the assistant";
    const DESCRIPTION: &'static str = "The conversation is among the newest of the person with it.";
    const CALLERS: &'static [&'static str] = PEOPLE;
    const CREATES: bool = true;
    const OUTPUT: Output = Output::Row("chat_messages");
    const EXAMPLE: &'static str = r#"{"role": "user", "content": "Which jobs are open on Friday?"}"#;
    const SQL: &'static str = "
        with input as (
            select i, coalesce(octet_length(i ->> 'metadata') > 262144, false) as is_too_long
            from (select $1::jsonb) as given (i)
        ),
        session as materialized (
            select s.id from renos.chat_sessions s, input
            where s.id = i ->> 'id' and (not i ? 'user_id' or s.user_id = i ->> 'user_id')
            for no key update of s
        ),
        made as (
            insert into renos.chat_messages (session_id, role, content, metadata)
            select s.id, i ->> 'role', i ->> 'content', i -> 'metadata'
            from session s, input
            where not is_too_long
            returning *
        ),
        touched as (
            update renos.chat_sessions s set updated_at = now() from made m where s.id = m.session_id
        )
        select 'created' as outcome, to_json(m) as body from made m
        union all
        select 'invalid_input',
            json_build_array(json_build_object('field', 'metadata', 'reason', 'must be 256 KiB or less'))
        from input, session
        where is_too_long";
    type Input = Input;
}
