//! One effect for one key: an operation that is called again with the same `Idempotency-Key` gives its first answer again.
//!
//! The answer is kept in the transaction of the effect: both are there, or neither. A key belongs to its caller, and to one
//! operation and input, for 24 hours. What is refused leaves nothing behind, and may be tried again with the same key.

use std::sync::{Arc, LazyLock};

use axum::http::HeaderMap;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use bytes::Bytes;
use sha2::{Digest as _, Sha256};

use crate::{
    auth::Identity,
    db::{Database, DbError, Row, Transaction},
    domain::{Described, Outcome},
    error::Problem,
    http::request,
    sql::Statement,
};

/// Whether nobody else is at a key. Asked before anything is read: what another call did is seen by the next statement.
static CLAIM: LazyLock<Arc<str>> = LazyLock::new(|| {
    "select pg_try_advisory_xact_lock(hashtextextended(concat_ws('|', current_setting('app.current_role', true),
         current_setting('app.current_org_id', true), current_setting('app.current_user_id', true), $1::text), 0))::text"
        .into()
});

/// What is known of a key.
static LOOK: LazyLock<Arc<str>> = LazyLock::new(|| {
    "with mine as (
         select concat_ws('|', current_setting('app.current_role', true), current_setting('app.current_org_id', true),
             current_setting('app.current_user_id', true)) as principal
     )
     select case when k.fingerprint = $2 then 'known' else 'other' end as state, k.outcome, k.body
     from mine
     join shared.idempotency_keys k
         on k.principal = mine.principal and k.key = $1 and k.created_at > now() - interval '24 hours'"
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
     insert into shared.idempotency_keys as k (key, fingerprint, outcome, body) values ($1, $2, $3, $4::json)
     on conflict (principal, key) do update
         set fingerprint = excluded.fingerprint, outcome = excluded.outcome, body = excluded.body, created_at = now()
         where k.created_at <= now() - interval '24 hours'
     returning 'kept'::text"
        .into()
});

/// A key, and what it was sent for.
pub(super) struct Key {
    key: String,
    fingerprint: String,
}

/// What became of a call with a key.
pub(super) enum Once {
    /// The operation's row; whether it is that of an earlier call.
    Answered(Row, Replayed),
    /// Another call with the key was just done.
    Overtaken,
}

/// Whether an answer was given before.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Replayed {
    Yes,
    No,
}

impl Key {
    /// The key of a request, where it has one.
    ///
    /// # Errors
    /// It is empty, too long, or no text.
    pub fn read(headers: &HeaderMap, operation: &Described, parameter: &str) -> Result<Option<Self>, Problem> {
        let Some(key) = request::text(headers, "idempotency-key")? else { return Ok(None) };
        if key.is_empty() || key.chars().count() > 255 || key.contains('\0') {
            let problem = Problem::new(400, "request.invalid_header", "The header 'idempotency-key' is no key");
            return Err(problem.hint("Send 1 to 255 characters, such as a UUID made for this call"));
        }
        let digest = Sha256::digest(format!("{} {parameter}", operation.id));
        Ok(Some(Self { key: key.to_owned(), fingerprint: URL_SAFE_NO_PAD.encode(digest) }))
    }

    fn statement(&self, text: &Arc<str>, more: impl IntoIterator<Item = Option<Bytes>>) -> Statement {
        let own = [self.key.clone(), self.fingerprint.clone()].map(|text| Some(Bytes::from(text)));
        Statement { text: text.clone(), parameters: own.into_iter().chain(more).collect() }
    }
}

/// Runs an operation unless its key says that it was run, and keeps its answer.
pub(super) async fn run(
    database: &Database,
    identity: &Identity,
    transaction: &Transaction,
    key: &Key,
) -> Result<Result<Once, Problem>, DbError> {
    let mut session = database.begin(identity, transaction).await?;
    let turn = Statement { text: CLAIM.clone(), parameters: vec![Some(key.key.clone().into())] };
    let is_mine = session.fetch(&turn).await?.first().is_some_and(|row| row.get(0) == Some(b"true"));
    let claimed = if is_mine { session.fetch(&key.statement(&LOOK, [])).await? } else { Vec::new() };
    let state = match is_mine {
        true => claimed.first().and_then(|row| row.get(0)).unwrap_or_default(),
        false => b"in_flight",
    };
    let known = match state {
        b"known" => {
            let column = |index| claimed.first().and_then(|row| row.get(index)).map(Bytes::copy_from_slice);
            Some(Ok(Once::Answered(Row::new(vec![column(1), column(2)]), Replayed::Yes)))
        }
        b"other" => {
            Some(Err(Problem::new(422, "idempotency.key_reused", "The Idempotency-Key was used for something else")
                .hint("Make a key for each call, and send it again only with the same operation and input")))
        }
        b"in_flight" => {
            Some(Err(Problem::new(409, "idempotency.in_flight", "A call with this Idempotency-Key is under way")
                .header("retry-after", "1")))
        }
        _ => None,
    };
    if let Some(known) = known {
        session.rollback().await?;
        return Ok(known);
    }
    let row = session.fetch(&transaction.main).await?.into_iter().next();
    let is_done = |row: &Row| {
        let word = row.get(0).map(String::from_utf8_lossy);
        word.and_then(|word| Outcome::read(&word)).is_some_and(Outcome::is_success)
    };
    let Some(row) = row else {
        session.rollback().await?;
        return Ok(Err(super::not_found()));
    };
    if !is_done(&row) {
        session.rollback().await?;
        return Ok(Ok(Once::Answered(row, Replayed::No)));
    }
    let column = |index| row.get(index).map(Bytes::copy_from_slice);
    let kept = session.fetch(&key.statement(&KEEP, [column(0), column(1)])).await?;
    if kept.is_empty() {
        session.rollback().await?;
        return Ok(Ok(Once::Overtaken));
    }
    session.commit().await?;
    Ok(Ok(Once::Answered(row, Replayed::No)))
}
