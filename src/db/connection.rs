//! One connection: its client, the half that moves its bytes, and what is prepared on it.
//!
//! In: work for the client. Out: what the work gives. The task that has the work moves the bytes too, so that
//! everything it asks for leaves in one write, and no other task has to be woken for the answer.

use std::{
    future::poll_fn,
    pin::pin,
    task::{Context, Poll},
    time::Duration,
};

use tokio_postgres::Client;
use tokio_postgres_rustls::MakeRustlsConnect;

use super::{cache::Statements, connect::Wire};

/// How often a cancelled statement is cancelled again, and how many times.
const CANCEL_INTERVAL: Duration = Duration::from_millis(500);
const CANCELS: usize = 10;
/// How long what nobody waits for may go on: a cancel has an interval, and so has the wait after it.
pub(super) const LONGEST_CANCEL: Duration = CANCEL_INTERVAL.saturating_mul(2 * CANCELS as u32);

/// A connection of the pool.
pub(super) struct Connection {
    client: Client,
    /// `None` once the connection has ended.
    wire: Option<Wire>,
    pub(super) statements: Statements,
    /// Which generation of connections it is of; see `Manager`.
    pub(super) generation: u64,
}

impl Connection {
    pub(super) fn new((client, wire): (Client, Wire), statements: Statements, generation: u64) -> Self {
        Self { client, wire: Some(wire), statements, generation }
    }

    /// Does some work, moving the connection's bytes meanwhile.
    ///
    /// Whoever drops this future before its end must not use the connection again: answers would be mistaken for
    /// those of other questions' transaction.
    pub(super) async fn drive<T>(&mut self, work: impl AsyncFnOnce(&Client, &mut Statements) -> T) -> T {
        let Self { client, wire, statements, .. } = self;
        let mut work = pin!(work(client, statements));
        poll_fn(|cx| {
            loop {
                if let Poll::Ready(done) = work.as_mut().poll(cx) {
                    return Poll::Ready(done);
                }
                if advance(wire, cx) {
                    // The wire is at rest: what it has read, the work may go on with.
                    return work.as_mut().poll(cx);
                }
            }
        })
        .await
    }

    /// Whether the connection still stands, as far as the socket knows without asking the server.
    pub(super) fn is_alive(&mut self, cx: &mut Context<'_>) -> bool {
        advance(&mut self.wire, cx);
        self.wire.is_some() && !self.client.is_closed()
    }

    /// Ends what the connection is running; it must not be used afterwards. The statement may be between two steps
    /// just when a cancel request arrives, which then does nothing: it is repeated until the server has answered all.
    pub(super) async fn abandon(&mut self, tls: MakeRustlsConnect) {
        let token = self.client.cancel_token();
        for _ in 0..CANCELS {
            let cancel = tokio::time::timeout(CANCEL_INTERVAL, token.cancel_query(tls.clone()));
            if matches!(cancel.await, Ok(Err(_))) {
                return;
            }
            // Answers come in order: when this one is there, so are all.
            let rest = self.drive(async |client, _| client.check_connection().await);
            if tokio::time::timeout(CANCEL_INTERVAL, rest).await.is_ok() {
                return;
            }
        }
    }
}

/// Moves bytes until there is nothing to move (true), or the connection has just ended (false: who waits on it must be
/// polled once more, and will be told).
fn advance(wire: &mut Option<Wire>, cx: &mut Context<'_>) -> bool {
    while let Some(open) = wire {
        match open.poll_message(cx) {
            // Notices and notifications are for nobody here, and notices may hold values.
            Poll::Ready(Some(Ok(_))) => {}
            Poll::Ready(Some(Err(_)) | None) => {
                // Dropping it tells all who wait for an answer that there will be none.
                *wire = None;
                return false;
            }
            Poll::Pending => return true,
        }
    }
    true
}
