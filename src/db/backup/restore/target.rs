//! The database that a backup is restored into: emptied, and given what a dump doesn't hold.
//!
//! In: the transaction of the restore. Out: schemas, roles and extensions that the dump's statements find.

use sqlx::{AssertSqlSafe, PgConnection};

use super::{
    super::{
        contents,
        manifest::{Extension, Manifest},
    },
    RestoreError,
};
use crate::db::{migrate, script};

/// The schema of what every schema needs: roles and the service's own functions.
const OWN: &str = "tekup";
/// The ledger of the migrations that make roles.
const ROLES: &str = "tekup._sqlx_migrations_roles";

/// Keeps migrations and other restores out until the transaction ends.
pub(super) async fn lock(connection: &mut PgConnection) -> Result<(), RestoreError> {
    let lock = sqlx::query_scalar("SELECT pg_catalog.pg_try_advisory_xact_lock($1)").bind(migrate::LOCK);
    match lock.fetch_one(connection).await? {
        true => Ok(()),
        false => Err(RestoreError::Busy),
    }
}

/// Sees to it that nothing is in the schemas: by refusing, or by dropping them.
pub(super) async fn vacate(
    connection: &mut PgConnection,
    database: &str,
    schemas: &[String],
    is_clean: bool,
) -> Result<(), RestoreError> {
    let occupied = contents::occupied(connection, schemas).await?;
    if occupied.is_empty() {
        return Ok(());
    }
    if !is_clean {
        let named: Vec<_> = occupied.iter().map(|(name, tables)| format!("{name} ({tables} tables)")).collect();
        return Err(RestoreError::Occupied { database: database.to_owned(), schemas: named.join(", ") });
    }
    let needs = contents::needs(connection).await?;
    let dependents = needs.iter().filter(|schema| !schemas.contains(&schema.name)).filter_map(|schema| {
        let lost: Vec<_> = schema.needs.iter().filter(|need| schemas.contains(need)).cloned().collect();
        (!lost.is_empty()).then(|| format!("{} is built on {}", schema.name, lost.join(", ")))
    });
    let dependents: Vec<_> = dependents.collect();
    if !dependents.is_empty() {
        return Err(RestoreError::Dependents(dependents.join("; ")));
    }
    let names: Vec<_> = occupied.into_iter().map(|(name, _)| name).collect();
    let drop =
        "SELECT format('DROP SCHEMA %s CASCADE', string_agg(format('%I', name), ', ')) FROM unnest($1::text[]) AS name";
    execute(connection, drop, &[&names]).await?;
    Ok(())
}

/// Makes the roles, schemas and extensions that the dump's statements name, and says which roles were made.
pub(super) async fn prepare(
    connection: &mut PgConnection,
    manifest: &Manifest,
    schemas: &[String],
) -> Result<Vec<String>, RestoreError> {
    let mut notes = roles(connection, manifest, schemas).await?;
    for schema in schemas {
        let create = "SELECT format('CREATE SCHEMA IF NOT EXISTS %I', name) FROM unnest($1::text[]) AS name";
        execute(connection, create, &[&vec![schema.clone()]]).await?;
    }
    let is_whole = schemas.len() == manifest.schemas.len();
    for extension in &manifest.extensions {
        match extension.is_needed(schemas) {
            true => make_extension(connection, extension).await.map_err(|error| {
                let Extension { name, schema, .. } = extension.clone();
                RestoreError::Extension { name, schema, error }
            })?,
            false if is_whole => notes.extend(try_extension(connection, extension).await?),
            false => {}
        }
    }
    let needs = manifest.needs(schemas);
    let missing = "SELECT name FROM unnest($1::text[]) AS name WHERE to_regnamespace(quote_ident(name)) IS NULL";
    let lacking: Vec<String> = sqlx::query_scalar(missing).bind(&needs).fetch_all(connection).await?;
    match lacking.is_empty() {
        true => Ok(notes),
        false => Err(RestoreError::Lacking { schemas: schemas.join(", "), lacking: lacking.join(", ") }),
    }
}

/// Our own roles are made as migrating makes them, others without the right to log in.
async fn roles(
    connection: &mut PgConnection,
    manifest: &Manifest,
    schemas: &[String],
) -> Result<Vec<String>, RestoreError> {
    if schemas.iter().any(|schema| schema == OWN) {
        // The first of them needs nothing but a cluster.
        run_role_files(connection, manifest, |version| version == 1).await?;
    }
    let missing = "SELECT name FROM unnest($1::text[]) AS name \
        WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = name)";
    let missing: Vec<String> = sqlx::query_scalar(missing).bind(&manifest.roles).fetch_all(&mut *connection).await?;
    for role in &missing {
        let create = "SELECT format('CREATE ROLE %I NOLOGIN', name) FROM unnest($1::text[]) AS name";
        let made = execute(connection, create, &[&vec![role.clone()]]).await;
        made.map_err(|error| RestoreError::Roles { roles: missing.join(", "), error })?;
    }
    let note = |role| format!("made the role {role}, which may not log in and has no password");
    Ok(missing.into_iter().map(note).collect())
}

