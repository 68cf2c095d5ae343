//! A transaction that several requests of one caller take part in.
//!
//! In: what each asks for ([`Transaction`]), one after the other. Out: its [`Outcome`]. Each runs as if it had a transaction
//! of its own: under its own role and settings, with nothing left of those before it, and a read can't write. What they
//! wrote is there for the next, and becomes everybody's with [`Session::commit`], or nobody's with [`Session::rollback`].
//! Dropped, it is rolled back, and what it was running is cancelled.

use std::time::Instant;

use super::{
    Access, Database, DbError, Isolation, Outcome, Transaction,
    cache::LOGIN,
    database::{count, isolation},
    failure::Failure,
    lease::Lease,
    reset::{LEFT_BEHIND, end_and_reset},
    run::{Frame, begin_text, run_within},
    statement::prepare,
};
use crate::auth::Identity;

/// A transaction that somebody is in.
pub struct Session {
    database: Database,
    lease: Lease,
    isolation: Option<Isolation>,
}

impl Session {
    pub(super) async fn begin(
        database: Database,
        mut lease: Lease,
        isolation: Option<Isolation>,
    ) -> Result<Self, Failure> {
        let (begun, is_over) = lease
            .drive(async |client, statements| {
                let begun = async {
                    prepare(client, statements, &LOGIN, &[&*LEFT_BEHIND]).await?;
                    client.batch_execute(begin_text(Access::ReadWrite, isolation)).await
                };
                let begun = begun.await;
                let is_over = begun.is_err() && client.batch_execute("ROLLBACK").await.is_ok();
                (begun, is_over)
            })
            .await;
        match begun {
            Ok(()) => lease.open(),
            Err(error) => {
                let failure = Failure::Begin(error);
                database.learn(&mut lease, &failure);
                if is_over {
                    lease.clean();
                }
                return Err(failure);
            }
        }
        Ok(Self { database, lease, isolation })
    }

    /// The isolation level that a transaction needs, where this one's is lower.
    pub fn lacks(&self, identity: &Identity, transaction: &Transaction) -> Option<Isolation> {
        let role = transaction.role.as_ref().unwrap_or(&identity.role);
        let wanted = isolation(self.database.role_settings().of(role), transaction);
        wanted.filter(|wanted| self.isolation.is_none_or(|isolation| isolation < *wanted))
    }

    /// Runs what a request asks for, constraints that are checked at the end included. Its isolation and its end are those of
    /// the whole: whether that is isolated enough says [`Session::lacks`]. After an error only
    /// [`Session::rollback`] makes sense.
    ///
    /// # Errors
    /// [`DbError`], as of [`Database::run`].
    pub async fn run(&mut self, identity: &Identity, transaction: &Transaction) -> Result<Outcome, DbError> {
        let role_settings = self.database.role_settings();
        let frame = Frame::of(identity, &role_settings, transaction);
        let started = Instant::now();
        let outcome = run_within(&mut self.lease, &frame, transaction).await;
        self.database.observe(&transaction.main.text, transaction.access, started.elapsed());
        outcome.map_err(|failure| {
            self.database.learn(&mut self.lease, &failure);
            let error = failure.into_error(frame.role);
            count(&error);
            error
        })
    }

    /// Commits.
    ///
    /// # Errors
    /// [`DbError`]: a constraint that is checked at the end, or a lost connection.
    pub async fn commit(self) -> Result<(), DbError> {
        self.end("COMMIT").await
    }

    /// Rolls back.
    ///
    /// # Errors
    /// [`DbError::Unavailable`]; the transaction is rolled back all the same.
    pub async fn rollback(self) -> Result<(), DbError> {
        self.end("ROLLBACK").await
    }

    async fn end(mut self, text: &str) -> Result<(), DbError> {
        let (ended, is_clean) = self
            .lease
            .drive(async |client, statements| end_and_reset(client, text, statements.get(&LOGIN, &LEFT_BEHIND)).await)
            .await;
        if is_clean {
            self.lease.clean();
        }
        ended.map_err(DbError::from).inspect_err(count)
    }
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session").finish_non_exhaustive()
    }
}
