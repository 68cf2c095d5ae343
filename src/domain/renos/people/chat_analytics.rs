//! A54: how much is talked about with the assistant.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::BACKEND;
use crate::domain::{Method, Operation, Output};

pub(super) struct ChatAnalytics;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// Conversations of that organisation; of all that the caller may see where it is absent.
    #[schema(min_length = 1, max_length = 255)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    organization_id: Option<String>,
    /// First day, in Europe/Copenhagen.
    #[schema(format = "date")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    from: Option<String>,
    /// Last day.
    #[schema(format = "date")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    to: Option<String>,
}

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Answer {
    sessions: i64,
    messages: i64,
    messages_by_role: ByRole,
    /// Two decimals; 0 where there is no conversation.
    mean_messages_per_session: f64,
    sessions_by_context: Vec<OfContext>,
    sessions_per_day: Vec<OfDay>,
}

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ByRole {
    user: i64,
    assistant: i64,
    system: i64,
}

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct OfContext {
    context: String,
    sessions: i64,
}

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct OfDay {
    #[schema(format = "date")]
    date: String,
    sessions: i64,
}

impl Operation for ChatAnalytics {
    const ID: &'static str = "renos_chat_analytics";
    const SCHEMA: &'static str = "renos";
    const METHOD: Method = Method::Get;
    const PATH: &'static str = "/chat_sessions/analytics";
    const SUMMARY: &'static str = "How much people talk with the assistant";
    const DESCRIPTION: &'static str = "Conversations that began in the period, and their messages, whenever those came; the most frequent context first, days in order, those without a conversation left out.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const OUTPUT: Output = Output::of::<Answer>();
    const EXAMPLE: &'static str = r#"{"organization_id": "org-1", "from": "2026-01-01", "to": "2026-01-31"}"#;
    const SQL: &'static str = "
        with input as (select $1::jsonb as i),
        sessions as materialized (
            select s.id, s.context, (s.created_at at time zone 'Europe/Copenhagen')::date as day
            from renos.chat_sessions s, input
            where (not i ? 'organization_id' or s.organization_id = btrim(i ->> 'organization_id'))
                and (not i ? 'from'
                    or s.created_at >= (i ->> 'from')::date::timestamp at time zone 'Europe/Copenhagen')
                and (not i ? 'to'
                    or s.created_at < ((i ->> 'to')::date + 1)::timestamp at time zone 'Europe/Copenhagen')
        ),
        messages as (
            select count(*) as messages, count(*) filter (where m.role = 'user') as by_user,
                count(*) filter (where m.role = 'assistant') as by_assistant,
                count(*) filter (where m.role = 'system') as by_system
            from renos.chat_messages m
            join sessions s on s.id = m.session_id
        ),
        contexts as (
            select json_agg(
                json_build_object('context', context, 'sessions', count) order by count desc, context) as list
            from (select context, count(*) as count from sessions group by context) as one
        ),
        days as (
            select json_agg(json_build_object('date', day, 'sessions', count) order by day) as list
            from (select day, count(*) as count from sessions group by day) as one
        ),
        total as (select count(*) as sessions from sessions)
        select 'ok'::text as outcome, json_build_object(
            'sessions', sessions, 'messages', messages,
            'messages_by_role', json_build_object('user', by_user, 'assistant', by_assistant, 'system', by_system),
            'mean_messages_per_session', coalesce(round(messages::numeric / nullif(sessions, 0), 2), 0),
            'sessions_by_context', coalesce(contexts.list, '[]'), 'sessions_per_day', coalesce(days.list, '[]')) as body
        from total, messages, contexts, days";
    type Input = Input;
}
