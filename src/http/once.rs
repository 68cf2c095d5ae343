//! One effect for one key: a request that is sent again with the same `Idempotency-Key` gets its first answer again.
//!
//! In: a request that writes, its key, and how to serve it. Out: its answer, or that of the first one with the key. The
//! answer is kept in the transaction of the effect: both are there, or neither. A key belongs to its caller, and to one
//! method, path and body, for 24 hours. What is refused leaves nothing behind, and may be tried again with the same key.
//! IETF draft: The Idempotency-Key HTTP Header Field.

use std::sync::{Arc, LazyLock, OnceLock};

use axum::{
    body::Body,
    http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode, header, request::Parts},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use bytes::Bytes;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::{
    App,
    again::{Attempt, until_done},
    request,
    respond::OwnTag,
    unit::Unit,
};
use crate::{
    auth::Identity,
    config::Surface,
    db::{Access, DbError, Isolation, Row, Transaction},
    domain,
    error::Problem,
    sql::Statement,
};

const KEY: &str = "idempotency-key";
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// Larger answers are not kept, in bytes: they are not what is sent again for a lost connection.
const MOST: usize = 4 << 20;

/// What is known of a key. Asked in a transaction of its own, so that a SERIALIZABLE one need not have read what others write. It sweeps
/// what is no longer good, whosever it was.
static LOOK: LazyLock<Arc<str>> = LazyLock::new(|| {
    "with swept as (
         delete from shared.idempotency_keys
         where ctid = any (array(
             select ctid from shared.idempotency_keys where created_at <= now() - interval '24 hours' limit 100
             for update skip locked))
     )
     select case when k.fingerprint = $2 then 'known' else 'other' end, k.status::text, k.headers::text, k.body
     from shared.idempotency_keys k
     where k.principal = (select json_build_array(current_setting('app.current_role', true),
             current_setting('app.current_org_id', true), current_setting('app.current_user_id', true))::text)
         and k.key = $1 and k.created_at > now() - interval '24 hours'"
        .into()
});

/// Whether nobody else is at a key.
static CLAIM: LazyLock<Arc<str>> = LazyLock::new(|| {
    "select pg_try_advisory_xact_lock(hashtextextended(json_build_array(current_setting('app.current_role', true),
         current_setting('app.current_org_id', true), current_setting('app.current_user_id', true), $1::text)::text, 0))::text"
        .into()
});

/// Keeps an answer; no row where somebody was faster.
static KEEP: LazyLock<Arc<str>> = LazyLock::new(|| {
    "insert into shared.idempotency_keys as k (key, fingerprint, status, headers, body)
     values ($1, $2, $3::smallint, $4::jsonb, $5::bytea)
     on conflict (principal, key) do update
         set fingerprint = excluded.fingerprint, status = excluded.status, headers = excluded.headers,
             body = excluded.body, created_at = now()
         where k.created_at <= now() - interval '24 hours'
     returning 'kept'::text"
        .into()
});

/// A refusal that has written an entry in a trail: that stays, and the request may be sent again.
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

    /// What a key was sent for: method, path and parameters within a scope, such as a schema, what is preferred, and the
    /// body as it was sent.
    pub fn new(key: String, scope: &str, parts: &Parts, body: &[u8]) -> Self {
        let mut digest = Sha256::new();
        let mut add = |part: &[u8]| {
            digest.update((part.len() as u64).to_be_bytes());
            digest.update(part);
        };
        let path = parts.uri.path_and_query().map_or("", |path| path.as_str());
        [scope, parts.method.as_str(), path].iter().for_each(|part| add(part.as_bytes()));
        for name in ["content-type", "prefer"] {
            let values: Vec<_> = parts.headers.get_all(name).iter().map(HeaderValue::as_bytes).collect();
            add(&values.join(&b", "[..]));
        }
        add(body);
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
    let (keyed, serve, needed) = (&Keyed { app, identity, key }, &serve, &OnceLock::new());
    until_done(|| async move {
        if let Some(known) = keyed.look().await? {
            return Ok(Attempt::Done(known));
        }
        let isolation = isolation.max(needed.get().copied());
        let unit = Unit::begin(&app.database, identity, isolation).await;
        let unit = unit.map_err(|error| Problem::database(&error, true))?;
        let attempt = keyed.attempt(&unit, serve).await;
        // Nothing is left of it where it was committed; and what can't be rolled back is closed.
        let _ = unit.roll_back().await;
        if let Some(isolation) = unit.lacks() {
            let _ = needed.set(isolation);
        }
        match attempt {
            _ if unit.is_hindered() => Ok(Attempt::Hindered),
            // It may have been refused for what another one with the key has done meanwhile.
            Err(problem) => keyed.look().await?.map_or(Err(problem), |known| Ok(Attempt::Done(known))),
            attempt => attempt,
        }
    })
    .await
}

