//! A transaction of several statements.
//!
//! In: statements, one after the other. Out: their rows. Ends with [`Session::commit`] or [`Session::rollback`];
//! dropped, it is rolled back, and what it was running is cancelled.

use super::{
    DbError, Row,
    cache::LOGIN,
    lease::Lease,
    reset::{LEFT_BEHIND, end_and_reset},
    run::{Failure, Frame, begin},
    statement::{prepare, ready},
};
use crate::{name::RoleName, sql::Statement};

/// A transaction that somebody is in.
pub struct Session {
    lease: Lease,
    role: RoleName,
}

impl Session {
    pub(super) async fn begin(mut lease: Lease, frame: &Frame<'_>) -> Result<Self, DbError> {
        let begun = lease
            .drive(async |client, statements| {
                let begun = async { begin(client, frame, statements).await?.await }.await;
                let is_over = begun.is_err() && client.batch_execute("ROLLBACK").await.is_ok();
                (begun, is_over)
            })
            .await;
        match begun {
            (Ok(()), _) => lease.open(),
            (Err(failure), is_over) => {
                if is_over {
                    lease.clean();
                }
                return Err(failure.into_error(frame.role));
            }
        }
        Ok(Self { lease, role: frame.role.clone() })
    }

    /// Runs a statement and gives its rows. After an error only [`Session::rollback`] makes sense.
    ///
    /// # Errors
    /// [`DbError`].
    pub async fn fetch(&mut self, statement: &Statement) -> Result<Vec<Row>, DbError> {
        let role = self.role.clone();
        let answer = self
            .lease
            .drive(async |client, statements| {
                prepare(client, statements, &role, &[&statement.text]).await?;
                ready(statements, &role, statement).run(client).await
            })
            .await;
        self.lease.open();
        Ok(answer.map_err(|error| Failure::Statement(error).into_error(&self.role))?.rows)
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
        Ok(ended?)
    }
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session").field("role", &self.role).finish_non_exhaustive()
    }
}
