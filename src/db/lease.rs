//! A connection, for one caller, and what becomes of it when the caller goes away.
//!
//! In: a pooled connection. Out: the same, clean, to the pool; or closed, with whatever it was running cancelled.

use std::time::Duration;

use deadpool::managed::Object as Managed;
use tokio::sync::OwnedSemaphorePermit;
use tokio_postgres::Client;

use super::{
    cache::Statements,
    connection::Connection,
    pool::{Manager, Object},
    reset::end_and_reset,
};

/// How long a forgotten transaction may take to roll back.
const ROLLBACK_TIMEOUT: Duration = Duration::from_secs(5);

/// A connection, for one caller.
pub(super) struct Lease {
    held: Option<Held>,
    state: State,
}

/// The connection and its role's share of the pool, given back together.
struct Held {
    connection: Object,
    _share: OwnedSemaphorePermit,
}

/// What a connection would be like if its caller went away now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Between transactions, with nothing left of the last one.
    Clean,
    /// Inside a transaction, with nothing running.
    Open,
    /// Answers are to come.
    Running,
    /// Not fit for another caller.
    Spoiled,
}

impl Lease {
    pub(super) fn new(connection: Object, share: OwnedSemaphorePermit) -> Self {
        Self { held: Some(Held { connection, _share: share }), state: State::Clean }
    }

    /// Does some work on the connection. If this future is dropped before its end, the work is cancelled.
    pub(super) async fn drive<T>(&mut self, work: impl AsyncFnOnce(&Client, &mut Statements) -> T) -> T {
        self.state = State::Running;
        let done = self.connection().drive(work).await;
        self.state = State::Spoiled;
        done
    }

    /// The work ended with the transaction: the next caller may have the connection.
    pub(super) fn clean(&mut self) {
        self.state = State::Clean;
    }

    /// The work left a transaction open.
    pub(super) fn open(&mut self) {
        self.state = State::Open;
    }

    pub(super) fn connection(&mut self) -> &mut Connection {
        &mut self.held.as_mut().expect("only dropping takes the connection").connection
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let Some(held) = self.held.take() else { return };
        match (self.state, tokio::runtime::Handle::try_current()) {
            (State::Clean, _) => {}
            (State::Open, Ok(runtime)) => drop(runtime.spawn(held.roll_back())),
            (State::Running, Ok(runtime)) => drop(runtime.spawn(held.abandon())),
            (State::Spoiled, _) | (_, Err(_)) => held.close(),
        }
    }
}

impl Held {
    async fn roll_back(mut self) {
        let rollback = self.connection.drive(async |client, _| end_and_reset(client, "ROLLBACK", None).await);
        let is_clean = matches!(tokio::time::timeout(ROLLBACK_TIMEOUT, rollback).await, Ok((Ok(()), true)));
        if !is_clean {
            self.close();
        }
    }

    /// The place in the pool is kept until the server has let go: callers that come and go can't pile up backends.
    async fn abandon(mut self) {
        if let Some(pool) = Managed::<Manager>::pool(&self.connection) {
            let tls = pool.manager().server.tls();
            self.connection.abandon(tls).await;
        }
        self.close();
    }

    fn close(self) {
        drop(Managed::take(self.connection));
    }
}
