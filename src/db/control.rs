//! The control plane: everything that is not a client's request.
//!
//! In: a reason. Out: what the database says of itself. It has a small pool of its own, so that a flood of requests
//! never starves health or the reading of the catalog. It logs in as the connection string's own user and takes no
//! role; each use says why, and the reason is logged.

use std::time::Duration;

use sqlx::{
    ConnectOptions as _, Postgres,
    postgres::{PgConnectOptions, PgListener, PgPool, PgPoolOptions},
};

use super::settings::RoleSettings;
use crate::{catalog::INTROSPECT_SETTINGS, config::Secret, name::SchemaName};

/// Connections of the control plane, besides one that listens.
pub(super) const CONNECTIONS: u32 = 2;
/// Pauses between attempts to listen again.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// The control plane. Clones share one pool.
#[derive(Clone, Debug)]
pub struct Control {
    pool: PgPool,
    options: PgConnectOptions,
}

/// A failure of the control plane.
#[derive(Debug, thiserror::Error)]
pub enum ControlError {
    /// The connection string is no URL that sqlx can read.
    #[error("the connection string is no URL of the form postgres://user:password@host:port/database")]
    Url,
    /// The database said no, or nothing.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
    /// No answer in time.
    #[error("no answer within {0:?}")]
    Timeout(Duration),
}

/// What was heard on a channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// A notification's payload.
    Payload(String),
    /// The connection was lost and is back: something may have been missed.
    Resumed,
}

/// Figures of the database.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Statistics {
    /// Bytes that the relations of each schema take, with their indexes.
    pub schema_sizes: Vec<(String, i64)>,
    /// Connections to this database by state (`pg_stat_activity.state`).
    pub connections: Vec<(String, i64)>,
    /// Seconds that the standby furthest behind is behind; `None` without standbys or the right to see them.
    pub replication_lag: Option<f64>,
    /// Share of blocks that were found in shared buffers, from 0 to 1.
    pub cache_hit: Option<f64>,
    /// Bytes of the whole database.
    pub size: i64,
}

impl Control {
    /// A control plane that connects when it is first asked something.
    ///
    /// # Errors
    /// [`ControlError::Url`].
    pub fn new(url: &Secret, connect_timeout: Duration) -> Result<Self, ControlError> {
        // The cause would quote the URL.
        let options: PgConnectOptions = url.expose().parse().map_err(|_| ControlError::Url)?;
        let options = options.application_name("tekup-db control").disable_statement_logging();
        let pool = PgPoolOptions::new()
            .max_connections(CONNECTIONS)
            .acquire_timeout(connect_timeout)
            .idle_timeout(Duration::from_secs(60))
            .connect_lazy_with(options.clone());
        Ok(Self { pool, options })
    }

