//! F18: a webhook was called.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::BACKEND;
use crate::domain::{Operation, Output};

pub(super) struct NoteWebhookRequest;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = FlowNoteWebhookRequest)]
pub(super) struct Input {
    /// The webhook.
    id: String,
}

impl Operation for NoteWebhookRequest {
    const ID: &'static str = "flow_note_webhook_request";
    const SCHEMA: &'static str = "flow";
    const PATH: &'static str = "/webhooks/{id}/hit";
    const SUMMARY: &'static str = "Count a request to a webhook";
    const DESCRIPTION: &'static str = "The webhook must be active. A count is no edit: updated_at stays.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const OUTPUT: Output = Output::of::<super::answers::Webhook>();
    const EXAMPLE: &'static str = "{}";
    const SQL: &'static str = "
        with input as (select $1::jsonb as i),
        changed as (
            update flow.webhooks h set request_count = h.request_count + 1, last_request_at = now()
            from input
            where h.id = i ->> 'id' and h.is_active
            returning h.*
        )
        select 'ok'::text as outcome, json_build_object(
            'id', c.id, 'workflow_id', c.workflow_id, 'name', c.name, 'url', c.url, 'method', c.method,
            'has_secret', c.secret is not null, 'allowed_ips', c.allowed_ips, 'is_active', c.is_active,
            'request_count', c.request_count, 'last_request_at', c.last_request_at, 'created_at', c.created_at,
            'updated_at', c.updated_at) as body
        from changed c
        union all
        select 'invalid_state', json_build_object(
            'current', json_build_object('is_active', false), 'allowed', json_build_object('is_active', true))
        from flow.webhooks h, input where h.id = i ->> 'id' and not exists (select from changed)";
    type Input = Input;
}
