//! A session as it was.
//!
//! In: a transaction that is to end, after code of the database's own ran in it. Out: its session, fit for another
//! caller: settings, temporary objects, cursors, advisory locks, channels and SQL's prepared statements are gone; our own
//! prepared statements stay.

use std::pin::pin;

use futures_util::TryStreamExt as _;
use tokio_postgres::{Client, Error, SimpleQueryMessage};

/// What a transaction can have left in its session, undone. Our own prepared statements stay; those made by SQL are
/// named by the last statement.
const RESET: &str = "RESET SESSION AUTHORIZATION; RESET ALL; CLOSE ALL; UNLISTEN *; DISCARD TEMP; DISCARD SEQUENCES; \
    SELECT pg_catalog.pg_advisory_unlock_all(); \
    SELECT 'DEALLOCATE ' || pg_catalog.quote_ident(name) FROM pg_catalog.pg_prepared_statements WHERE from_sql";

/// Ends a transaction and undoes what it may have left in its session: in one message, so that a pooler does both in
/// the same session. Gives whether the session is clean.
pub(super) async fn end_and_reset(client: &Client, end: &str) -> (Result<(), Error>, bool) {
    let stream = match client.simple_query_raw(&format!("{end}; {RESET}")).await {
        Ok(stream) => stream,
        Err(error) => return (Err(error), false),
    };
    let mut messages = pin!(stream);
    let ended = messages.try_next().await.map(drop);
    let reset = match &ended {
        Ok(()) => messages.try_collect().await,
        // What failed is COMMIT, and Postgres has left out the rest.
        Err(_) => client.simple_query(RESET).await,
    };
    let is_clean = match reset {
        Ok(messages) => deallocate(client, &messages).await.is_ok(),
        Err(_) => false,
    };
    (ended, is_clean)
}

/// Drops the prepared statements that the answer to [`RESET`] names.
async fn deallocate(client: &Client, messages: &[SimpleQueryMessage]) -> Result<(), Error> {
    let named = messages.iter().filter_map(|message| match message {
        // The first row is pg_advisory_unlock_all's, which is void and so of empty text.
        SimpleQueryMessage::Row(row) => row.get(0).filter(|text| !text.is_empty()),
        _ => None,
    });
    let deallocate: Vec<_> = named.collect();
    if deallocate.is_empty() { Ok(()) } else { client.batch_execute(&deallocate.join("; ")).await }
}
