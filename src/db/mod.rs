//! Runs a statement as somebody.
//!
//! In: an identity, a [`Transaction`]. Out: an [`Outcome`] or a [`DbError`]. Two planes: the data plane ([`Database`])
//! is pipelined tokio-postgres, where a request is one transaction in one round trip and no connection can be had
//! without an identity; the control plane ([`control`]) is sqlx with its own small pool, for migrations,
//! introspection, LISTEN, health and statistics. Nothing else talks to Postgres.

pub mod backup;
mod budget;
mod cache;
mod catalogs;
mod configuration;
mod connect;
mod connection;
mod control;
pub mod copy;
mod database;
mod error;
mod failure;
mod figures;
mod lease;
pub mod local;
pub mod maintain;
pub mod migrate;
mod pool;
pub mod pull;
mod replicas;
pub mod reseal;
mod reset;
mod row;
mod run;
mod script;
pub mod seed;
mod self_test;
mod session;
mod settings;
pub mod sqlstate;
mod statement;
pub mod stats;
mod stream;
mod tls;
pub mod verify;
pub mod wipe;

pub use budget::OverBudget;
pub use catalogs::{Catalogs, Exposure, ReloadError};
pub use connect::{ConnectionStringError, Login, Server};
pub use control::{Control, ControlError, Heard, Notifications, Statistics};
pub use database::Database;
pub use error::{DbError, SqlError};
pub use figures::{Detail, TableSize};
pub use pool::PoolStatus;
pub use replicas::{NoPosition, Position, Replica, ReplicaError, ReplicaStatus, Replicas};
pub use row::Row;
pub use script::StatementError;
pub use self_test::{LoginRole, UnsafeLogin};
pub use session::Session;
pub use settings::RoleSettings;
pub use stream::{Rest, Streamed};

use std::sync::Arc;

use crate::{name::RoleName, sql::Statement};

/// What one request asks of the database.
#[derive(Clone, Debug)]
pub struct Transaction {
    /// READ ONLY or not.
    pub access: Access,
    /// The role to run as, where it isn't the caller's: a typed operation's. The claims stay the caller's.
    pub role: Option<RoleName>,
    /// Isolation level asked for by a routine or role; `None` is the server's default, unless `count` is there, which
    /// makes it REPEATABLE READ so that page and total are of one snapshot.
    pub isolation: Option<Isolation>,
    /// Settings local to the transaction besides the identity's: `request.method`, `request.path`,
    /// `request.headers`, `request.cookies`, `search_path`, `timezone`, a routine's own.
    pub settings: Vec<(String, String)>,
    /// A function to call before the main statement (`pre-request`).
    pub pre_request: Option<Statement>,
    /// The statement whose rows are the answer.
    pub main: Statement,
    /// What must hold before the main statement runs. It costs a round trip of its own, and makes the transaction
    /// REPEATABLE READ: whatever another one writes to those rows meanwhile is an error (40001).
    pub precondition: Option<Precondition>,
    /// A statement that counts all rows: one row, one bigint.
    pub count: Option<Statement>,
    /// An EXPLAIN (FORMAT JSON) whose estimate of the number of rows is wanted.
    pub estimate: Option<Statement>,
    /// Code of the database's own may have set `response.headers` and `response.status`: read them before the end.
    pub reads_response_settings: bool,
    /// The statement may leave something in the session that outlives the transaction (it calls functions): the
    /// connection is reset before the next caller gets it.
    pub resets_session: bool,
    /// What must hold before it may commit. Anything but [`Check::None`] on a write costs a second round trip.
    pub check: Check,
    /// A text that must be in no column of any row before it may commit. It costs a second round trip, too.
    pub absent: Option<String>,
    /// COMMIT, or ROLLBACK as asked for (`tx=rollback`).
    pub end: End,
}

impl Transaction {
    /// One statement as the caller, committed, of which nothing stays in the session.
    pub fn new(access: Access, main: Statement) -> Self {
        Self {
            access,
            role: None,
            isolation: None,
            settings: Vec::new(),
            pre_request: None,
            main,
            precondition: None,
            count: None,
            estimate: None,
            reads_response_settings: false,
            resets_session: false,
            check: Check::None,
            absent: None,
            end: End::Commit,
        }
    }
}

/// A question, and the answers that let a transaction go on.
#[derive(Clone)]
pub struct Precondition {
    /// The question.
    pub statement: Statement,
    /// Whether the rows that it gave are such an answer.
    pub holds: Arc<Verdict>,
}

/// A judgement of rows.
pub type Verdict = dyn Fn(&[Row]) -> bool + Send + Sync;

impl std::fmt::Debug for Precondition {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Precondition").field(&self.statement.text).finish()
    }
}

/// Whether a transaction may write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "named as in SQL")]
pub enum Access {
    ReadOnly,
    ReadWrite,
}

/// Isolation levels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "named as in SQL")]
pub enum Isolation {
    ReadCommitted,
    RepeatableRead,
    Serializable,
}

/// A condition on the number of rows that the main statement gave or affected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Check {
    /// None.
    None,
    /// Exactly one.
    One,
    /// At most so many.
    AtMost(u64),
}

/// How a transaction ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "named as in SQL")]
pub enum End {
    Commit,
    Rollback,
}

/// What a transaction gave.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Rows of the main statement, in binary.
    pub rows: Vec<Row>,
    /// Rows it returned or affected (the command tag's number).
    pub affected: u64,
    /// What `count` counted.
    pub total: Option<i64>,
    /// How many rows `estimate`'s planner expects.
    pub estimated: Option<i64>,
    /// `response.headers`, where it was read and set.
    pub response_headers: Option<String>,
    /// `response.status`, where it was read and set.
    pub response_status: Option<String>,
    /// Rows that an upsert inserted rather than merged, where it counted them (`pgrst.inserted`).
    pub inserted: Option<i64>,
    /// The precondition failed, and nothing else was run.
    pub precondition_failed: bool,
    /// The check failed or the text was there, and everything was rolled back.
    pub check_failed: bool,
    /// A replica answered.
    pub is_replicas: bool,
}

impl Check {
    /// Whether it holds for so many rows.
    pub fn holds(self, rows: u64) -> bool {
        match self {
            Self::None => true,
            Self::One => rows == 1,
            Self::AtMost(max) => rows <= max,
        }
    }
}

impl Isolation {
    /// Reads a level as `default_transaction_isolation` spells it. READ UNCOMMITTED is READ COMMITTED in Postgres.
    pub fn parse(text: &str) -> Option<Self> {
        match text.to_ascii_lowercase().as_str() {
            "read committed" | "read uncommitted" => Some(Self::ReadCommitted),
            "repeatable read" => Some(Self::RepeatableRead),
            "serializable" => Some(Self::Serializable),
            _ => None,
        }
    }
}
