//! Where a transaction failed, and what that means.
//!
//! In: an error, and the step that it came from. Out: whether doing all again may go well, and a [`DbError`].

use tokio_postgres::Error;

use super::{
    Access, SqlError,
    error::{DbError, is_lost},
    sqlstate,
};
use crate::name::RoleName;

/// Where a transaction failed decides what the failure means.
#[derive(Debug)]
pub(super) enum Failure {
    /// Before anything was answered.
    Begin(Error),
    /// While settings were set, of which the role is the last.
    Settings(Error),
    /// Later.
    Statement(Error),
}

impl Failure {
    pub(super) fn error(&self) -> &Error {
        match self {
            Self::Begin(error) | Self::Settings(error) | Self::Statement(error) => error,
        }
    }

    /// The connection was dead, and the server has done nothing that matters: a read can be repeated.
    pub(super) fn is_unanswered(&self) -> bool {
        matches!(self, Self::Begin(error) if is_lost(error))
    }

    /// A prepared statement is not what it was: a table has changed, or a pooler has put another session underneath.
    /// The transaction was rolled back, so that it can be repeated.
    pub(super) fn is_stale(&self) -> bool {
        self.error().as_db_error().is_some_and(|error| is_stale(error.code().code(), error.message()))
    }

    /// Nothing was done, and doing it again may go well.
    pub(super) fn may_be_repeated(&self, access: Access) -> bool {
        self.is_stale() || access == Access::ReadOnly && self.is_unanswered()
    }

    pub(super) fn into_error(self, role: &RoleName) -> DbError {
        let is_settings = matches!(self, Self::Settings(_));
        let (Self::Begin(error) | Self::Settings(error) | Self::Statement(error)) = self;
        match error.into() {
            DbError::Sql(error) if is_settings && is_about_role(&error) => {
                DbError::RoleRefused { role: role.clone(), error }
            }
            error => error,
        }
    }
}

/// Whether an error says that a prepared statement is not what it was.
pub(super) fn is_stale(sqlstate: &str, message: &str) -> bool {
    match sqlstate {
        "0A000" => message == "cached plan must not change result type",
        "26000" => true,
        _ => false,
    }
}

fn is_about_role(error: &SqlError) -> bool {
    sqlstate::is_unknown_role(error)
        || (error.sqlstate == "42501" && error.message.starts_with("permission denied to set role"))
}
