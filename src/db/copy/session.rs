//! One end of a copy: a connection, and what is asked over it.
//!
//! In: a connection string. Out: a session with nothing of its own in the way: UTC, no search path, no time-outs. Refuses
//! servers that are too old. The source's session reads one snapshot and can't write; rules of rows don't hide anything from
//! it without a word.

use std::time::Duration;

use tokio::task::JoinHandle;
use tokio_postgres::Client;

use super::{
    CopyError,
    catalog::{self, Relations, TableName},
};
use crate::{config::Secret, db::connect::Server};

/// Oldest version of a source.
const OLDEST_SOURCE: i32 = 12;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(15);

/// What both ends read the same text by.
const SETTINGS: &str = "SET search_path = ''; SET timezone = 'UTC'; SET datestyle = 'ISO, YMD'; SET intervalstyle = 'postgres'; \
    SET statement_timeout = 0; SET lock_timeout = 0; SET idle_in_transaction_session_timeout = 0; SET client_min_messages = warning";

/// Which end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Where rows come from.
    Source,
    /// Where they go.
    Target,
}

impl std::fmt::Display for End {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Source => "source",
            Self::Target => "target",
        })
    }
}

/// A connection to one end.
pub(in crate::db) struct Session {
    pub(super) client: Client,
    pub(super) end: End,
    /// Host, port and database: no user, no password.
    pub(super) place: String,
    wire: JoinHandle<()>,
}

impl Drop for Session {
    fn drop(&mut self) {
        self.wire.abort();
    }
}

impl Session {
    /// Connects to the source, and takes its snapshot.
    ///
    /// # Errors
    /// [`CopyError`].
    pub(in crate::db) async fn source(url: &Secret) -> Result<Self, CopyError> {
        let session = Self::open(url, End::Source).await?;
        // Where a rule would hide rows from us, reading is an error.
        session.run("SET row_security = off").await?;
        session.run("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?;
        let version = session.version().await?;
        if version < OLDEST_SOURCE {
            return Err(CopyError::Version { version, oldest: OLDEST_SOURCE });
        }
        Ok(session)
    }

    /// Connects to the target.
    ///
    /// # Errors
    /// [`CopyError`].
    pub(super) async fn target(url: &Secret) -> Result<Self, CopyError> {
        Self::open(url, End::Target).await
    }

    async fn open(url: &Secret, end: End) -> Result<Self, CopyError> {
        let server = Server::parse(url, None, CONNECT_TIMEOUT).map_err(|source| CopyError::Url { end, source })?;
        let place = server.place();
        let unreachable = |source| CopyError::Connect { end, place: place.clone(), source };
        let (client, wire) = server.connect().await.map_err(unreachable)?;
        let wire = tokio::spawn(async move {
            // Whoever waits for an answer is told of the end by its own error.
            let _ = wire.await;
        });
        let session = Self { client, end, place, wire };
        session.run(SETTINGS).await?;
        Ok(session)
    }

    /// The server's major version.
    ///
    /// # Errors
    /// [`CopyError::Database`].
    pub(in crate::db) async fn version(&self) -> Result<i32, CopyError> {
        let number: i32 = self.one("SELECT current_setting('server_version_num')::int4").await?;
        Ok(number / 10_000)
    }

    /// Says what the error was about.
    pub(super) fn fault(&self, doing: impl Into<String>) -> impl FnOnce(tokio_postgres::Error) -> CopyError {
        let (end, doing) = (self.end, doing.into());
        move |source| CopyError::Database { end, doing, source: source.into() }
    }

    /// Runs statements.
    ///
    /// # Errors
    /// [`CopyError::Database`].
    pub(super) async fn run(&self, sql: &str) -> Result<(), CopyError> {
        self.run_for(sql.split_once(';').map_or(sql, |(first, _)| first), sql).await
    }

    /// Runs statements, and says what for where that fails.
    ///
    /// # Errors
    /// [`CopyError::Database`].
    pub(super) async fn run_for(&self, doing: &str, sql: &str) -> Result<(), CopyError> {
        self.client.batch_execute(sql).await.map_err(self.fault(doing))
    }

    /// One value.
    ///
    /// # Errors
    /// [`CopyError::Database`].
    pub(in crate::db) async fn one<T: for<'r> tokio_postgres::types::FromSql<'r>>(
        &self,
        sql: &str,
    ) -> Result<T, CopyError> {
        let doing = if sql.len() < 200 { sql } else { "reading the catalog" };
        let row = self.client.query_one(sql, &[]).await.map_err(self.fault(doing))?;
        row.try_get(0).map_err(self.fault(doing))
    }

    /// What the database has of some tables.
    ///
    /// # Errors
    /// [`CopyError`].
    pub(super) async fn relations<'n>(
        &self,
        names: impl IntoIterator<Item = &'n TableName>,
    ) -> Result<Relations, CopyError> {
        let (schemas, tables): (Vec<_>, Vec<_>) =
            names.into_iter().map(|name| (name.schema.as_str(), name.table.as_str())).unzip();
        let doing = "reading the catalog";
        let row = self.client.query_one(catalog::SQL, &[&schemas, &tables]).await.map_err(self.fault(doing))?;
        let text: &str = row.try_get(0).map_err(self.fault(doing))?;
        Ok(catalog::read(text)?)
    }

    /// Asks for a number of texts, within a transaction that goes on whatever the answer: what Postgres says no to is the
    /// inner error.
    ///
    /// # Errors
    /// The connection is lost.
    pub(super) async fn ask(&self, sql: &str) -> Result<Result<Vec<Option<String>>, String>, CopyError> {
        self.run("SAVEPOINT asked").await?;
        let answer = self.client.query_one(sql, &[]).await.and_then(|row| row.try_get(0));
        match answer {
            Ok(texts) => {
                self.run("RELEASE asked").await?;
                Ok(Ok(texts))
            }
            Err(error) => {
                let said = error.as_db_error().map(|error| error.message().to_owned());
                let Some(said) = said else { return Err(self.fault(sql)(error)) };
                self.run("ROLLBACK TO asked; RELEASE asked").await?;
                Ok(Err(said))
            }
        }
    }
}
