//! B2: an organisation that the connector serves from now on.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::domain::{Complete, Operation, Output};

pub(super) struct RegisterOrganization;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// Display name.
    #[schema(min_length = 1, max_length = 200)]
    name: String,
    /// The key to Billy.dk. This or `billy_api_key_encrypted`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 500, format = "password")]
    billy_api_key: Option<String>,
    /// The key, encrypted as it is stored, for data that moves in: initialisation vector, tag and ciphertext of AES-256-GCM,
    /// in hexadecimal digits, with colons between.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 68, max_length = 4_200)]
    billy_api_key_encrypted: Option<String>,
    /// The organisation's id in Billy.dk.
    #[schema(min_length = 1, max_length = 100)]
    billy_organization_id: String,
    /// Switches, as in the table; none unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    settings: Option<Value>,
}

/// An organisation, and not its key.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Answer {
    #[schema(format = "uuid")]
    id: String,
    name: String,
    billy_organization_id: String,
    has_billy_api_key: bool,
    #[schema(value_type = Object)]
    settings: Value,
    is_active: bool,
    #[schema(format = "date-time")]
    api_key_rotated_at: String,
    #[schema(format = "date-time")]
    created_at: String,
    #[schema(format = "date-time")]
    updated_at: String,
    /// Nobody yet.
    #[schema(value_type = Vec<Object>)]
    users: Vec<Value>,
}

impl Operation for RegisterOrganization {
    const ID: &'static str = "billy_register_organization";
    const SCHEMA: &'static str = "billy";
    const PATH: &'static str = "/organizations/register";
    const SUMMARY: &'static str = "Register an organisation";
    const DESCRIPTION: &'static str =
        "The key is encrypted before it is stored, and not in the answer. There is an entry in the trail.";
    const CALLERS: &'static [&'static str] = &["service_role"];
    const CREATES: bool = true;
    const OUTPUT: Output = Output::of::<Answer>();
    const COMPLETE: Option<Complete> = Some(super::trim_key);
    const SEALS: &'static [&'static str] = &["billy_api_key"];
    const EXAMPLE: &'static str = r#"{
        "name": "Fjordklar Rengøring ApS", "billy_api_key": "a key of Billy.dk",
        "billy_organization_id": "fjordklar", "settings": {"cacheEnabled": true}
    }"#;
    const SQL: &'static str = "
        with input as (select $1::jsonb as i),
        fault (field, reason) as (
            select 'billy_api_key', 'must be given, or billy_api_key_encrypted, and not both'
            from input
            where (i ? 'billy_api_key') = (i ? 'billy_api_key_encrypted')
            union all
            select 'billy_api_key_encrypted',
                'must be iv:tag:ciphertext in lower-case hexadecimal digits, the first two of 16 bytes'
            from input
            where i ->> 'billy_api_key_encrypted' !~ '^[0-9a-f]{32}:[0-9a-f]{32}:([0-9a-f]{2})+$'
            union all
            select name, 'must not be blank'
            from input, unnest(array['name', 'billy_organization_id']) as name
            where btrim(i ->> name) = ''
            union all
            select 'settings', 'must be 256 KiB or less' from input where octet_length(i ->> 'settings') > 262144
        ),
        made as (
            insert into billy.organizations (name, billy_api_key, billy_organization_id, settings)
            select btrim(i ->> 'name'), coalesce(i ->> 'billy_api_key', i ->> 'billy_api_key_encrypted'),
                btrim(i ->> 'billy_organization_id'), coalesce(i -> 'settings', '{}')
            from input
            where not exists (select from fault)
            on conflict (billy_organization_id) do nothing
            returning id, name, billy_organization_id, settings, is_active, api_key_rotated_at, created_at, updated_at
        ),
        trail as (
            insert into shared.audit_logs (user_id, service, action, resource_type, resource_id, success)
            select auth.user_uuid(), 'billy', 'create', 'organizations', id::text, true from made
        )
        select 'invalid_input'::text as outcome, json_agg(f) as body from fault f having count(*) > 0
        union all
        select 'created', json_build_object(
            'id', id, 'name', name, 'billy_organization_id', billy_organization_id, 'has_billy_api_key', true,
            'settings', settings, 'is_active', is_active, 'api_key_rotated_at', api_key_rotated_at,
            'created_at', created_at, 'updated_at', updated_at, 'users', json_build_array())
        from made
        union all
        select 'conflict', json_build_object(
            'message', 'An organisation of that billy_organization_id is registered already',
            'columns', json_build_array('billy_organization_id'))
        where not exists (select from made) and not exists (select from fault)";
    type Input = Input;
}
