//! What a database holds, from its catalog.
//!
//! In: a connection in a transaction. Out: schemas, roles, extensions, sequences, ledgers, and which tables hide rows.

use std::collections::BTreeMap;

use sqlx::{AssertSqlSafe, PgConnection};

use super::manifest::{Extension, Schema, Sequence, Server};

const NEEDS: &str = concat!(include_str!("sql/objects.sql"), include_str!("sql/needs.sql"));
const EXTENSIONS: &str = concat!(include_str!("sql/objects.sql"), include_str!("sql/extensions.sql"));

/// What every transaction of a backup or restore sets: rows as text are the same on both sides, names come qualified, nothing
/// is cut short, and who waits for a lock says so.
pub(super) const SETTINGS: &str = "SET LOCAL search_path = ''; SET LOCAL timezone = 'UTC'; SET LOCAL datestyle = 'ISO, YMD'; \
    SET LOCAL intervalstyle = 'postgres'; SET LOCAL extra_float_digits = 1; SET LOCAL bytea_output = 'hex'; \
    SET LOCAL lc_monetary = 'C'; SET LOCAL row_security = on; SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = '60s'; \
    SET LOCAL idle_in_transaction_session_timeout = 0; SET LOCAL client_min_messages = warning";

/// Tables whose rows the current role does not all see.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Visibility {
    /// Row security holds for the role somewhere.
    pub(super) is_bound: bool,
    /// Tables that it may not read, or not whole.
    pub(super) hidden: Vec<String>,
}

/// The server's version, the database's name, and our role there.
pub(super) async fn server(connection: &mut PgConnection) -> sqlx::Result<(Server, String, String)> {
    let asked = "SELECT current_setting('server_version'), current_setting('server_version_num')::int / 10000, \
        current_database()::text, current_user::text";
    let (version, major, database, role): (String, i32, String, String) =
        sqlx::query_as(asked).fetch_one(connection).await?;
    // `16.14 (Debian 16.14-1)`
    let version = version.split(' ').next().unwrap_or_default().to_owned();
    Ok((Server { version, major: u32::try_from(major).unwrap_or_default() }, database, role))
}

/// Names of the schemas that are nobody else's.
pub(super) async fn schemas(connection: &mut PgConnection) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar(include_str!("sql/schemas.sql")).fetch_all(connection).await
}

/// Which schemas are built on which.
pub(super) async fn needs(connection: &mut PgConnection) -> sqlx::Result<Vec<Schema>> {
    let pairs: Vec<(String, String)> = sqlx::query_as(NEEDS).fetch_all(connection).await?;
    let mut needs: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, other) in pairs {
        needs.entry(name).or_default().push(other);
    }
    Ok(needs.into_iter().map(|(name, needs)| Schema { name, needs }).collect())
}

/// Roles that have grants there.
pub(super) async fn roles(connection: &mut PgConnection, schemas: &[String]) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar(include_str!("sql/roles.sql")).bind(schemas).fetch_all(connection).await
}

/// Extensions but the one that is always there.
pub(super) async fn extensions(connection: &mut PgConnection) -> sqlx::Result<Vec<Extension>> {
    let rows: Vec<(String, String, String, Vec<String>)> = sqlx::query_as(EXTENSIONS).fetch_all(connection).await?;
    let extension = |(name, version, schema, needed_by)| Extension { name, version, schema, needed_by };
    Ok(rows.into_iter().map(extension).collect())
}

/// Where sequences are. No snapshot holds for them.
pub(super) async fn sequences(connection: &mut PgConnection, schemas: &[String]) -> sqlx::Result<Vec<Sequence>> {
    let asked = "SELECT schemaname::text, sequencename::text, last_value, increment_by FROM pg_catalog.pg_sequences \
        WHERE schemaname = ANY ($1) ORDER BY schemaname, sequencename";
    let rows: Vec<(String, String, Option<i64>, i64)> =
        sqlx::query_as(asked).bind(schemas).fetch_all(connection).await?;
    let sequence = |(schema, name, last_value, increment)| Sequence { schema, name, last_value, increment };
    Ok(rows.into_iter().map(sequence).collect())
}

/// The versions that each ledger of migrations has as applied.
pub(super) async fn migrations(
    connection: &mut PgConnection,
    schemas: &[String],
) -> sqlx::Result<BTreeMap<String, Vec<i64>>> {
    let ledgers = "SELECT format('%I.%I', n.nspname, c.relname) FROM pg_catalog.pg_class c \
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
        WHERE c.relkind = 'r' AND c.relname LIKE '\\_sqlx\\_migrations%' AND n.nspname = ANY ($1) ORDER BY 1";
    let ledgers: Vec<String> = sqlx::query_scalar(ledgers).bind(schemas).fetch_all(&mut *connection).await?;
    let mut migrations = BTreeMap::new();
    for ledger in ledgers {
        let versions = AssertSqlSafe(format!("SELECT version FROM {ledger} WHERE success ORDER BY version"));
        let versions = sqlx::query_scalar(versions).fetch_all(&mut *connection).await?;
        migrations.insert(ledger, versions);
    }
    Ok(migrations)
}

/// How many large objects there are: they belong to no schema, and are in no backup.
pub(super) async fn large_objects(connection: &mut PgConnection) -> sqlx::Result<i64> {
    sqlx::query_scalar("SELECT count(*) FROM pg_catalog.pg_largeobject_metadata").fetch_one(connection).await
}

/// Whether the current role sees everything that is in these schemas.
pub(super) async fn visibility(connection: &mut PgConnection, schemas: &[String]) -> sqlx::Result<Visibility> {
    let tables: Vec<(String, bool, bool)> =
        sqlx::query_as(include_str!("sql/visible.sql")).bind(schemas).fetch_all(connection).await?;
    let is_bound = tables.iter().any(|(_, is_bound, _)| *is_bound);
    let hidden = tables.into_iter().filter(|(.., is_whole)| !is_whole).map(|(name, ..)| name).collect();
    Ok(Visibility { is_bound, hidden })
}

/// Foreign tables of these schemas.
pub(super) async fn foreign_tables(connection: &mut PgConnection, schemas: &[String]) -> sqlx::Result<Vec<String>> {
    let asked = "SELECT format('%I.%I', n.nspname, c.relname) FROM pg_catalog.pg_class c \
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
        WHERE c.relkind = 'f' AND n.nspname = ANY ($1) ORDER BY n.nspname, c.relname";
    sqlx::query_scalar(asked).bind(schemas).fetch_all(connection).await
}

/// What is of no schema and goes when these schemas are dropped: event triggers, and tables of publications.
pub(super) async fn attached(connection: &mut PgConnection, schemas: &[String]) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar(include_str!("sql/attached.sql")).bind(schemas).fetch_all(connection).await
}

/// Of these schemas, those in which something is, with the number of tables.
pub(super) async fn occupied(connection: &mut PgConnection, schemas: &[String]) -> sqlx::Result<Vec<(String, i64)>> {
    sqlx::query_as(include_str!("sql/occupied.sql")).bind(schemas).fetch_all(connection).await
}
