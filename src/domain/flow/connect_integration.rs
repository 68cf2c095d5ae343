//! F19: a connection to an outer system.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::BACKEND;
use crate::domain::{Complete, Operation, Output, SealError};

pub(super) struct ConnectIntegration;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = FlowConnectIntegration)]
pub(super) struct Input {
    /// Its name.
    #[schema(min_length = 1, max_length = 200)]
    name: String,
    /// Its kind: `slack`, `email`, `http`, `database` or a word of the caller's.
    #[schema(min_length = 1, max_length = 100)]
    r#type: String,
    /// Connection details and credentials, an object of up to 256 KiB.
    #[schema(value_type = Object)]
    config: Value,
    /// The owner's id.
    #[schema(min_length = 1, max_length = 200)]
    owner: String,
}

/// An integration without its configuration.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = FlowConnectedIntegration)]
struct Answer {
    id: String,
    name: String,
    r#type: String,
    status: String,
    last_error: Option<String>,
    owner: String,
    usage_count: i32,
    #[schema(value_type = Option<String>, format = "date-time")]
    last_used_at: Option<String>,
    #[schema(value_type = String, format = "date-time")]
    created_at: String,
    #[schema(value_type = String, format = "date-time")]
    updated_at: String,
    /// What the configuration is made of: names only.
    config_keys: Vec<String>,
}

/// Names are read before the configuration is sealed as a whole.
fn name_keys(input: &mut Map<String, Value>) -> Result<(), SealError> {
    let config = input.get("config").and_then(Value::as_object);
    let keys: Vec<_> = config.into_iter().flat_map(Map::keys).map(|key| Value::from(key.as_str())).collect();
    input.insert("config_keys".to_owned(), keys.into());
    Ok(())
}

impl Operation for ConnectIntegration {
    const ID: &'static str = "flow_connect_integration";
    const SCHEMA: &'static str = "flow";
    const PATH: &'static str = "/integrations/connect";
    const SUMMARY: &'static str = "Connect an outer system";
    const DESCRIPTION: &'static str =
        "The configuration is encrypted as a whole and not answered; that it was stored goes into the trail.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const CREATES: bool = true;
    const OUTPUT: Output = Output::of::<Answer>();
    const EXAMPLE: &'static str = r#"{"name": "Operations channel", "type": "slack", "owner": "c1",
        "config": {"channel": "drift", "token": "a token of Slack"}}"#;
    const COMPLETE: Option<Complete> = Some(name_keys);
    const SEALS: &'static [&'static str] = &["config"];
    const SQL: &'static str = "
        with input as (select $1::jsonb as i),
        faults as (
            select json_agg(json_build_object('field', field, 'reason', reason)) as list
            from input, lateral (values
                ('name', 'must not be blank', btrim(i ->> 'name') = ''),
                ('type', 'must not be blank', btrim(i ->> 'type') = ''),
                ('owner', 'must not be blank', btrim(i ->> 'owner') = ''),
                -- Sealed, each byte is two digits, after 66 characters.
                ('config', 'must be 256 KiB or less', octet_length(i ->> 'config') > 66 + 2 * 262144)
            ) rule (field, reason, is_broken)
            where is_broken
        ),
        made as (
            insert into flow.integrations (name, type, config, owner)
            select btrim(i ->> 'name'), btrim(i ->> 'type'), jsonb_build_object('enc', i -> 'config'),
                btrim(i ->> 'owner')
            from input, faults
            where list is null
            returning *
        ),
        trail as (
            insert into shared.audit_logs (user_id, service, action, resource_type, resource_id, success)
            select auth.user_uuid(), 'flow', 'set_secret', 'integration', m.id, true from made m
        )
        select 'created'::text as outcome, json_build_object(
            'id', m.id, 'name', m.name, 'type', m.type, 'status', m.status, 'last_error', m.last_error,
            'owner', m.owner, 'usage_count', m.usage_count, 'last_used_at', m.last_used_at,
            'created_at', m.created_at, 'updated_at', m.updated_at,
            'config_keys', i -> 'config_keys') as body
        from made m, input
        union all
        select 'invalid_input', list from faults where list is not null";
    type Input = Input;
}
