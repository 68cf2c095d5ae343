//! F22: a value for workflows is stored.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::BACKEND;
use crate::domain::{Complete, Operation, Output, SealError};

pub(super) struct SetVariable;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = FlowSetVariable)]
pub(super) struct Input {
    /// Its name.
    #[schema(min_length = 1, max_length = 200)]
    key: String,
    /// The value, in clear.
    #[schema(max_length = 65536)]
    value: String,
    /// The workflow; absent is global.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 100)]
    workflow_id: Option<String>,
    /// Whether the value is a secret: encrypted, and hidden. Must be said where the value that it replaces is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(default = false)]
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

/// Sets a secret apart, with the types that it could be of: once it is sealed, nobody can tell.
fn set_apart(input: &mut Map<String, Value>) -> Result<(), SealError> {
    if input.get("is_secret") != Some(&Value::Bool(true)) {
        return Ok(());
    }
    if let Some(Value::String(value)) = input.remove("value") {
        let json = serde_json::from_str::<Value>(&value);
        // JSON knows no other way to write a number; blanks around one are no part of it.
        let is_number = matches!(json, Ok(Value::Number(_))) && value.trim() == value;
        let fits = [
            ("string", true),
            ("number", is_number),
            ("boolean", ["true", "false"].contains(&value.as_str())),
            ("json", json.is_ok()),
        ];
        let fits: Vec<_> = fits.into_iter().filter(|(_, fits)| *fits).map(|(name, _)| Value::from(name)).collect();
        input.insert("fits".to_owned(), fits.into());
        input.insert("secret".to_owned(), value.into());
    }
    Ok(())
}

impl Operation for SetVariable {
    const ID: &'static str = "flow_set_variable";
    const SCHEMA: &'static str = "flow";
    const PATH: &'static str = "/variables/set";
    const SUMMARY: &'static str = "Store a value for workflows";
    const DESCRIPTION: &'static str = "By workflow and key, or by key among the global ones: made, or replaced. A value \
        must be of its type. A secret is encrypted before it is stored and not answered; that it was stored or replaced goes \
        into the trail.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const IS_SERIALIZABLE: bool = true;
    const OUTPUT: Output = Output::of::<super::answers::Variable>();
    const COMPLETE: Option<Complete> = Some(set_apart);
    const SEALS: &'static [&'static str] = &["secret"];
    const EXAMPLE: &'static str = r#"{"key": "reminder_days", "value": "8", "type": "number"}"#;
    const SQL: &'static str = "
        with input as (select $1::jsonb as i),
        wanted as (
            select i, btrim(i ->> 'key') as key, i ->> 'workflow_id' as workflow_id,
                i ? 'secret' as is_secret, coalesce(i ->> 'secret', i ->> 'value') as value,
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
                ('value', 'must be a ' || w.type,
                    case when i ? 'secret' then not i -> 'fits' ? w.type else not flow.is_of_type(i ->> 'value', w.type) end),
                ('is_secret', 'must be given where the value that is replaced is a secret',
                    was_secret and not i ? 'is_secret')
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
