//! The marker by which a read finds, on a replica, what was written before it.
//!
//! In: requests. Out: with an answer to one that may have written, the position of the log after it, in `X-Database-LSN`; and
//! of a request that has the header, the position that a replica must have reached. The caller's reads here need no marker:
//! what it wrote last, or may have, is remembered. Without replicas none of this is done.

use std::sync::LazyLock;

use axum::{
    body::Body,
    extract::Request,
    http::{HeaderMap, HeaderName, HeaderValue, Response},
    middleware::Next,
};

use super::{App, keys, once::LeavesTrail, request, respond::Failure};
use crate::{
    auth::Identity,
    db::{Access, Position, Transaction},
    error::Problem,
    sql::Statement,
};

/// The marker's header, of answers and of requests.
pub const MARKER: HeaderName = HeaderName::from_static("x-database-lsn");

/// Where the log is: what was committed before is before it.
static POSITION: LazyLock<Statement> = LazyLock::new(|| Statement {
    text: "SELECT pg_catalog.pg_current_wal_insert_lsn()::text".into(),
    parameters: Vec::new(),
});

/// The position that a request asks for.
///
/// # Errors
/// The header is none, or is there twice.
pub(super) fn marker(headers: &HeaderMap) -> Result<Option<Position>, Problem> {
    let Some(text) = request::text(headers, MARKER.as_str())? else { return Ok(None) };
    text.trim().parse::<Position>().map(Some).map_err(|wanted| {
        let message = format!("The header '{MARKER}' is no position: wanted {wanted}");
        Problem::new(400, "request.invalid_header", message)
            .hint("Send it as an answer to a write had it, or leave it out")
    })
}

/// Of an answer: its transaction could not write.
#[derive(Clone, Copy)]
struct OnlyRead;

/// Says of an answer that its transaction could not write, whatever the request's method.
pub(super) fn only_read(mut response: Response<Body>) -> Response<Body> {
    response.extensions_mut().insert(OnlyRead);
    response
}

/// Serves a request; and where it may have written, marks its answer and remembers that its caller has.
pub(super) async fn marked(app: &App, request: Request, next: Next) -> Response<Body> {
    let only_reads = request.method().is_safe() || request::is_query(request.method());
    if only_reads || app.replicas.are_none() {
        return next.run(request).await;
    }
    // Large values, on the way of few requests.
    Box::pin(mark(app, request, next)).await
}

async fn mark(app: &App, request: Request, next: Next) -> Response<Body> {
    let Ok(caller) = keys::identify(app, request.method(), request.headers()).await else {
        return next.run(request).await;
    };
    let mut write = Write { app, caller: &caller, is_over: false };
    let mut response = next.run(request).await;
    if response.extensions().get::<OnlyRead>().is_some() {
        write.is_over = true;
        return response;
    }
    if is_refused(&response) {
        // Little that is refused has written, and it costs no trip: but some is refused after it was committed.
        app.replicas.note(&caller, None);
        write.is_over = true;
        return response;
    }
    let position = position(app, &caller).await;
    app.replicas.note(&caller, position);
    // Where it was the connection that failed, what it was running may still be committed.
    write.is_over = !response.status().is_server_error();
    if let Some(value) = position.and_then(|position| HeaderValue::from_str(&position.to_string()).ok()) {
        response.headers_mut().insert(MARKER, value);
    }
    response
}

/// Whether a request was refused by the service and left nothing on purpose. With a status that the database has set it was
/// done all the same.
fn is_refused(response: &Response<Body>) -> bool {
    let extensions = response.extensions();
    let is_failure = extensions.get::<Failure>().is_some() && extensions.get::<LeavesTrail>().is_none();
    response.status().is_client_error() && is_failure
}

/// A write under way. Dropped before it is over, its client gone or its time up, it may be committed all the same.
struct Write<'w> {
    app: &'w App,
    caller: &'w Identity,
    is_over: bool,
}

impl Drop for Write<'_> {
    fn drop(&mut self) {
        if !self.is_over {
            self.app.replicas.note_unfinished(self.caller);
        }
    }
}

async fn position(app: &App, caller: &Identity) -> Option<Position> {
    let asked = Transaction::new(Access::ReadOnly, POSITION.clone());
    let outcome = app.database.run(caller, asked).await;
    let outcome =
        outcome.inspect_err(|error| tracing::warn!(reason = error.reason(), "the log's position is not known"));
    std::str::from_utf8(outcome.ok()?.rows.first()?.get(0)?).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use axum::http::StatusCode;

    use super::*;
    use crate::http::respond;

    #[test]
    fn what_is_kept_in_a_trail_or_has_a_status_of_the_database_was_done() {
        let refused = |status| respond::problem(&Problem::new(status, "42501", "no"));
        assert!(is_refused(&refused(403)) && !is_refused(&refused(503)));
        let mut kept = refused(403);
        kept.extensions_mut().insert(LeavesTrail);
        let mut set = Response::new(Body::empty());
        *set.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
        assert!(!is_refused(&kept) && !is_refused(&set));
    }

    #[test]
    fn a_marker_is_a_position_or_an_error() {
        let of = |values: &[&'static str]| {
            let values = values.iter().map(|value| (MARKER, HeaderValue::from_static(value)));
            marker(&values.fold(HeaderMap::new(), |mut headers, (name, value)| {
                headers.append(name, value);
                headers
            }))
            .map_err(|problem| problem.status)
        };
        assert_eq!(of(&[]), Ok(None));
        assert_eq!(of(&["16/B374D848"]), Ok("16/B374D848".parse().ok()));
        for wrong in [&["now"][..], &[""], &["1/1", "1/1"]] {
            assert_eq!(of(wrong), Err(400), "{wrong:?}");
        }
    }
}