    /// A transaction without a role, for a reason; it is rolled back at its end. A pooler in transaction mode keeps one
    /// session for as long as it lasts. What is prepared would stay in that session for others to stumble over, so
    /// that no statement of the control plane is persistent.
    ///
    /// # Errors
    /// The database can't be reached.
    pub(super) async fn system(
        &self,
        reason: &'static str,
    ) -> Result<sqlx::Transaction<'static, Postgres>, ControlError> {
        tracing::debug!(db.reason = reason, "control plane");
        Ok(self.pool.begin().await?)
    }

    /// Runs the catalog's statement: exposed schemas, schemas of the extra search path, names of routines' settings to
    /// apply to their transactions. Names come out qualified, because the search path is empty.
    ///
    /// # Errors
    /// The database can't be reached, or refuses the statement.
    pub async fn introspect(
        &self,
        sql: &'static str,
        schemas: &[SchemaName],
        extra_search_path: &[SchemaName],
        hoisted_settings: &[String],
    ) -> Result<String, ControlError> {
        let names = |schemas: &[SchemaName]| -> Vec<String> { schemas.iter().map(ToString::to_string).collect() };
        let mut transaction = self.system("catalog introspection").await?;
        sqlx::raw_sql("SET TRANSACTION READ ONLY; SET LOCAL statement_timeout = '60s'")
            .execute(&mut *transaction)
            .await?;
        sqlx::raw_sql(INTROSPECT_SETTINGS).execute(&mut *transaction).await?;
        let document = sqlx::query_scalar::<_, String>(sql)
            .bind(names(schemas))
            .bind(names(extra_search_path))
            .bind(hoisted_settings)
            .persistent(false)
            .fetch_one(&mut *transaction)
            .await?;
        transaction.rollback().await?;
        Ok(document)
    }

    /// What `ALTER ROLE … SET` says of roles that the login role may take, as far as the login role may set it
    /// (PostgREST: references/transactions, "Settings"). What is set for this database alone comes last and wins.
    ///
    /// # Errors
    /// The database can't be reached.
    pub async fn role_settings(&self, login_role: &str) -> Result<RoleSettings, ControlError> {
        let mut connection = self.system("role settings").await?;
        let rows: Vec<(String, String, String)> = sqlx::query_as(include_str!("role_settings.sql"))
            .bind(login_role)
            .persistent(false)
            .fetch_all(&mut *connection)
            .await?;
        let mut settings = RoleSettings::default();
        for (role, name, value) in rows {
            settings.add(role, name, value);
        }
        Ok(settings)
    }

    /// Figures for metrics.
    ///
    /// # Errors
    /// The database can't be reached.
    pub async fn statistics(&self) -> Result<Statistics, ControlError> {
        let mut connection = self.system("statistics").await?;
        let schema_sizes = sqlx::query_as(
            "SELECT n.nspname::text, sum(pg_total_relation_size(c.oid))::bigint \
             FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
             WHERE c.relkind IN ('r', 'm') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' \
             GROUP BY 1 ORDER BY 1",
        )
        .persistent(false)
        .fetch_all(&mut *connection)
        .await?;
        let connections = sqlx::query_as(
            "SELECT coalesce(state, 'unknown'), count(*) FROM pg_catalog.pg_stat_activity \
             WHERE datname = current_database() AND backend_type = 'client backend' GROUP BY 1 ORDER BY 1",
        )
        .persistent(false)
        .fetch_all(&mut *connection)
        .await?;
        let (replication_lag, cache_hit, size) = sqlx::query_as(
            "SELECT (SELECT extract(epoch FROM max(replay_lag))::float8 FROM pg_catalog.pg_stat_replication), \
             (SELECT blks_hit::float8 / nullif(blks_hit + blks_read, 0) FROM pg_catalog.pg_stat_database \
              WHERE datname = current_database()), pg_database_size(current_database())",
        )
        .persistent(false)
        .fetch_one(&mut *connection)
        .await?;
        Ok(Statistics { schema_sizes, connections, replication_lag, cache_hit, size })
    }

    /// Asks the database for a sign of life.
    ///
    /// # Errors
    /// The database can't be reached, or does not answer in time.
    pub async fn ping(&self, timeout: Duration) -> Result<(), ControlError> {
        let ask = async {
            let mut connection = self.system("health").await?;
            sqlx::query("SELECT 1").persistent(false).execute(&mut *connection).await?;
            Ok(())
        };
        tokio::time::timeout(timeout, ask).await.unwrap_or(Err(ControlError::Timeout(timeout)))
    }

    /// Listens on a channel, on a connection of its own, for as long as the result lives.
    pub fn listen(&self, channel: impl Into<String>) -> Notifications {
        let pool = PgPoolOptions::new().max_connections(1).connect_lazy_with(self.options.clone());
        Notifications { pool, channel: channel.into(), listener: None, was_heard: false }
    }

    /// Closes the pool.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}

/// Notifications of one channel, whatever happens to the connection.
#[derive(Debug)]
pub struct Notifications {
    pool: PgPool,
    channel: String,
    listener: Option<PgListener>,
    was_heard: bool,
}

impl Notifications {
    /// The next notification, or word that some may have been missed. Waits for the database to come back. Safe to
    /// drop and to call again.
    pub async fn next(&mut self) -> Heard {
        let mut pause = FIRST_PAUSE;
        loop {
            if let Some(listener) = &mut self.listener {
                match listener.try_recv().await {
                    Ok(Some(notification)) => return Heard::Payload(notification.payload().to_owned()),
                    Ok(None) | Err(_) => self.listener = None,
                }
            }
            match self.connect().await {
                Ok(listener) => {
                    self.listener = Some(listener);
                    if std::mem::replace(&mut self.was_heard, true) {
                        return Heard::Resumed;
                    }
                }
                Err(error) => {
                    tracing::warn!(db.channel = self.channel, db.reason = %error, "can't listen, trying again");
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
            }
        }
    }

    async fn connect(&self) -> Result<PgListener, sqlx::Error> {
        tracing::debug!(db.reason = "notifications", "control plane");
        let mut listener = PgListener::connect_with(&self.pool).await?;
        listener.eager_reconnect(false);
        listener.listen(&self.channel).await?;
        Ok(listener)
    }
}
