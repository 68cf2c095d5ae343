//! A key is taken back.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::OPERATORS;
use crate::domain::{Operation, Output};

pub(super) struct RevokeKey;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SharedRevokeApiKey)]
pub(super) struct Input {
    /// The key's id.
    #[schema(format = "uuid")]
    id: String,
}

/// When it was taken back.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SharedRevokedApiKey)]
struct Answer {
    #[schema(format = "uuid")]
    id: String,
    name: String,
    #[schema(format = "date-time")]
    revoked_at: String,
}

impl Operation for RevokeKey {
    const ID: &'static str = "shared_revoke_api_key";
    const SCHEMA: &'static str = "shared";
    const PATH: &'static str = "/api_keys/{id}/revoke";
    const SUMMARY: &'static str = "Take a key back";
    const DESCRIPTION: &'static str = "It ceases to be good within ten seconds. Again, it answers when that was. There is an \
        entry in the trail.";
    const CALLERS: &'static [&'static str] = OPERATORS;
    const OUTPUT: Output = Output::of::<Answer>();
    const EXAMPLE: &'static str = "{}";
    const SQL: &'static str = "
        with changed as (
            update shared.api_keys k set revoked_at = now()
            where k.id = ($1::jsonb ->> 'id')::uuid and k.revoked_at is null
            returning k.id, k.name, k.revoked_at
        ),
        trail as (
            insert into shared.audit_logs (user_id, service, action, resource_type, resource_id, success)
            select auth.user_uuid(), 'shared', 'revoke_key', 'api_key', id::text, true from changed
        )
        select 'ok'::text as outcome, json_build_object('id', id, 'name', name, 'revoked_at', revoked_at) as body
        from changed
        union all
        -- Where another call did it at the same moment, this one does not see when.
        select 'ok', json_build_object('id', k.id, 'name', k.name, 'revoked_at', coalesce(k.revoked_at, now()))
        from shared.api_keys k
        where k.id = ($1::jsonb ->> 'id')::uuid and not exists (select from changed)";
    type Input = Input;
}
