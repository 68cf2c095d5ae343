//! A unit of work: one transaction that several requests take part in, or a request and what is kept of its answer.

use std::sync::{
    Arc, OnceLock,
    atomic::{AtomicBool, Ordering},
};

use tokio::sync::Mutex;

use super::again::is_hindered;
use crate::{
    auth::Identity,
    db::{Database, DbError, End, Isolation, Outcome, Session, Transaction},
};

/// An open transaction that requests take part in, one after the other. A clone is the same one; with the last of them it
/// is rolled back unless it was committed.
#[derive(Clone, Debug)]
pub struct Unit(Arc<Work>);

#[derive(Debug)]
struct Work {
    session: Mutex<Option<Session>>,
    /// Somebody in it asked for a rollback.
    is_rolled_back: AtomicBool,
    /// Something in it failed: nothing of it can be kept.
    has_failed: AtomicBool,
    /// Others got in its way, or it was not isolated enough.
    is_hindered: AtomicBool,
    /// The isolation level that somebody in it needs.
    lacks: OnceLock<Isolation>,
}

impl Unit {
    /// Begins one.
    ///
    /// # Errors
    /// [`DbError`].
    pub async fn begin(
        database: &Database,
        identity: &Identity,
        isolation: Option<Isolation>,
    ) -> Result<Self, DbError> {
        let session = Mutex::new(Some(database.begin(identity, isolation).await?));
        Ok(Self(Arc::new(Work {
            session,
            is_rolled_back: false.into(),
            has_failed: false.into(),
            is_hindered: false.into(),
            lacks: OnceLock::new(),
        })))
    }

    /// Runs a transaction as a part of it.
    ///
    /// # Errors
    /// [`DbError`].
    pub async fn run(&self, identity: &Identity, transaction: &Transaction) -> Result<Outcome, DbError> {
        let mut session = self.0.session.lock().await;
        let session = session.as_mut().ok_or_else(|| DbError::Protocol("the unit of work has ended".to_owned()))?;
        if let Some(isolation) = session.lacks(identity, transaction) {
            let _ = self.0.lacks.set(isolation);
            self.0.is_hindered.store(true, Ordering::Relaxed);
            self.0.has_failed.store(true, Ordering::Relaxed);
            return Err(DbError::Protocol("the unit of work is not isolated enough".to_owned()));
        }
        if transaction.end == End::Rollback {
            self.0.is_rolled_back.store(true, Ordering::Relaxed);
        }
        let outcome = session.run(identity, transaction).await;
        self.note(&outcome);
        outcome
    }

    /// Commits, unless somebody in it asked for a rollback. Gives whether it was committed.
    ///
    /// # Errors
    /// [`DbError`]; [`DbError::Protocol`] where something in it has failed.
    pub async fn commit(&self) -> Result<bool, DbError> {
        let Some(session) = self.0.session.lock().await.take() else { return Ok(false) };
        if self.has_failed() {
            session.rollback().await?;
            return Err(DbError::Protocol("what has failed can't be committed".to_owned()));
        }
        if self.0.is_rolled_back.load(Ordering::Relaxed) {
            session.rollback().await?;
            return Ok(false);
        }
        let committed = session.commit().await;
        self.note(&committed);
        committed.map(|()| true)
    }

    /// Rolls back.
    ///
    /// # Errors
    /// [`DbError`]; it is rolled back all the same.
    pub async fn roll_back(&self) -> Result<(), DbError> {
        match self.0.session.lock().await.take() {
            Some(session) => session.rollback().await,
            None => Ok(()),
        }
    }

    /// Whether something in it failed, whatever status that was answered with.
    pub fn has_failed(&self) -> bool {
        self.0.has_failed.load(Ordering::Relaxed)
    }

    /// Whether it failed for others getting in its way, or for want of isolation: doing all of it again may go well.
    pub fn is_hindered(&self) -> bool {
        self.0.is_hindered.load(Ordering::Relaxed)
    }

    /// The isolation level that it was lacking.
    pub fn lacks(&self) -> Option<Isolation> {
        self.0.lacks.get().copied()
    }

    fn note<T>(&self, outcome: &Result<T, DbError>) {
        self.0.has_failed.fetch_or(outcome.is_err(), Ordering::Relaxed);
        if outcome.as_ref().is_err_and(|error| is_hindered(error.code()) || error.is_stale()) {
            self.0.is_hindered.store(true, Ordering::Relaxed);
        }
    }
}
