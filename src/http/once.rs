//! One effect for one key: a request that is sent again with the same `Idempotency-Key` gets its first answer again.
//!
//! In: a request that writes, its key, and how to serve it. Out: its answer, or that of the first one with the key. The
//! answer is kept in the transaction of the effect: both are there, or neither. A key belongs to its caller, and to one
//! method, path and body, for 24 hours. What is refused leaves nothing behind, and may be tried again with the same key.
//! IETF draft: The Idempotency-Key HTTP Header Field.

use std::sync::{Arc, LazyLock};

use axum::{
    body::Body,
    http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode, header, request::Parts},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use bytes::Bytes;
use sha2::{Digest as _, Sha256};

use super::{
    App,
    again::{Attempt, until_done},
    request,
    unit::Unit,
};
use crate::{
    auth::Identity,
    config::Surface,
    db::{Access, Check, DbError, End, Isolation, Outcome, Row, Transaction},
    domain,
    error::Problem,
    sql::Statement,
};

const KEY: &str = "idempotency-key";
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// Whether nobody else is at a key. Asked before anything is read: what another call did is seen by the next statement.
static CLAIM: LazyLock<Arc<str>> = LazyLock::new(|| {
    "select pg_try_advisory_xact_lock(hashtextextended(concat_ws('|', current_setting('app.current_role', true),
         current_setting('app.current_org_id', true), current_setting('app.current_user_id', true), $1::text), 0))::text"
        .into()
});

/// What is known of a key.
static LOOK: LazyLock<Arc<str>> = LazyLock::new(|| {
    "select case when k.fingerprint = $2 then 'known' else 'other' end, k.status::text, k.headers::text, k.body
     from shared.idempotency_keys k
     where k.principal = concat_ws('|', current_setting('app.current_role', true),
             current_setting('app.current_org_id', true), current_setting('app.current_user_id', true))
         and k.key = $1 and k.created_at > now() - interval '24 hours'"
        .into()
});

/// Keeps an answer, and sweeps old ones of the caller's; no row where somebody was faster.
static KEEP: LazyLock<Arc<str>> = LazyLock::new(|| {
    "with swept as (
         delete from shared.idempotency_keys
         where key <> $1 and ctid = any (array(
             select ctid from shared.idempotency_keys where created_at <= now() - interval '24 hours' limit 100
             for update skip locked))
     )
     insert into shared.idempotency_keys as k (key, fingerprint, status, headers, body)
     values ($1, $2, $3::smallint, $4::jsonb, $5::bytea)
     on conflict (principal, key) do update
         set fingerprint = excluded.fingerprint, status = excluded.status, headers = excluded.headers,
             body = excluded.body, created_at = now()
         where k.created_at <= now() - interval '24 hours'
     returning 'kept'::text"
        .into()
});

/// A refusal that has written an entry in a trail, which is to stay.
#[derive(Clone, Copy)]
pub(super) struct LeavesTrail;

/// A key, and what it was sent for.
pub(super) struct Key {
    key: String,
    fingerprint: String,
}

impl Key {
    /// The key of a request that may write, where it has one. In PostgREST's surface alone the header means nothing.
    ///
    /// # Errors
    /// It is empty, too long, or no text.
    pub fn of(app: &App, parts: &Parts) -> Result<Option<String>, Problem> {
        let may_write = [Method::POST, Method::PUT, Method::PATCH, Method::DELETE].contains(&parts.method);
        if !may_write || matches!(app.config.server.surface, Surface::PostgrestAlone) {
            return Ok(None);
        }
        let Some(key) = request::text(&parts.headers, KEY)? else { return Ok(None) };
        if key.is_empty() || key.chars().count() > 255 || key.contains('\0') {
            let problem = Problem::new(400, "request.invalid_header", "The header 'idempotency-key' is no key");
            return Err(problem.hint("Send 1 to 255 characters, such as a UUID made for this call"));
        }
        Ok(Some(key.to_owned()))
    }

    /// What a key was sent for: method, path, parameters, schema and body, which may be written another way.
    pub fn new(key: String, parts: &Parts, body: &[u8]) -> Self {
        let mut digest = Sha256::new();
        let profile = parts.headers.get("content-profile").map_or(&b""[..], HeaderValue::as_bytes);
        let body = match serde_json::from_slice::<serde_json::Value>(body) {
            Ok(value) => value.to_string().into(),
            Err(_) => Bytes::copy_from_slice(body),
        };
        for part in [parts.method.as_str().as_bytes(), parts.uri.to_string().as_bytes(), profile, &body] {
            digest.update((part.len() as u64).to_be_bytes());
            digest.update(part);
        }
        Self { key, fingerprint: URL_SAFE_NO_PAD.encode(digest.finalize()) }
    }

    fn statement(&self, text: &Arc<str>, more: impl IntoIterator<Item = String>) -> Statement {
        let own = [self.key.clone(), self.fingerprint.clone()];
        let parameters = own.into_iter().chain(more).map(|text| Some(text.into())).collect();
        Statement { text: text.clone(), parameters }
    }
}

