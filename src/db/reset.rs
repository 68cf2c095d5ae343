//! A session as it was.
//!
//! In: a transaction that is to end, after code of the database's own ran in it. Out: its session, fit for another
//! caller: settings, temporary objects, cursors, advisory locks, channels and SQL's prepared statements are gone; our own
//! prepared statements stay.

use std::{
    pin::pin,
    sync::{Arc, LazyLock},
};

use futures_util::{TryStreamExt as _, future};
use tokio_postgres::{Client, Error, SimpleQueryMessage, Statement as Prepared};

/// What a transaction can have left in its session, undone.
const RESET: &str = "RESET SESSION AUTHORIZATION; RESET ALL; CLOSE ALL; UNLISTEN *; DISCARD TEMP; DISCARD SEQUENCES";

/// The rest: locks, and prepared statements made by SQL, which only their names can drop. Planning it costs more than
/// all of the above, so that it is prepared.
pub(super) static LEFT_BEHIND: LazyLock<Arc<str>> = LazyLock::new(|| {
    "SELECT (SELECT string_agg('DEALLOCATE ' || quote_ident(name), '; ') \
     FROM pg_catalog.pg_prepared_statements WHERE from_sql), pg_catalog.pg_advisory_unlock_all()"
        .into()
});

/// Ends a transaction and undoes what it may have left in its session. Gives whether the session is clean. Without
/// [`LEFT_BEHIND`] prepared, all is one message: a pooler does it in the same session.
pub(super) async fn end_and_reset(client: &Client, end: &str, prepared: Option<Prepared>) -> (Result<(), Error>, bool) {
    let (ended, left) = undo(client, &format!("{end}; {RESET}"), prepared.as_ref()).await;
    let left = match &ended {
        Ok(()) => left,
        // What failed is COMMIT, and Postgres has left out the rest.
        Err(_) => {
            let (first, left) = undo(client, RESET, prepared.as_ref()).await;
            first.and(left)
        }
    };
    let is_clean = match left {
        Ok(None) => true,
        Ok(Some(deallocate)) => client.batch_execute(&deallocate).await.is_ok(),
        Err(_) => false,
    };
    (ended, is_clean)
}

/// Undoes what code of the database's own may have left in a session whose transaction goes on.
pub(super) async fn tidy(client: &Client) -> Result<(), Error> {
    let messages = client
        .simple_query(&format!("CLOSE ALL; UNLISTEN *; DISCARD TEMP; DISCARD SEQUENCES; {}", *LEFT_BEHIND))
        .await?;
    match messages.iter().find_map(left) {
        Some(deallocate) => client.batch_execute(&deallocate).await,
        None => Ok(()),
    }
}

/// The commands that [`LEFT_BEHIND`] asks for.
fn left(message: &SimpleQueryMessage) -> Option<String> {
    match message {
        SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
        _ => None,
    }
}

/// How the first command ended, and which commands are still needed.
async fn undo(
    client: &Client,
    commands: &str,
    prepared: Option<&Prepared>,
) -> (Result<(), Error>, Result<Option<String>, Error>) {
    let Some(prepared) = prepared else {
        let (first, rest) = run(client, &format!("{commands}; {}", *LEFT_BEHIND)).await;
        return (first, rest.map(|messages| messages.iter().find_map(left)));
    };
    let ((first, rest), left) = future::join(run(client, commands), client.query_one(prepared, &[])).await;
    (first, rest.and(left).and_then(|row| row.try_get(0)))
}

/// How the first command ended, and what the others answered.
async fn run(client: &Client, commands: &str) -> (Result<(), Error>, Result<Vec<SimpleQueryMessage>, Error>) {
    let mut messages = match client.simple_query_raw(commands).await {
        Ok(stream) => pin!(stream),
        Err(error) => return (Err(error), Ok(Vec::new())),
    };
    let first = messages.try_next().await.map(drop);
    match first {
        Ok(()) => (first, messages.try_collect().await),
        Err(_) => (first, Ok(Vec::new())),
    }
}
