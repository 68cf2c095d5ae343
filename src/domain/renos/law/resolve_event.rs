//! A60: an incident is dealt with.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::BACKEND;
use crate::domain::{Operation, Output};

pub(super) struct ResolveEvent;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// The event.
    id: String,
    /// Who dealt with it; the caller where it is absent.
    #[schema(min_length = 1, max_length = 255)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    resolved_by: Option<String>,
}

impl Operation for ResolveEvent {
    const ID: &'static str = "renos_resolve_security_event";
    const SCHEMA: &'static str = "renos";
    const PATH: &'static str = "/security_events/{id}/resolve";
    const SUMMARY: &'static str = "Resolve an incident";
    const DESCRIPTION: &'static str = "It is resolved once; of two who do, one does.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const OUTPUT: Output = Output::Row("security_events");
    const EXAMPLE: &'static str = r#"{"resolved_by": "c019a0b1c2d3e4f5a6b7c8d9e"}"#;
    const SQL: &'static str = "
        with input as (select $1::jsonb as i),
        found as materialized (
            select e.* from renos.security_events e, input where e.id = i ->> 'id' for update of e
        ),
        changed as (
            update renos.security_events e
            set resolved = true, resolved_at = now(), resolved_by = coalesce(i ->> 'resolved_by', auth.user_id())
            from found f, input
            where e.id = f.id and not f.resolved
            returning e.*
        )
        select 'ok' as outcome, to_json(c) as body from changed c
        union all
        select 'invalid_state', json_build_object(
            'current', json_build_object('resolved', f.resolved), 'allowed', json_build_object('resolved', false))
        from found f
        where f.resolved";
    type Input = Input;
}
