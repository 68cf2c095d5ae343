//! A77: somebody signs in.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::{
    super::{BACKENDS, service},
    Session, session,
};
use crate::domain::{Operation, Output};

pub(in super::super) struct OpenSession;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct Input {
    /// The person.
    #[schema(format = "uuid")]
    user_id: String,
    /// Application signed in to: vault, billy, renos, crm, flow, dashboard or another word.
    #[schema(min_length = 1, max_length = 50)]
    app: String,
    /// For how many hours it is good; 24 unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 8_760)]
    ttl_hours: Option<i32>,
    /// Address at sign-in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 100)]
    ip_address: Option<String>,
    /// Client at sign-in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 10_000)]
    user_agent: Option<String>,
    /// Attributes; none unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    metadata: Option<Value>,
}

/// The session, and its token for the only time.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Answer {
    /// 64 hexadecimal digits.
    token: String,
    session: Session,
}

impl Operation for OpenSession {
    const ID: &'static str = "shared_open_session";
    const SCHEMA: &'static str = "shared";
    const PATH: &'static str = "/sessions/open";
    const SUMMARY: &'static str = "Open a sign-in session";
    const DESCRIPTION: &'static str = "The person must be active. The token is made here and shown in this answer alone; \
        what is stored is its hash. Since no answer with it is kept, it takes no Idempotency-Key and is no step of a batch. There is an entry in the trail.";
    const CALLERS: &'static [&'static str] = BACKENDS;
    const ANSWERS_SECRET: bool = true;
    // Who is being switched off has no new session afterwards.
    const IS_SERIALIZABLE: bool = true;
    const CREATES: bool = true;
    const OUTPUT: Output = Output::of::<Answer>();
    const EXAMPLE: &'static str =
        r#"{"user_id": "11111111-1111-4111-8111-111111111111", "app": "crm", "ttl_hours": 8}"#;
    const SQL: &'static str = concat!(
        "with input as (select $1::jsonb as i),
        person as (select u.id, u.is_active from shared.users u, input where u.id = (i ->> 'user_id')::uuid),
        fault (field, reason) as (
            select 'metadata', 'must be 256 KiB or less' from input where octet_length(i ->> 'metadata') > 262144
        ),
        -- 366 random bits, of which 256 are left.
        secret as materialized (
            select encode(
                sha256(convert_to(concat(gen_random_uuid(), gen_random_uuid(), gen_random_uuid()), 'UTF8')), 'hex') as token
        ),
        opened as (
            insert into shared.sessions (user_id, app, token_hash, ip_address, user_agent, metadata, expires_at)
            select p.id, btrim(i ->> 'app'), encode(sha256(convert_to(token, 'UTF8')), 'hex'), btrim(i ->> 'ip_address'),
                btrim(i ->> 'user_agent'), coalesce(i -> 'metadata', '{}'),
                now() + make_interval(hours => coalesce((i -> 'ttl_hours')::integer, 24))
            from person p, input, secret
            where p.is_active and not exists (select from fault)
            returning *
        ),
        trail as (
            insert into shared.audit_logs (user_id, service, action, resource_type, resource_id, success)
            select s.user_id, ",
        service!(),
        ", 'create', 'session', s.id::text, true from opened s
        )
        select 'created'::text as outcome, json_build_object('token', token, 'session', ",
        session!(),
        ") as body
        from opened s, secret
        union all
        select 'invalid_input', json_agg(f) from fault f having count(*) > 0
        union all
        select 'invalid_state', json_build_object(
            'message', 'The person may not sign in', 'current', json_build_object('is_active', false),
            'allowed', json_build_object('is_active', true))
        from person p
        where not p.is_active and not exists (select from fault)
        union all
        select 'unprocessable', json_build_object('message', 'There is no such person', 'field', 'user_id')
        where not exists (select from person) and not exists (select from fault)"
    );
    type Input = Input;
}
