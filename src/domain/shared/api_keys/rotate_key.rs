//! Another key in the place of one.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{NewKey, OPERATORS, make_key};
use crate::domain::{Complete, Open, Operation, Output};

pub(super) struct RotateKey;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SharedRotateApiKey)]
pub(super) struct Input {
    /// The key's id.
    #[schema(format = "uuid")]
    id: String,
}

impl Operation for RotateKey {
    const ID: &'static str = "shared_rotate_api_key";
    const SCHEMA: &'static str = "shared";
    const PATH: &'static str = "/api_keys/{id}/rotate";
    const SUMMARY: &'static str = "Replace a key";
    const DESCRIPTION: &'static str = "It stands for the same; the old one ceases to be good within ten seconds. The key is in \
        this answer and in no other. There is an entry in the trail.";
    const CALLERS: &'static [&'static str] = OPERATORS;
    const OUTPUT: Output = Output::of::<NewKey>();
    const COMPLETE: Option<Complete> = Some(make_key);
    const SEALS: &'static [&'static str] = &["key"];
    const OPENS: &'static [Open] = &[Open::Text("key")];
    const EXAMPLE: &'static str = "{}";
    const SQL: &'static str = "
        with input as (select $1::jsonb as i),
        changed as (
            update shared.api_keys k set key_hash = i ->> 'key_hash', key_start = i ->> 'key_start', last_used_at = null
            from input
            where k.id = (i ->> 'id')::uuid and k.revoked_at is null
            returning k.*
        ),
        trail as (
            insert into shared.audit_logs (user_id, service, action, resource_type, resource_id, success)
            select auth.user_uuid(), 'shared', 'rotate_key', 'api_key', c.id::text, true from changed c
        )
        select 'ok'::text as outcome, json_build_object(
            'id', c.id, 'name', c.name, 'key', json_build_object('sealed', i ->> 'key'), 'key_start', c.key_start,
            'role', c.role, 'organizations', c.organizations, 'person', c.person, 'read_only', c.read_only,
            'expires_at', c.expires_at, 'created_at', c.created_at) as body
        from changed c, input
        union all
        select 'invalid_state', json_build_object(
            'message', 'The key was revoked',
            'current', json_build_object('is_revoked', true), 'allowed', json_build_object('is_revoked', false))
        from shared.api_keys k, input
        where k.id = (i ->> 'id')::uuid and not exists (select from changed)";
    type Input = Input;
}
