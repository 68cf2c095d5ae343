//! A11: another key to Billy.dk.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::CONNECTOR;
use crate::domain::{Complete, Operation, Output};

pub(super) struct RotateApiKey;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = BillyRotateApiKey)]
pub(super) struct Input {
    /// The organisation.
    #[schema(format = "uuid")]
    organization_id: String,
    /// The key to Billy.dk from now on.
    #[schema(min_length = 1, max_length = 500, format = "password")]
    billy_api_key: String,
}

/// When the key was replaced.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = BillyRotatedApiKey)]
struct Answer {
    #[schema(format = "uuid")]
    id: String,
    billy_organization_id: String,
    has_billy_api_key: bool,
    #[schema(format = "date-time")]
    api_key_rotated_at: String,
    #[schema(format = "date-time")]
    updated_at: String,
}

impl Operation for RotateApiKey {
    const ID: &'static str = "billy_rotate_api_key";
    const SCHEMA: &'static str = "billy";
    const PATH: &'static str = "/organizations/{organization_id}/rotate_api_key";
    const SUMMARY: &'static str = "Replace an organisation's key";
    const DESCRIPTION: &'static str =
        "The key is encrypted before it is stored, and not in the answer. There is an entry in the trail.";
    const CALLERS: &'static [&'static str] = CONNECTOR;
    const OUTPUT: Output = Output::of::<Answer>();
    const COMPLETE: Option<Complete> = Some(super::trim_key);
    const SEALS: &'static [&'static str] = &["billy_api_key"];
    const EXAMPLE: &'static str = r#"{"billy_api_key": "another key of Billy.dk"}"#;
    const SQL: &'static str = "
        with input as (select $1::jsonb as i),
        changed as (
            update billy.organizations o set billy_api_key = i ->> 'billy_api_key', api_key_rotated_at = now()
            from input
            where o.id = (i ->> 'organization_id')::uuid
            returning o.id, o.billy_organization_id, o.api_key_rotated_at, o.updated_at
        ),
        trail as (
            insert into shared.audit_logs (user_id, service, action, resource_type, resource_id, success, metadata)
            select auth.user_uuid(), 'billy', 'rotate_secret', 'organizations', id::text, true,
                jsonb_build_object('role', auth.caller_role())
            from changed
        )
        select 'ok'::text as outcome, json_build_object(
            'id', id, 'billy_organization_id', billy_organization_id, 'has_billy_api_key', true,
            'api_key_rotated_at', api_key_rotated_at, 'updated_at', updated_at) as body
        from changed";
    type Input = Input;
}
