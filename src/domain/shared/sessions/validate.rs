//! A77: whose token it is.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::{super::BACKENDS, Session, session};
use crate::domain::{Operation, Output};

pub(in super::super) struct ValidateSession;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct Input {
    /// The token that was shown when the session was opened.
    #[schema(min_length = 1, max_length = 200)]
    token: String,
}

/// The session and whose it is.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Answer {
    session: Session,
    user: User,
}

/// A person.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct User {
    #[schema(format = "uuid")]
    id: String,
    email: String,
    name: String,
    /// Right across applications.
    role: String,
    #[schema(value_type = Object)]
    metadata: Value,
    is_active: bool,
    #[schema(format = "date-time")]
    created_at: String,
    #[schema(format = "date-time")]
    updated_at: String,
}

impl Operation for ValidateSession {
    const ID: &'static str = "shared_validate_session";
    const SCHEMA: &'static str = "shared";
    const PATH: &'static str = "/sessions/validate";
    const SUMMARY: &'static str = "Whose a token is";
    const DESCRIPTION: &'static str = "A token that is not known, has expired or was revoked, or whose person was switched off, \
        is none (404). That it was used is noted once a minute.";
    const CALLERS: &'static [&'static str] = BACKENDS;
    // Whoever revokes it meanwhile is waited for, and heeded.
    const IS_SERIALIZABLE: bool = true;
    const OUTPUT: Output = Output::of::<Answer>();
    const EXAMPLE: &'static str = r#"{"token": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"}"#;
    const SQL: &'static str = concat!(
        "with found as (
            select s.*
            from shared.sessions s
            where s.token_hash = encode(sha256(convert_to($1::jsonb ->> 'token', 'UTF8')), 'hex')
                and s.expires_at > now() and s.revoked_at is null
        ),
        person as (select u.* from shared.users u, found s where u.id = s.user_id and u.is_active),
        seen as (
            update shared.sessions s set last_seen_at = now()
            from found f, person
            where s.id = f.id and s.last_seen_at <= now() - interval '1 minute'
            returning s.*
        ),
        current as (
            select * from seen
            union all
            select f.* from found f where not exists (select from seen)
        )
        select 'ok'::text as outcome, json_build_object('session', ",
        session!(),
        ", 'user', to_json(p)) as body
        from current s, person p"
    );
    type Input = Input;
}
