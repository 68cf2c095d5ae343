//! A78: a person is switched off.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::{Operation, Output};

pub(in super::super) struct DeactivateUser;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct Input {
    /// The person.
    #[schema(format = "uuid")]
    id: String,
}

impl Operation for DeactivateUser {
    const ID: &'static str = "shared_deactivate_user";
    const SCHEMA: &'static str = "shared";
    const PATH: &'static str = "/users/{id}/deactivate";
    const SUMMARY: &'static str = "Switch a person off";
    const DESCRIPTION: &'static str = "All sessions of the person are ended. One who is off already is answered as they are. \
        There is an entry in the trail.";
    const CALLERS: &'static [&'static str] = &["service_role"];
    const IS_SERIALIZABLE: bool = true;
    const OUTPUT: Output = Output::Row("users");
    const EXAMPLE: &'static str = "{}";
    const SQL: &'static str = "
        with found as (select u.* from shared.users u where u.id = ($1::jsonb ->> 'id')::uuid for update),
        changed as (
            update shared.users u set is_active = false
            from found f
            where u.id = f.id and f.is_active
            returning u.*
        ),
        revoked as (
            update shared.sessions s set revoked_at = now()
            from found f
            where s.user_id = f.id and s.revoked_at is null
            returning s.id
        ),
        trail as (
            insert into shared.audit_logs (user_id, service, action, resource_type, resource_id, success, metadata)
            select auth.user_uuid(), 'shared', 'deactivate', 'user', f.id::text, true,
                jsonb_build_object('sessions', (select count(*) from revoked))
            from found f
            where f.is_active or exists (select from revoked)
        )
        select 'ok'::text as outcome, coalesce((select to_json(c) from changed c), to_json(f)) as body from found f";
    type Input = Input;
}
