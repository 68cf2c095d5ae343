//! Figures of a database for a person: how large it is, what it is busy with, what is slow.
//!
//! In: schemas. Out: [`Stats`]. Estimates are Postgres' own (`pg_stat_user_tables`); slow statements are those of
//! `pg_stat_statements`, where the database has the extension: a view that is merely called so is somebody's, and is not run.
//! Constants of queries and writes are taken out by Postgres; other statements are left out, since theirs stay, and may be
//! secrets.

use serde::Serialize;
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, PgConnection, postgres::PgConnectOptions};

use crate::config::Secret;

/// What there is to know.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Stats {
    /// The whole.
    pub database: Whole,
    /// Its tables, the largest first.
    pub tables: Vec<TableStats>,
    /// Connections of clients by state.
    pub connections: Vec<Connections>,
    /// Statements, those first that took the most time altogether.
    pub statements: Statements,
}

/// The database as a whole.
#[derive(Clone, Debug, PartialEq, Serialize, sqlx::FromRow)]
pub struct Whole {
    /// Its name.
    pub name: String,
    /// `16.4`
    pub version: String,
    /// Bytes on disk.
    pub bytes: i64,
    /// Share of blocks that were found in shared buffers, 0 to 1, since statistics were set back.
    pub cache_hit_rate: Option<f64>,
    /// Most connections that the server takes.
    pub max_connections: i32,
    /// Seconds that the oldest open transaction of another session is open, as far as the role may know.
    pub longest_transaction: Option<f64>,
    /// What its session does: `active`, `idle in transaction`.
    pub longest_transaction_state: Option<String>,
}

/// A table.
#[derive(Clone, Debug, PartialEq, Serialize, sqlx::FromRow)]
pub struct TableStats {
    /// Its schema.
    pub schema: String,
    /// Its name.
    pub name: String,
    /// Rows, as estimated.
    pub rows: i64,
    /// Rows that are dead and not vacuumed yet, as estimated.
    pub dead_rows: i64,
    /// Bytes of the rows, with what is stored out of line.
    pub bytes: i64,
    /// Bytes of its indexes.
    pub index_bytes: i64,
    /// When it was vacuumed last, by anybody (ISO 8601, UTC); `None` is never.
    pub last_vacuum: Option<String>,
    /// When its statistics were last taken.
    pub last_analyze: Option<String>,
}

/// Connections in one state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct Connections {
    /// `pg_stat_activity.state`
    pub state: String,
    /// How many.
    pub count: i64,
}

/// Statements, or why there are none.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Statements {
    /// As `pg_stat_statements` has them.
    Counted(Vec<SlowStatement>),
    /// It can't be asked.
    Unavailable {
        /// Why, and how to get it.
        unavailable: String,
    },
}

/// A statement.
#[derive(Clone, Debug, PartialEq, Serialize, sqlx::FromRow)]
pub struct SlowStatement {
    /// Its text, without constants.
    pub query: String,
    /// How often it ran.
    pub calls: i64,
    /// Milliseconds of a run, on average.
    pub mean_ms: f64,
    /// Milliseconds of all runs.
    pub total_ms: f64,
    /// Rows that it gave or touched altogether.
    pub rows: i64,
}

