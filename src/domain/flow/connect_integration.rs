//! F19: a connection to an outer system.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::BACKEND;
use crate::domain::{Operation, Output};

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
    /// Connection details and credentials, encrypted as a whole: AES-256-GCM, `iv:tag:ciphertext` in hex.
    #[schema(max_length = 600000)]
    config_encrypted: String,
    /// The owner's id.
    #[schema(min_length = 1, max_length = 200)]
    owner: String,
}

impl Operation for ConnectIntegration {
    const ID: &'static str = "flow_connect_integration";
    const SCHEMA: &'static str = "flow";
    const PATH: &'static str = "/integrations/connect";
    const SUMMARY: &'static str = "Connect an outer system";
    const DESCRIPTION: &'static str =
        "The configuration comes encrypted and is never answered; that it was stored goes into the trail.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const CREATES: bool = true;
    const OUTPUT: Output = Output::of::<super::answers::Integration>();
    const EXAMPLE: &'static str = r#"{"name": "Operations channel", "type": "slack", "owner": "c1", "config_encrypted":
        "000102030405060708090a0b0c0d0e0f:000102030405060708090a0b0c0d0e0f:c0ffee"}"#;
    const SQL: &'static str = "
        with input as (select $1::jsonb as i),
        faults as (
            select json_agg(json_build_object('field', field, 'reason', reason)) as list
            from input, lateral (values
                ('name', 'must not be blank', btrim(i ->> 'name') = ''),
                ('type', 'must not be blank', btrim(i ->> 'type') = ''),
                ('owner', 'must not be blank', btrim(i ->> 'owner') = ''),
                ('config_encrypted', 'must be AES-256-GCM, iv:tag:ciphertext in hex',
                    not flow.is_of_type(i ->> 'config_encrypted', 'ciphertext'))
            ) rule (field, reason, is_broken)
            where is_broken
        ),
        made as (
            insert into flow.integrations (name, type, config, owner)
            select btrim(i ->> 'name'), btrim(i ->> 'type'), jsonb_build_object('enc', i ->> 'config_encrypted'),
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
            'created_at', m.created_at, 'updated_at', m.updated_at) as body
        from made m
        union all
        select 'invalid_input', list from faults where list is not null";
    type Input = Input;
}
