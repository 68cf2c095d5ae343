//! F22: a value for workflows is stored.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::BACKEND;
use crate::domain::{Operation, Output};

pub(super) struct SetVariable;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = FlowSetVariable)]
pub(super) struct Input {
    /// Its name.
    #[schema(min_length = 1, max_length = 200)]
    key: String,
    /// The value in clear. This or `value_encrypted`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 65536)]
    value: Option<String>,
    /// The value of a secret: AES-256-GCM, `iv:tag:ciphertext` in hex. This or `value`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 600000)]
    value_encrypted: Option<String>,
    /// The workflow; absent is global.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 100)]
    workflow_id: Option<String>,
    /// Whether the value is hidden. What comes encrypted is; a secret is replaced by a value in clear only where this says
    /// false.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    is_secret: Option<bool>,
    /// How the value is read; as before where absent, `string` at first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    r#type: Option<Type>,
    /// Text; as before where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 10000)]
    description: Option<String>,
}

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = FlowVariableType)]
enum Type {
    String,
    Number,
    Boolean,
    Json,
}

impl Operation for SetVariable {
    const ID: &'static str = "flow_set_variable";
    const SCHEMA: &'static str = "flow";
    const PATH: &'static str = "/variables/set";
    const SUMMARY: &'static str = "Store a value for workflows";
    const DESCRIPTION: &'static str = "By workflow and key, or by key among the global ones: made, or replaced. A value in \
        clear must be of its type. A secret comes encrypted and is never answered; that it was stored or replaced goes \
        into the trail.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const IS_SERIALIZABLE: bool = true;
    const OUTPUT: Output = Output::of::<super::answers::Variable>();
    const EXAMPLE: &'static str = r#"{"key": "reminder_days", "value": "8", "type": "number"}"#;
    const SQL: &'static str = "
        with input as (select $1::jsonb as i),
        wanted as (
            select i, btrim(i ->> 'key') as key, i ->> 'workflow_id' as workflow_id,
                i ? 'value_encrypted' as is_secret, (i ->> 'is_secret')::boolean as said_secret,
                coalesce(i ->> 'value_encrypted', i ->> 'value') as value,
                coalesce(i ->> 'type', v.type, 'string') as type,
                coalesce(btrim(i ->> 'description'), v.description) as description,
                coalesce(v.is_secret, false) as was_secret
            from input
            left join flow.variables v
                on v.key = btrim(i ->> 'key') and v.workflow_id is not distinct from i ->> 'workflow_id'
        ),
        faults as (
            select json_agg(json_build_object('field', field, 'reason', reason)) as list
            from wanted w, lateral (values
                ('key', 'must not be blank', w.key = ''),
                ('value', 'must be given, or value_encrypted, and not both', (i ? 'value') = (i ? 'value_encrypted')),
                ('value', 'must come encrypted, as value_encrypted, where it is a secret', i ? 'value' and said_secret),
                ('value', 'must be a ' || w.type, not flow.is_of_type(i ->> 'value', w.type)),
                ('value_encrypted', 'must be AES-256-GCM, iv:tag:ciphertext in hex',
                    not flow.is_of_type(i ->> 'value_encrypted', 'ciphertext')),
                ('is_secret', 'must not be false where the value is encrypted', w.is_secret and not said_secret),
                ('is_secret', 'must be false where a value in clear replaces a secret',
                    i ? 'value' and was_secret and said_secret is null)
            ) rule (field, reason, is_broken)
            where is_broken
        ),
        stored as (
            insert into flow.variables (workflow_id, key, value, type, is_secret, encrypted, description)
            select w.workflow_id, w.key, w.value, w.type, w.is_secret, w.is_secret, w.description
            from wanted w, faults
            where list is null
            on conflict (workflow_id, key) do update
            set value = excluded.value, type = excluded.type, is_secret = excluded.is_secret,
                encrypted = excluded.encrypted, description = excluded.description
            returning *
        ),
        trail as (
            insert into shared.audit_logs (user_id, service, action, resource_type, resource_id, success, metadata)
            select auth.user_uuid(), 'flow', case when s.is_secret then 'set_secret' else 'replace_secret' end, 'variable',
                s.id, true, jsonb_build_object('key', s.key, 'workflow_id', s.workflow_id)
            from stored s, wanted w
            where s.is_secret or w.was_secret
        )
        select 'ok'::text as outcome, json_build_object(
            'id', s.id, 'workflow_id', s.workflow_id, 'key', s.key, 'value', case when not s.is_secret then s.value end,
            'type', s.type, 'is_secret', s.is_secret, 'encrypted', s.encrypted, 'description', s.description,
            'created_at', s.created_at, 'updated_at', s.updated_at) as body
        from stored s
        union all
        select 'invalid_input', list from faults where list is not null";
    type Input = Input;
}
