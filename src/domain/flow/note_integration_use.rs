//! F21: an integration was used.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{BACKEND, states::INTEGRATION};
use crate::domain::{Operation, Output, Transition};

pub(super) struct NoteIntegrationUse;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = FlowNoteIntegrationUse)]
pub(super) struct Input {
    /// The integration.
    id: String,
    /// What went wrong; absent where nothing did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 10000)]
    error: Option<String>,
}

impl Operation for NoteIntegrationUse {
    const ID: &'static str = "flow_note_integration_use";
    const SCHEMA: &'static str = "flow";
    const PATH: &'static str = "/integrations/{id}/used";
    const SUMMARY: &'static str = "Count a use of an integration";
    const DESCRIPTION: &'static str = "With an error the integration is in error and keeps it as last_error; without one \
        it is active and last_error is null. One that is switched off is not used.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const TRANSITION: Option<Transition> =
        Some(Transition { of: &INTEGRATION, from: &["active", "error"], to: "active" });
    const OUTPUT: Output = Output::of::<super::answers::Integration>();
    const EXAMPLE: &'static str = r#"{"error": "The service answered 503"}"#;
    const SQL: &'static str = "
        with input as (select $1::jsonb as i),
        faults as (
            select json_build_array(json_build_object('field', 'error', 'reason', 'must not be blank')) as list
            from input where btrim(i ->> 'error') = ''
        ),
        changed as (
            update flow.integrations n
            set usage_count = n.usage_count + 1, last_used_at = now(), last_error = btrim(i ->> 'error'),
                status = case when i ? 'error' then 'error' else i ->> 'to' end
            from input
            where n.id = i ->> 'id' and i -> 'allowed' ? n.status and not exists (select from faults)
            returning n.*
        )
        select 'ok'::text as outcome, json_build_object(
            'id', c.id, 'name', c.name, 'type', c.type, 'status', c.status, 'last_error', c.last_error,
            'owner', c.owner, 'usage_count', c.usage_count, 'last_used_at', c.last_used_at,
            'created_at', c.created_at, 'updated_at', c.updated_at) as body
        from changed c
        union all
        select 'invalid_input', list from faults
        union all
        select 'invalid_state', json_build_object(
            'current', json_build_object('status', n.status), 'allowed', json_build_object('status', i -> 'allowed'))
        from flow.integrations n, input
        where n.id = i ->> 'id' and not exists (select from changed) and not exists (select from faults)";
    type Input = Input;
}
