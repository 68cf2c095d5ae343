//! A10: the key to Billy.dk in clear.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::CONNECTOR;
use crate::domain::{Open, Operation, Output};

pub(super) struct RevealApiKey;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = BillyRevealApiKey)]
pub(super) struct Input {
    /// The organisation.
    #[schema(format = "uuid")]
    organization_id: String,
}

/// The key, for the call that it is needed for.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = BillyRevealedApiKey)]
struct Answer {
    #[schema(format = "uuid")]
    organization_id: String,
    billy_organization_id: String,
    billy_api_key: String,
    #[schema(format = "date-time")]
    api_key_rotated_at: String,
}

impl Operation for RevealApiKey {
    const ID: &'static str = "billy_reveal_api_key";
    const SCHEMA: &'static str = "billy";
    const PATH: &'static str = "/organizations/{organization_id}/reveal_api_key";
    const SUMMARY: &'static str = "Read an organisation's key in clear";
    const DESCRIPTION: &'static str =
        "Of an active organisation. Each call leaves an entry in the trail; the answer must not be stored.";
    const CALLERS: &'static [&'static str] = CONNECTOR;
    const OUTPUT: Output = Output::of::<Answer>();
    const OPENS: &'static [Open] = &[Open::Text("billy_api_key")];
    const EXAMPLE: &'static str = "{}";
    const SQL: &'static str = "
        with found as (
            select id, billy_organization_id, billy_api_key, api_key_rotated_at, is_active
            from billy.organizations
            where id = ($1::jsonb ->> 'organization_id')::uuid
        ),
        trail as (
            insert into shared.audit_logs (user_id, service, action, resource_type, resource_id, success, metadata)
            select auth.user_uuid(), 'billy', 'reveal_secret', 'organizations', id::text, true,
                jsonb_build_object('role', auth.caller_role())
            from found
            where is_active
        )
        select 'ok'::text as outcome, json_build_object(
            'organization_id', id, 'billy_organization_id', billy_organization_id,
            'billy_api_key', json_build_object('sealed', billy_api_key), 'api_key_rotated_at', api_key_rotated_at) as body
        from found
        where is_active
        union all
        select 'invalid_state', json_build_object(
            'message', 'The organisation is switched off',
            'current', json_build_object('is_active', false), 'allowed', json_build_object('is_active', true))
        from found
        where not is_active";
    type Input = Input;
}
