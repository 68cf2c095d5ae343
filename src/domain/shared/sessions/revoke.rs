//! A77: sessions are ended early: one, or all of a person.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    super::{BACKENDS, service},
    Session, session,
};
use crate::domain::{Operation, Output};

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct Input {
    /// The session, or the person.
    #[schema(format = "uuid")]
    id: String,
}

pub(in super::super) struct RevokeSession;

impl Operation for RevokeSession {
    const ID: &'static str = "shared_revoke_session";
    const SCHEMA: &'static str = "shared";
    const PATH: &'static str = "/sessions/{id}/revoke";
    const SUMMARY: &'static str = "End a session";
    const DESCRIPTION: &'static str =
        "One that was ended already is answered as it is. There is an entry in the trail.";
    const CALLERS: &'static [&'static str] = BACKENDS;
    const IS_SERIALIZABLE: bool = true;
    const OUTPUT: Output = Output::of::<Session>();
    const EXAMPLE: &'static str = "{}";
    const SQL: &'static str = concat!(
        "with found as (select s.* from shared.sessions s where s.id = ($1::jsonb ->> 'id')::uuid for update),
        changed as (
            update shared.sessions s set revoked_at = now()
            from found f
            where s.id = f.id and f.revoked_at is null
            returning s.*
        ),
        trail as (
            insert into shared.audit_logs (user_id, service, action, resource_type, resource_id, success)
            select auth.user_uuid(), ",
        service!(),
        ", 'revoke', 'session', c.id::text, true from changed c
        )
        select 'ok'::text as outcome, ",
        session!(),
        " as body
        from (select * from changed union all select * from found where revoked_at is not null) as s"
    );
    type Input = Input;
}

pub(in super::super) struct RevokeSessions;

/// How many were ended.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Answer {
    /// Those that were good until now.
    revoked: i64,
}

impl Operation for RevokeSessions {
    const ID: &'static str = "shared_revoke_sessions";
    const SCHEMA: &'static str = "shared";
    const PATH: &'static str = "/users/{id}/revoke_sessions";
    const SUMMARY: &'static str = "End all sessions of a person";
    const DESCRIPTION: &'static str =
        "In every application. There is an entry in the trail where there was one to end.";
    const CALLERS: &'static [&'static str] = BACKENDS;
    const IS_SERIALIZABLE: bool = true;
    const OUTPUT: Output = Output::of::<Answer>();
    const EXAMPLE: &'static str = "{}";
    const SQL: &'static str = concat!(
        "with person as (select u.id from shared.users u where u.id = ($1::jsonb ->> 'id')::uuid),
        changed as (
            update shared.sessions s set revoked_at = now()
            from person p
            where s.user_id = p.id and s.revoked_at is null
            returning s.expires_at
        ),
        answer as (select count(*) filter (where expires_at > now()) as revoked, count(*) > 0 as is_change from changed),
        trail as (
            insert into shared.audit_logs (user_id, service, action, resource_type, resource_id, success, metadata)
            select auth.user_uuid(), ",
        service!(),
        ", 'revoke_sessions', 'user', p.id::text, true, jsonb_build_object('sessions', a.revoked)
            from person p, answer a
            where a.is_change
        )
        select 'ok'::text as outcome, json_build_object('revoked', a.revoked) as body from person p, answer a"
    );
    type Input = Input;
}
