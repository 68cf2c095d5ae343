//! Secrets of operations, on their way in and out.
//!
//! What an operation takes is sealed before its statement gets to see it, and what it gives is opened when the transaction
//! has ended and the answer has been kept for its `Idempotency-Key`: neither the database nor what is kept there has a secret
//! in clear.

use axum::{
    body::Body,
    http::{HeaderValue, Response, header},
};
use bytes::Bytes;
use serde_json::Value;

use crate::{
    domain::{Described, SealError, Sealer},
    error::Problem,
};

/// A body as a key is kept for: of one that holds secrets only a name, which tells nothing about them, where a plain digest of
/// a short one would to whoever guesses.
///
/// # Errors
/// There is a key, and nothing can be done with it.
pub(in crate::http) fn named(sealer: Option<&Sealer>, holds_secrets: bool, body: &Bytes) -> Result<Bytes, Problem> {
    let Some(sealer) = sealer.filter(|_| holds_secrets) else { return Ok(body.clone()) };
    let name = sealer.fingerprint(&String::from_utf8_lossy(body)).map_err(unsealed)?;
    Ok(Bytes::copy_from_slice(&name))
}

/// Puts secrets into an answer in clear. Whoever keeps answers is told not to keep this one.
///
/// # Errors
/// A secret that can't be opened; or one in a unit of work, whose answer may be kept.
pub(super) async fn open(
    sealer: Option<&Sealer>,
    operation: &Described,
    is_part: bool,
    response: Response<Body>,
) -> Result<Response<Body>, Problem> {
    if operation.opens.is_empty() || !response.status().is_success() {
        return Ok(response);
    }
    let (mut head, body) = response.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.map_err(|error| Problem::internal(error.to_string()))?;
    let Ok(Value::Object(mut answer)) = serde_json::from_slice(&body) else {
        return Ok(Response::from_parts(head, body.into()));
    };
    for open in operation.opens {
        let has_opened = open.open(sealer, &mut answer).map_err(unsealed)?;
        if has_opened && is_part {
            return Err(not_in_batch());
        }
    }
    head.headers.remove(header::CONTENT_LENGTH);
    head.headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(Response::from_parts(head, Value::Object(answer).to_string().into()))
}

/// Refuses what would keep a secret, or give it without an entry in the trail: a key, whose answer comes again, and a batch, which
/// undoes refusals with their entries.
///
/// # Errors
/// 400.
pub(super) fn refuse_kept(has_key: bool, is_part: bool) -> Result<(), Problem> {
    if has_key {
        let message = "An answer with a secret is not kept for an Idempotency-Key";
        return Err(Problem::new(400, "idempotency.secret", message).hint("Leave the key out"));
    }
    match is_part {
        true => Err(not_in_batch()),
        false => Ok(()),
    }
}

fn not_in_batch() -> Problem {
    Problem::new(400, "operation.not_in_batch", "A secret is answered to a call of its own alone")
}

/// What is told of a secret that can't be sealed or opened: what to configure, or nothing.
pub(super) fn unsealed(error: SealError) -> Problem {
    match error {
        SealError::NoKey => {
            Problem::new(501, "operation.no_encryption_key", "This needs a key that secrets are encrypted with")
                .hint("Set ENCRYPTION_KEY and ENCRYPTION_SALT, and start the service again")
        }
        SealError::Unreadable => Problem::new(
            500,
            "operation.secret_unreadable",
            "The secret can't be opened with the key that is configured",
        ),
        SealError::Impossible => Problem::internal(error.to_string()),
    }
}
