//! Our schemas, gone with all that is in them: for development.
//!
//! In: a database on this machine. Out: the database without the schemas that migrations make. Refuses one elsewhere,
//! one that others are connected to, and one where something in another schema depends on ours. Schemas that a platform may
//! bring (`auth`), extensions, roles and what is in other schemas stay.

use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, PgConnection, postgres::PgConnectOptions};

use super::migrate;
use crate::config::Secret;

/// The schema of the ledgers that every schema needs.
const LEDGERS: &str = "tekup";

const SESSIONS: &str = "
select format('%s (%s)', coalesce(nullif(application_name, ''), usename, 'unknown'), count(*))
from pg_catalog.pg_stat_activity
where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'
group by coalesce(nullif(application_name, ''), usename, 'unknown')
order by 1";

/// The tables of these schemas, and a statement that counts the rows of each.
const COUNTS: &str = "
select n.nspname::text, format('select count(*) from %I.%I', n.nspname, c.relname)
from pg_catalog.pg_class c
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where c.relkind = 'r' and n.nspname = any ($1) and c.relname <> '_sqlx_migrations'
order by 1";

/// What is elsewhere and would go as well, where it depends on ours.
const DEPENDENTS: &str = include_str!("dependents.sql");

/// The server's end of the connection; none of a socket.
const ADDRESS: &str = "select host(inet_server_addr())";

/// What would be lost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contents {
    /// The database's name.
    pub database: String,
    /// Rows of each schema that is there.
    pub rows: Vec<(String, i64)>,
}

/// Why nothing was taken away.
#[derive(Debug, thiserror::Error)]
pub enum WipeError {
    /// The connection string is no URL that sqlx can read.
    #[error("the connection string is no URL of the form postgres://user:password@host:port/database")]
    Url,
    /// It is not this machine's.
    #[error(
        "the database is on {0}, and only one on this machine is reset: its own PostgreSQL, or a DATABASE_URL on localhost; \
         nothing was changed"
    )]
    Elsewhere(String),
    /// This machine's port is answered by another.
    #[error(
        "what answers on localhost is at {0}, behind a tunnel or in a container, and may be anybody's: only a PostgreSQL that \
         listens on this machine's loopback or on a socket is reset; nothing was changed"
    )]
    Behind(String),
    /// Something in other schemas would go as well.
    #[error("in other schemas, these depend on what would be lost: {0}; drop them first; nothing was changed")]
    Depended(String),
    /// Somebody uses it.
    #[error("others are connected to the database: {0}; stop them first, the service too; nothing was changed")]
    InUse(String),
    /// The database can't be reached, or refuses.
    #[error("{0}; nothing was changed")]
    Database(#[from] sqlx::Error),
}

/// A database of this machine that nobody else is connected to.
pub struct Target {
    connection: PgConnection,
}

impl Target {
    /// Connects.
    ///
    /// # Errors
    /// [`WipeError`].
    pub async fn open(url: &Secret) -> Result<Self, WipeError> {
        let mut connection = connect(url).await?;
        let address: Option<String> = sqlx::query_scalar(ADDRESS).fetch_one(&mut connection).await?;
        if let Some(address) = address.filter(|address| !is_loopback(address)) {
            return Err(WipeError::Behind(address));
        }
        alone(&mut connection).await?;
        independent(&mut connection).await?;
        Ok(Self { connection })
    }

    /// Looks at what would be lost.
    ///
    /// # Errors
    /// [`WipeError`].
    pub async fn contents(&mut self) -> Result<Contents, WipeError> {
        let connection = &mut self.connection;
        let database = sqlx::query_scalar("select current_database()::text").fetch_one(&mut *connection).await?;
        let tables: Vec<(String, String)> =
            sqlx::query_as(COUNTS).bind(migrate::schemas()).fetch_all(&mut *connection).await?;
        let mut rows: Vec<(String, i64)> = Vec::new();
        for (schema, count) in tables {
            let count: i64 = sqlx::query_scalar(AssertSqlSafe(count)).fetch_one(&mut *connection).await?;
            match rows.last_mut() {
                Some((last, sum)) if *last == schema => *sum += count,
                _ => rows.push((schema, count)),
            }
        }
        Ok(Contents { database, rows })
    }

    /// Takes the schemas away: all, or none where it fails.
    ///
    /// # Errors
    /// [`WipeError`]; somebody may have connected meanwhile.
    pub async fn wipe(mut self) -> Result<(), WipeError> {
        alone(&mut self.connection).await?;
        let schemas = migrate::schemas().join(", ");
        let mut transaction = self.connection.begin().await?;
        independent(&mut transaction).await?;
        let drop = format!("drop schema if exists {schemas}, {LEDGERS} cascade");
        sqlx::raw_sql(AssertSqlSafe(drop)).execute(&mut *transaction).await?;
        transaction.commit().await?;
        Ok(self.connection.close().await?)
    }
}

async fn connect(url: &Secret) -> Result<PgConnection, WipeError> {
    let options: PgConnectOptions = url.expose().parse().map_err(|_| WipeError::Url)?;
    if options.get_socket().is_none() && !is_loopback(options.get_host()) {
        return Err(WipeError::Elsewhere(options.get_host().to_owned()));
    }
    Ok(options.application_name("tekup-db reset").disable_statement_logging().connect().await?)
}

/// Whether a host is this machine; a path is the folder of a socket.
fn is_loopback(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost"
        || host.starts_with('/')
        || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.to_canonical().is_loopback())
}

async fn alone(connection: &mut PgConnection) -> Result<(), WipeError> {
    let sessions: Vec<String> = sqlx::query_scalar(SESSIONS).fetch_all(connection).await?;
    if sessions.is_empty() { Ok(()) } else { Err(WipeError::InUse(sessions.join(", "))) }
}

async fn independent(connection: &mut PgConnection) -> Result<(), WipeError> {
    let schemas = [migrate::schemas(), vec![LEDGERS]].concat();
    let dependents: Vec<String> = sqlx::query_scalar(DEPENDENTS).bind(schemas).fetch_all(connection).await?;
    if dependents.is_empty() { Ok(()) } else { Err(WipeError::Depended(dependents.join(", "))) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_loopback() {
        for here in ["localhost", "127.0.0.1", "127.9.9.9", "::1", "[::1]", "::ffff:127.0.0.1", "/tmp/socket"] {
            assert!(is_loopback(here), "{here}");
        }
        for elsewhere in ["db.example", "localhost.example", "10.0.0.1", "0.0.0.0", "::", "", "127.0.0.1.example"] {
            assert!(!is_loopback(elsewhere), "{elsewhere}");
        }
    }
}