/// Why there are no figures.
#[derive(Debug, thiserror::Error)]
pub enum StatsError {
    /// The connection string is no URL that sqlx can read.
    #[error("the connection string is no URL of the form postgres://user:password@host:port/database")]
    Url,
    /// The database can't be reached, or refuses.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

const WHOLE: &str = "
select current_database()::text as name, current_setting('server_version') as version,
    pg_database_size(current_database()) as bytes,
    (select blks_hit::float8 / nullif(blks_hit + blks_read, 0) from pg_catalog.pg_stat_database
        where datname = current_database()) as cache_hit_rate,
    current_setting('max_connections')::integer as max_connections,
    oldest.seconds as longest_transaction, oldest.state as longest_transaction_state
from (values (1)) one
left join lateral (
    select extract(epoch from clock_timestamp() - xact_start)::float8 as seconds, state
    from pg_catalog.pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid() and xact_start is not null
        and backend_type = 'client backend'
    order by xact_start limit 1
) oldest on true";

const TABLES: &str = "
select n.nspname::text as schema, c.relname::text as name, coalesce(s.n_live_tup, 0) as rows,
    coalesce(s.n_dead_tup, 0) as dead_rows, pg_table_size(c.oid) as bytes, pg_indexes_size(c.oid) as index_bytes,
    to_char(greatest(s.last_vacuum, s.last_autovacuum) at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') as last_vacuum,
    to_char(greatest(s.last_analyze, s.last_autoanalyze) at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') as last_analyze
from pg_catalog.pg_class c
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
left join pg_catalog.pg_stat_user_tables s on s.relid = c.oid
where c.relkind in ('r', 'm') and n.nspname = any ($1) and c.relname <> '_sqlx_migrations'
order by pg_total_relation_size(c.oid) desc, 1, 2";

const CONNECTIONS: &str = "
select coalesce(state, 'unknown') as state, count(*) as count
from pg_catalog.pg_stat_activity
where datname = current_database() and backend_type = 'client backend' and pid <> pg_backend_pid()
group by 1 order by 1";

/// Where the extension's own `pg_stat_statements` is: extensions may be in any schema.
const STATEMENTS: &str = "
select format(
    'select query, calls, mean_exec_time::float8 as mean_ms, total_exec_time::float8 as total_ms, rows from %I.%I '
    'where dbid = (select oid from pg_catalog.pg_database where datname = current_database()) '
    'and query ~* %L order by total_exec_time desc limit $1',
    n.nspname, c.relname, '^\\s*(select|insert|update|delete|merge|with|values)\\M')
from pg_catalog.pg_class c
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where c.relname = 'pg_stat_statements' and exists (
    select from pg_catalog.pg_depend d
    join pg_catalog.pg_extension e on e.oid = d.refobjid
    where d.classid = 'pg_catalog.pg_class'::regclass and d.objid = c.oid and d.deptype = 'e'
        and d.refclassid = 'pg_catalog.pg_extension'::regclass and e.extname = 'pg_stat_statements')
limit 1";

/// Asks for the figures of these schemas, and for so many statements.
///
/// # Errors
/// [`StatsError`].
pub async fn run(url: &Secret, schemas: &[String], statements: u32) -> Result<Stats, StatsError> {
    let options: PgConnectOptions = url.expose().parse().map_err(|_| StatsError::Url)?;
    let mut connection = options.application_name("tekup-db stats").disable_statement_logging().connect().await?;
    let stats = Stats {
        database: sqlx::query_as(WHOLE).fetch_one(&mut connection).await?,
        tables: sqlx::query_as(TABLES).bind(schemas).fetch_all(&mut connection).await?,
        connections: sqlx::query_as(CONNECTIONS).fetch_all(&mut connection).await?,
        statements: slow(&mut connection, statements).await?,
    };
    connection.close().await?;
    Ok(stats)
}

async fn slow(connection: &mut PgConnection, limit: u32) -> Result<Statements, sqlx::Error> {
    let place: Option<String> = sqlx::query_scalar(STATEMENTS).fetch_optional(&mut *connection).await?;
    let unavailable = |reason: String| Statements::Unavailable {
        unavailable: format!(
            "{reason}: put pg_stat_statements into shared_preload_libraries, restart the server, and run \
             CREATE EXTENSION pg_stat_statements"
        ),
    };
    let Some(sql) = place else { return Ok(unavailable("the database does not have pg_stat_statements".to_owned())) };
    let asked = sqlx::query_as(AssertSqlSafe(sql)).bind(i64::from(limit)).fetch_all(connection).await;
    match asked {
        Ok(statements) => Ok(Statements::Counted(statements)),
        // The extension is there, and its library is not loaded.
        Err(error) => match error.as_database_error() {
            Some(refused) => Ok(unavailable(format!("pg_stat_statements can't be asked ({})", refused.message()))),
            None => Err(error),
        },
    }
}