/// A request with a key.
struct Keyed<'k> {
    app: &'k App,
    identity: &'k Identity,
    key: &'k Key,
}

impl Keyed<'_> {
    /// The answer that was given before, if there was one.
    async fn look(&self) -> Result<Option<Response<Body>>, Problem> {
        let look = Transaction { isolation: Some(Isolation::ReadCommitted), ..keeping(self.key.statement(&LOOK, [])) };
        let found = self.app.database.run(self.identity, look).await.map_err(|error| no_store(&error))?;
        match found.rows.first() {
            Some(known) if known.get(0) == Some(b"known") => again(known).map(Some),
            Some(_) => Err(reused()),
            None => Ok(None),
        }
    }

    async fn attempt<F>(&self, unit: &Unit, serve: impl Fn(Unit) -> F) -> Result<Attempt<Response<Body>>, Problem>
    where
        F: Future<Output = Result<Response<Body>, Problem>>,
    {
        let run = |statement| async move { unit.run(self.identity, &keeping(statement)).await };
        let claim = Statement { text: CLAIM.clone(), parameters: vec![Some(self.key.key.clone().into())] };
        let claimed = run(claim).await.map_err(|error| no_store(&error))?;
        if claimed.rows.first().and_then(|row| row.get(0)) != Some(b"true") {
            let problem = Problem::new(409, "idempotency.in_flight", "A call with this Idempotency-Key is under way");
            return Err(problem.header("retry-after", "1"));
        }
        let (head, body) = serve(unit.clone()).await?.into_parts();
        let body = axum::body::to_bytes(body, MOST).await.map_err(|_| too_large())?;
        if head.extensions.get::<LeavesTrail>().is_some() {
            unit.commit().await.map_err(|error| Problem::database(&error, true))?;
            return Ok(Attempt::Done(Response::from_parts(head, body.into())));
        }
        let status = head.status.as_u16().to_string();
        let kept = self.key.statement(&KEEP, [status, written(&head.headers).to_string(), bytea(&body)]);
        if run(kept).await.map_err(|error| no_store(&error))?.rows.is_empty() {
            return Ok(Attempt::Hindered);
        }
        unit.commit().await.map_err(|error| Problem::database(&error, true))?;
        Ok(Attempt::Done(Response::from_parts(head, body.into())))
    }
}

/// As the operator of `shared`, whose tables no caller may touch.
pub(super) fn keeping(main: Statement) -> Transaction {
    let role = Some(domain::operator("shared").as_str().into());
    Transaction { role, ..Transaction::new(Access::ReadWrite, main) }
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

fn too_large() -> Problem {
    let message = format!("An answer of more than {MOST} bytes is not kept for an Idempotency-Key; nothing was done");
    Problem::new(422, "idempotency.answer_too_large", message)
        .hint("Ask for less, as with Prefer: return=minimal, or leave the key out")
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
        response.headers_mut().append(name, HeaderValue::from_bytes(value.as_bytes()).map_err(|_| broken())?);
    }
    if response.headers().contains_key(header::ETAG) {
        response.extensions_mut().insert(OwnTag);
    }
    response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    Ok(response)
}

/// Headers as they are kept: pairs, since one may be there twice. How long a stage took is of this answer alone.
fn written(headers: &HeaderMap) -> serde_json::Value {
    let kept = headers.iter().filter(|(name, _)| !["server-timing", header::DATE.as_str()].contains(&name.as_str()));
    kept.filter_map(|(name, value)| Some(json!([name.as_str(), str::from_utf8(value.as_bytes()).ok()?]))).collect()
}

/// Bytes as Postgres reads them (Postgres: Binary Data Types, hex format).
fn bytea(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from(b"0123456789abcdef"[usize::from(nibble)]);
    let digits = bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]);
    ['\\', 'x'].into_iter().chain(digits).collect()
}