async fn make_extension(connection: &mut PgConnection, extension: &Extension) -> sqlx::Result<()> {
    let names = vec![extension.name.clone(), extension.schema.clone()];
    execute(connection, "SELECT format('CREATE SCHEMA IF NOT EXISTS %I', ($1::text[])[2])", &[&names]).await?;
    let create = "SELECT format('CREATE EXTENSION IF NOT EXISTS %I SCHEMA %I', ($1::text[])[1], ($1::text[])[2])";
    execute(connection, create, &[&names]).await?;
    let is_elsewhere = "SELECT n.nspname::text FROM pg_catalog.pg_extension e \
        JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = $1 AND n.nspname <> $2";
    let elsewhere: Option<String> =
        sqlx::query_scalar(is_elsewhere).bind(&names[0]).bind(&names[1]).fetch_optional(&mut *connection).await?;
    if let Some(schema) = elsewhere {
        return Err(sqlx::Error::Protocol(format!("it is in the schema {schema} there")));
    }
    load(connection, &extension.name).await
}

/// Makes an extension that nothing is known to depend on: what the body of a function calls, Postgres doesn't note.
async fn try_extension(connection: &mut PgConnection, extension: &Extension) -> sqlx::Result<Option<String>> {
    sqlx::raw_sql("SAVEPOINT extension").execute(&mut *connection).await?;
    let made = make_extension(connection, extension).await;
    let end = if made.is_ok() { "RELEASE SAVEPOINT extension" } else { "ROLLBACK TO SAVEPOINT extension" };
    sqlx::raw_sql(end).execute(connection).await?;
    let name = &extension.name;
    let note =
        |error| format!("left out: the extension {name}, which could not be made ({error}); what calls it will fail");
    Ok(made.err().map(note))
}

/// Loads an extension's library: only then may its settings be named by who is no superuser, as functions of ours do. Any
/// function does it that is looked up and, for want of an argument, not called.
async fn load(connection: &mut PgConnection, extension: &str) -> sqlx::Result<()> {
    let function = sqlx::query_scalar::<_, String>(include_str!("../sql/load.sql")).bind(extension);
    if let Some(call) = function.fetch_optional(&mut *connection).await? {
        sqlx::raw_sql(AssertSqlSafe(call)).execute(connection).await?;
    }
    Ok(())
}

/// What belongs to the whole database and is in no dump of schemas: event triggers and default privileges. The files that
/// make roles make these too, and may be run again. The service is told to read the catalog.
pub(super) async fn finish(
    connection: &mut PgConnection,
    manifest: &Manifest,
    schemas: &[String],
) -> Result<(), RestoreError> {
    if schemas.iter().any(|schema| schema == OWN) {
        run_role_files(connection, manifest, |_| true).await?;
    }
    sqlx::raw_sql("NOTIFY pgrst, 'reload schema'").execute(connection).await?;
    Ok(())
}

/// Those of the backup's ledger.
async fn run_role_files(
    connection: &mut PgConnection,
    manifest: &Manifest,
    is_wanted: impl Fn(i64) -> bool,
) -> Result<(), RestoreError> {
    let applied = manifest.migrations.get(ROLES).cloned().unwrap_or_default();
    // They say `public` where they mean it, and want a search path as migrating has.
    sqlx::raw_sql("SET LOCAL search_path = public").execute(&mut *connection).await?;
    for (version, file, sql) in migrate::role_files() {
        if applied.contains(&version) && is_wanted(version) {
            script::run(&mut *connection, &file, &sql).await??;
        }
    }
    sqlx::raw_sql("SET LOCAL search_path = ''").execute(connection).await?;
    Ok(())
}

/// Executes the statement that a query writes, in which names are quoted by `format`.
async fn execute(connection: &mut PgConnection, query: &'static str, names: &[&Vec<String>]) -> sqlx::Result<()> {
    let mut asked = sqlx::query_scalar::<_, String>(query);
    for name in names {
        asked = asked.bind(*name);
    }
    let statement = asked.fetch_one(&mut *connection).await?;
    sqlx::raw_sql(AssertSqlSafe(statement)).execute(connection).await?;
    Ok(())
}
