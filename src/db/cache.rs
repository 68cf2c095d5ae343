//! Prepared statements of one connection.
//!
//! In: a statement's text and the role it runs as. Out: the prepared statement, if the connection has it. Bounded:
//! clients choose the shapes of statements, so the least recently used one is closed when another one comes.

use std::{
    num::NonZeroUsize,
    sync::{Arc, LazyLock},
};

use lru::LruCache;
use tokio_postgres::Statement;

use crate::name::RoleName;

/// A statement is prepared for one role. Postgres would make its plan anew at each change of role where row security
/// is in play, and it checks USAGE on the schema only when it parses.
type Key = (RoleName, Arc<str>);

/// The login role, before it takes another: statements that belong to no request are prepared for it.
pub(super) static LOGIN: LazyLock<RoleName> = LazyLock::new(|| RoleName::from(""));

/// The statements that are prepared on a connection; none where the size is 0.
pub(super) struct Statements {
    prepared: Option<LruCache<Key, Statement>>,
}

impl Statements {
    /// No statements yet, and at most so many later.
    pub(super) fn new(size: usize) -> Self {
        Self { prepared: NonZeroUsize::new(size).map(LruCache::sparse) }
    }

    /// Statements are sent unprepared, because sessions are not ours alone: a pooler in transaction mode.
    pub(super) fn is_off(&self) -> bool {
        self.prepared.is_none()
    }

    /// The statement, if it is prepared.
    pub(super) fn get(&mut self, role: &RoleName, text: &Arc<str>) -> Option<Statement> {
        self.prepared.as_mut()?.get(&(role.clone(), text.clone())).cloned()
    }

    /// Keeps a statement.
    pub(super) fn put(&mut self, role: &RoleName, text: &Arc<str>, statement: Statement) {
        if let Some(prepared) = &mut self.prepared {
            prepared.put((role.clone(), text.clone()), statement);
        }
    }

    /// Forgets and closes all.
    pub(super) fn clear(&mut self) {
        if let Some(prepared) = &mut self.prepared {
            prepared.clear();
        }
    }
}
