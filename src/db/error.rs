//! What running a statement can fail with.

use std::{error::Error as _, io::ErrorKind, time::Duration};

use tokio_postgres::error::{DbError as Reported, ErrorPosition, Severity};

use super::{failure::is_stale, sqlstate};
use crate::name::RoleName;

/// How long a caller is told to wait before it tries again.
pub const RETRY_AFTER: Duration = Duration::from_secs(1);

/// A failure of the data plane. None of them ends more than the request it belongs to.
#[derive(Clone, Debug, thiserror::Error)]
pub enum DbError {
    /// Every connection is taken, and the wait for one was too long or the queue was full.
    #[error("Timed out acquiring connection from connection pool.")]
    Busy {
        /// When to try again.
        retry_after: Duration,
    },
    /// No connection can be made, or it was lost before the answer came: whether a write was committed is unknown.
    #[error("Database connection error.")]
    Unavailable {
        /// What happened: no secrets, but addresses; for the log.
        reason: String,
        /// When to try again.
        retry_after: Duration,
    },
    /// The login role may not take the caller's role, or the role does not exist.
    #[error("{error}")]
    RoleRefused {
        /// The role.
        role: RoleName,
        /// What Postgres said.
        error: Box<SqlError>,
    },
    /// Postgres refused a statement; everything was rolled back.
    #[error("{0}")]
    Sql(Box<SqlError>),
    /// An answer that the protocol does not foresee, or a statement that can't be sent: a fault of the service.
    #[error("{0}")]
    Protocol(String),
}

/// An error as Postgres reported it.
#[derive(Clone, Debug, Default, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct SqlError {
    /// SQLSTATE, five characters.
    pub sqlstate: String,
    /// What went wrong.
    pub message: String,
    /// More of it. May hold values of a row.
    pub details: Option<String>,
    /// What would be right.
    pub hint: Option<String>,
    /// Schema of what it is about.
    pub schema: Option<String>,
    /// Table it is about.
    pub table: Option<String>,
    /// Column it is about.
    pub column: Option<String>,
    /// Data type it is about.
    pub data_type: Option<String>,
    /// Constraint that was violated.
    pub constraint: Option<String>,
    /// Where in the statement, in characters, from 1.
    pub position: Option<u32>,
    /// Context: the function and line that raised it.
    pub context: Option<String>,
}

impl DbError {
    /// The error of a connection that is gone.
    pub(super) fn unavailable(reason: impl Into<String>) -> Self {
        Self::Unavailable { reason: reason.into(), retry_after: RETRY_AFTER }
    }

    /// HTTP status; `is_authenticated` tells a caller who is known from one who is not.
    pub fn status(&self, is_authenticated: bool) -> u16 {
        match self {
            Self::Busy { .. } | Self::Unavailable { .. } => 503,
            Self::RoleRefused { error, .. } | Self::Sql(error) => sqlstate::status(error, is_authenticated),
            Self::Protocol(_) => 500,
        }
    }

    /// What happened, for operators: it may hold addresses.
    pub fn reason(&self) -> String {
        match self {
            Self::Unavailable { reason, .. } => reason.clone(),
            error => error.to_string(),
        }
    }

    /// PostgREST's code (references/errors, group 0), or the SQLSTATE.
    pub fn code(&self) -> &str {
        match self {
            Self::Busy { .. } => "PGRST003",
            Self::Unavailable { .. } => "PGRST000",
            Self::RoleRefused { error, .. } | Self::Sql(error) => &error.sqlstate,
            Self::Protocol(_) => "PGRSTX00",
        }
    }

    /// A prepared statement was not what it was: nothing was done, and doing all again goes well.
    pub fn is_stale(&self) -> bool {
        self.sql().is_some_and(|error| is_stale(&error.sqlstate, &error.message))
    }

    /// The error that Postgres reported, if it did.
    pub fn sql(&self) -> Option<&SqlError> {
        match self {
            Self::RoleRefused { error, .. } | Self::Sql(error) => Some(error),
            Self::Busy { .. } | Self::Unavailable { .. } | Self::Protocol(_) => None,
        }
    }

    /// When to try again, where trying again may help.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Busy { retry_after } | Self::Unavailable { retry_after, .. } => Some(*retry_after),
            Self::RoleRefused { .. } | Self::Sql(_) | Self::Protocol(_) => None,
        }
    }
}

impl From<tokio_postgres::Error> for DbError {
    fn from(error: tokio_postgres::Error) -> Self {
        match error.as_db_error() {
            // A connection-ending error is one of the server, not of the statement: a restart, a crash, an
            // administrator. A function that raises 57P01 itself stays an error of the statement.
            Some(reported) if is_fatal(reported) => {
                Self::unavailable(format!("{}: {}", reported.code().code(), reported.message()))
            }
            Some(reported) => Self::Sql(Box::new(reported.into())),
            None if is_lost(&error) => Self::unavailable(chain(&error)),
            None => Self::Protocol(chain(&error)),
        }
    }
}

impl From<&Reported> for SqlError {
    fn from(reported: &Reported) -> Self {
        let owned = |text: Option<&str>| text.map(str::to_owned);
        Self {
            sqlstate: reported.code().code().to_owned(),
            message: reported.message().to_owned(),
            details: owned(reported.detail()),
            hint: owned(reported.hint()),
            schema: owned(reported.schema()),
            table: owned(reported.table()),
            column: owned(reported.column()),
            data_type: owned(reported.datatype()),
            constraint: owned(reported.constraint()),
            position: match reported.position() {
                Some(ErrorPosition::Original(position)) => Some(*position),
                Some(ErrorPosition::Internal { .. }) | None => None,
            },
            context: owned(reported.where_()),
        }
    }
}

/// The server ended the connection with this error.
fn is_fatal(reported: &Reported) -> bool {
    matches!(reported.parsed_severity(), Some(Severity::Fatal | Severity::Panic))
}

/// The connection broke.
pub(super) fn is_lost(error: &tokio_postgres::Error) -> bool {
    let is_of_the_socket =
        |error: &std::io::Error| !matches!(error.kind(), ErrorKind::InvalidInput | ErrorKind::InvalidData);
    error.is_closed()
        || error.as_db_error().is_some_and(is_fatal)
        || error.source().and_then(|source| source.downcast_ref()).is_some_and(is_of_the_socket)
}

/// An error with its causes, which tokio-postgres leaves out of its own text.
pub(super) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