/// Serves a request unless its key says that it was served, and keeps its answer.
///
/// # Errors
/// Those of serving; a key that was used for something else, or is in use; a caller whom nobody knows.
pub(super) async fn once<F>(
    app: &App,
    identity: &Identity,
    key: &Key,
    isolation: Option<Isolation>,
    serve: impl Fn(Unit) -> F,
) -> Result<Response<Body>, Problem>
where
    F: Future<Output = Result<Response<Body>, Problem>>,
{
    if !identity.authenticated {
        let problem = Problem::new(401, "idempotency.anonymous", "An Idempotency-Key belongs to a caller with a token");
        return Err(problem.hint("Send a token, or leave the key out").header("www-authenticate", "Bearer"));
    }
    let serve = &serve;
    until_done(|| async move {
        let unit = Unit::begin(&app.database, identity, isolation).await;
        let unit = unit.map_err(|error| Problem::database(&error, true))?;
        let attempt = attempt(identity, key, &unit, &serve).await;
        if !matches!(attempt, Ok(Attempt::Done(ref answer)) if answer.status().is_success()) {
            // What can't be rolled back is closed.
            let _ = unit.roll_back().await;
        }
        if unit.is_hindered() { Ok(Attempt::Hindered) } else { attempt }
    })
    .await
}

async fn attempt<F>(
    identity: &Identity,
    key: &Key,
    unit: &Unit,
    serve: impl Fn(Unit) -> F,
) -> Result<Attempt<Response<Body>>, Problem>
where
    F: Future<Output = Result<Response<Body>, Problem>>,
{
    let run = |statement| run(unit, identity, statement);
    let claim = Statement { text: CLAIM.clone(), parameters: vec![Some(key.key.clone().into())] };
    if run(claim).await?.rows.first().and_then(|row| row.get(0)) != Some(b"true") {
        let problem = Problem::new(409, "idempotency.in_flight", "A call with this Idempotency-Key is under way");
        return Err(problem.header("retry-after", "1"));
    }
    if let Some(known) = run(key.statement(&LOOK, [])).await?.rows.first() {
        return if known.get(0) == Some(b"known") { Ok(Attempt::Done(again(known)?)) } else { Err(reused()) };
    }
    let response = serve(unit.clone()).await?;
    if !response.status().is_success() {
        if response.extensions().get::<LeavesTrail>().is_some() {
            unit.commit().await.map_err(|error| Problem::database(&error, true))?;
        }
        return Ok(Attempt::Done(response));
    }
    let (head, body) = response.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.map_err(|error| Problem::internal(error.to_string()))?;
    let more = [head.status.as_u16().to_string(), written(&head.headers).to_string(), format!("\\x{}", hex(&body))];
    if run(key.statement(&KEEP, more)).await?.rows.is_empty() {
        return Ok(Attempt::Hindered);
    }
    unit.commit().await.map_err(|error| Problem::database(&error, true))?;
    Ok(Attempt::Done(Response::from_parts(head, body.into())))
}

async fn run(unit: &Unit, identity: &Identity, statement: Statement) -> Result<Outcome, Problem> {
    unit.run(identity, &keeping(statement)).await.map_err(|error| no_store(&error))
}

/// What keeps keys, and no caller, may touch them.
fn keeping(main: Statement) -> Transaction {
    Transaction {
        access: Access::ReadWrite,
        role: Some(domain::operator("shared").as_str().into()),
        isolation: None,
        settings: Vec::new(),
        pre_request: None,
        main,
        precondition: None,
        count: None,
        estimate: None,
        reads_response_settings: false,
        resets_session: false,
        check: Check::None,
        absent: None,
        end: End::Commit,
    }
}

/// A database that was made without ours has no place for keys.
fn no_store(error: &DbError) -> Problem {
    match error {
        DbError::RoleRefused { .. } => {}
        DbError::Sql(error) if ["42P01", "42703", "42501"].contains(&error.sqlstate.as_str()) => {}
        error => return Problem::database(error, true),
    }
    Problem::new(501, "idempotency.unavailable", "This database has no place for Idempotency-Keys")
        .hint("Run tekup-db migrate, or leave the header out")
}

fn reused() -> Problem {
    Problem::new(422, "idempotency.key_reused", "The Idempotency-Key was used for something else")
        .hint("Make a key for each call, and send it again only with the same method, path and body")
}

/// The answer that was kept.
fn again(kept: &Row) -> Result<Response<Body>, Problem> {
    let broken = || Problem::internal("an answer that was kept can't be read");
    let text = |index| kept.get(index).and_then(|bytes| std::str::from_utf8(bytes).ok());
    let status = text(1).and_then(|text| text.parse().ok()).and_then(|status| StatusCode::from_u16(status).ok());
    let headers: Vec<(String, String)> = text(2).and_then(|text| serde_json::from_str(text).ok()).ok_or_else(broken)?;
    let mut response = Response::new(Bytes::copy_from_slice(kept.get(3).unwrap_or_default()).into());
    *response.status_mut() = status.ok_or_else(broken)?;
    for (name, value) in headers {
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| broken())?;
        response.headers_mut().append(name, HeaderValue::from_str(&value).map_err(|_| broken())?);
    }
    response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    Ok(response)
}

/// Headers as they are kept: pairs, since one may be there twice. How long a stage took is of this answer alone.
fn written(headers: &HeaderMap) -> serde_json::Value {
    let kept = headers.iter().filter(|(name, _)| !["server-timing", header::DATE.as_str()].contains(&name.as_str()));
    kept.filter_map(|(name, value)| Some(serde_json::json!([name.as_str(), value.to_str().ok()?]))).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
