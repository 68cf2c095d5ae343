//! What the database says of itself, for whoever operates the service.

use super::{Control, ControlError};

/// A look at the database's parts.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Detail {
    /// `16.4`
    pub server_version: String,
    /// Tables of each schema that is there; ledgers of migrations are none.
    pub tables: Vec<(String, i64)>,
    /// The extension `vector` is there.
    pub has_vector: bool,
    /// Seconds that the oldest statement under way has run, as far as the login role may know.
    pub oldest_statement: Option<f64>,
    /// Statements that have run for more than 5 seconds.
    pub long_running: i64,
}

/// How large a table is.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct TableSize {
    /// Its schema.
    pub schema: String,
    /// Its name.
    pub table: String,
    /// Bytes, with indexes and what is stored out of line.
    pub bytes: i64,
    /// Rows, as the planner estimates.
    pub rows: i64,
}

impl Control {
    /// Looks at the database's parts, in these schemas.
    ///
    /// # Errors
    /// The database can't be reached.
    pub async fn detail(&self, schemas: &[&str]) -> Result<Detail, ControlError> {
        let mut connection = self.system("health in detail").await?;
        let tables = sqlx::query_as(
            "SELECT n.nspname::text, count(c.oid) \
             FROM pg_catalog.pg_namespace n LEFT JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid \
              AND c.relkind IN ('r', 'p') AND c.relname <> '_sqlx_migrations' \
             WHERE n.nspname = ANY ($1) GROUP BY 1 ORDER BY 1",
        )
        .bind(schemas)
        .persistent(false)
        .fetch_all(&mut *connection)
        .await?;
        let (server_version, has_vector, oldest_statement, long_running) = sqlx::query_as(
            "SELECT current_setting('server_version'), \
              EXISTS (SELECT FROM pg_catalog.pg_extension WHERE extname = 'vector'), \
              (extract(epoch FROM max(clock_timestamp() - query_start)))::float8, \
              count(*) FILTER (WHERE clock_timestamp() - query_start > interval '5 seconds') \
             FROM pg_catalog.pg_stat_activity \
             WHERE datname = current_database() AND state = 'active' AND backend_type = 'client backend' \
              AND pid <> pg_backend_pid()",
        )
        .persistent(false)
        .fetch_one(&mut *connection)
        .await?;
        Ok(Detail { server_version, tables, has_vector, oldest_statement, long_running })
    }

    /// How large the tables of these schemas are, the largest first. It costs: not to be asked often.
    ///
    /// # Errors
    /// The database can't be reached.
    pub async fn table_sizes(&self, schemas: &[&str]) -> Result<Vec<TableSize>, ControlError> {
        let mut connection = self.system("sizes of tables").await?;
        let sizes = sqlx::query_as(
            "SELECT n.nspname::text AS schema, c.relname::text AS \"table\", pg_total_relation_size(c.oid) AS bytes, \
              greatest(c.reltuples, 0)::bigint AS rows \
             FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
             WHERE c.relkind = 'r' AND n.nspname = ANY ($1) AND c.relname <> '_sqlx_migrations' \
             ORDER BY bytes DESC, 1, 2",
        )
        .bind(schemas)
        .persistent(false)
        .fetch_all(&mut *connection)
        .await?;
        Ok(sizes)
    }
}
