//! Bringing a backup back.
//!
//! In: a dump with its manifest, and a database. Out: a database that holds what the manifest says, or one that is as it was:
//! what is dropped, made, copied and compared is one transaction. Refuses a file that is not as it was written, and a target in
//! which something is, unless told to drop it.

mod error;
mod file;
mod target;

use std::time::Duration;

use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

pub use error::RestoreError;
pub use file::check;

use super::{
    RestoreOptions, Step,
    archive::{Archive, Section, is_copy},
    chosen, connect, contents, figures,
    listing::{self, Selection},
    manifest::{self, Manifest},
};
use crate::{config::Secret, db::script};

/// What a restore brought back.
#[derive(Clone, Debug)]
pub struct Restored {
    /// The schemas.
    pub schemas: Vec<String>,
    /// How many tables.
    pub tables: usize,
    /// How many rows.
    pub rows: u64,
    /// What whoever operates the database should know.
    pub notes: Vec<String>,
}

/// The step from which on only the target knows whether it holds the backup, until [`restore`] ends.
pub const COMMITTING: &str = "committing";

/// How long the statistics of all tables may take; they are gathered by autovacuum otherwise.
const ANALYZE: Duration = Duration::from_secs(600);

/// Brings a backup back. `progress` is told what is being done. The planner's statistics are left to [`analyze`].
///
/// # Errors
/// [`RestoreError`]. The target is as it was, but where a commit got no answer.
pub async fn restore(
    url: &Secret,
    options: &RestoreOptions,
    mut progress: impl FnMut(Step<'_>),
) -> Result<Restored, RestoreError> {
    progress(Step { what: "checking the file", done: 0, total: 0 });
    let manifest = file::verified(&options.file).await?;
    let known = manifest.schema_names();
    let schemas = chosen(&options.schemas, &known)
        .map_err(|unknown| RestoreError::UnknownSchema { unknown, known: known.join(", ") })?;
    let archive = file::archive(&options.file, &manifest, options.bin.as_deref())?;
    let list = archive.list().await?;

    let mut connection = connect(url, "tekup-db restore").await?;
    let mut transaction = connection.begin().await?;
    sqlx::raw_sql(contents::SETTINGS).execute(&mut *transaction).await?;
    let (server, database, role) = contents::server(&mut transaction).await?;
    if server.major < manifest.server.major {
        return Err(RestoreError::OlderServer { target: server.version, backup: manifest.server.version.clone() });
    }
    target::lock(&mut transaction).await?;
    let attached = contents::attached(&mut transaction, &schemas).await?;
    target::vacate(&mut transaction, &database, &schemas, options.clean).await?;
    let mut notes = target::prepare(&mut transaction, &manifest, &schemas).await?;
    let Selection { list, left_out } = listing::select(&list, &known, &schemas, &role);
    notes.extend(left_out.into_iter().map(|what| format!("left out: {what}")));
    let rows = manifest.rows(&schemas);
    run(&mut transaction, &archive, Section::Before, &list, server.major, &mut progress).await?;
    copy(&mut transaction, &archive, &list, rows, &mut progress).await?;
    run(&mut transaction, &archive, Section::After, &list, server.major, &mut progress).await?;
    target::finish(&mut transaction, &manifest, &schemas).await?;
    let still = contents::attached(&mut transaction, &schemas).await?;
    let gone = attached.into_iter().filter(|what| !still.contains(what));
    notes.extend(gone.map(|what| format!("gone with what was dropped, and not made again: {what}")));
    let tables = compare(&mut transaction, &manifest, &schemas, &mut progress).await?;
    progress(Step { what: COMMITTING, done: 0, total: 0 });
    transaction.commit().await.map_err(RestoreError::Commit)?;
    // What is committed stays, however the connection ends.
    let _ = connection.close().await;
    Ok(Restored { schemas, tables, rows, notes })
}

/// Runs the statements before or after the rows.
async fn run(
    connection: &mut PgConnection,
    archive: &Archive,
    section: Section,
    list: &str,
    major: u32,
    progress: &mut impl FnMut(Step<'_>),
) -> Result<(), RestoreError> {
    let mut text = archive.statements(section, list).await?;
    if major < 17 {
        // pg_restore 17 sets what older servers don't have.
        text = text.replacen("SET transaction_timeout = 0;", "", 1);
    }
    let what = match section {
        Section::Before => "making tables",
        Section::After => "making indexes, keys and row rules",
    };
    let report = |done, total| progress(Step { what, done, total });
    Ok(script::run_reporting(connection, what, &text, report).await??)
}

/// Copies the rows, a table after the other.
async fn copy(
    connection: &mut PgConnection,
    archive: &Archive,
    list: &str,
    total: u64,
    progress: &mut impl FnMut(Step<'_>),
) -> Result<(), RestoreError> {
    let mut data = archive.data(list).await?;
    let (mut done, mut buffer) = (0, Vec::new());
    while let Some(statement) = data.statement().await? {
        if !is_copy(&statement) {
            if !statement.starts_with("SET transaction_timeout") {
                sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut *connection).await?;
            }
            continue;
        }
        let table = statement["COPY ".len()..].split(" (").next().unwrap_or_default().to_owned();
        let fault = |error| RestoreError::Rows { table: table.clone(), error };
        let mut rows = connection.copy_in_raw(&statement).await.map_err(fault)?;
        loop {
            buffer.clear();
            let (count, has_more) = data.rows(&mut buffer).await?;
            rows.send(buffer.as_slice()).await.map_err(fault)?;
            done += count;
            progress(Step { what: &table, done, total });
            if !has_more {
                break;
            }
        }
        rows.finish().await.map_err(fault)?;
    }
    Ok(data.end().await?)
}

/// Compares what is there with the manifest, and says how many tables there are.
async fn compare(
    connection: &mut PgConnection,
    manifest: &Manifest,
    schemas: &[String],
    progress: &mut impl FnMut(Step<'_>),
) -> Result<usize, RestoreError> {
    // The dump's statements set some of them otherwise.
    sqlx::raw_sql(contents::SETTINGS).execute(&mut *connection).await?;
    let expected: Vec<_> = manifest.tables.iter().filter(|table| schemas.contains(&table.schema)).collect();
    let found = figures::tables(&mut *connection, schemas, |step| {
        progress(Step { what: &format!("comparing {}", step.what), ..step });
    })
    .await?;
    let mut lines = manifest::differences(&expected, &found);
    let sequences: Vec<_> = manifest.sequences.iter().filter(|sequence| schemas.contains(&sequence.schema)).collect();
    lines.extend(manifest::behind(&sequences, &contents::sequences(&mut *connection, schemas).await?));
    match lines.is_empty() {
        true => Ok(expected.len()),
        false => Err(RestoreError::Different(lines)),
    }
}

/// Lets the planner know how many rows there are in these schemas. It may take long and is no part of the restore: a note where it
/// fails.
pub async fn analyze(url: &Secret, schemas: &[String]) -> Option<String> {
    let gather = async {
        let mut connection = connect(url, "tekup-db restore").await.map_err(|error| error.to_string())?;
        gather(&mut connection, schemas).await.map_err(|error| error.to_string())
    };
    let why = match tokio::time::timeout(ANALYZE, gather).await {
        Ok(Ok(())) => return None,
        Ok(Err(error)) => error,
        Err(_) => format!("not done within {ANALYZE:?}"),
    };
    Some(format!("the statistics were not gathered, run ANALYZE: {why}"))
}

async fn gather(connection: &mut PgConnection, schemas: &[String]) -> sqlx::Result<()> {
    let asked = "SELECT string_agg(format('%I.%I', schemaname, tablename), ', ') FROM pg_catalog.pg_tables \
        WHERE schemaname = ANY ($1)";
    let tables: Option<String> = sqlx::query_scalar(asked).bind(schemas).fetch_one(&mut *connection).await?;
    if let Some(tables) = tables {
        sqlx::raw_sql(AssertSqlSafe(format!("ANALYZE {tables}"))).execute(connection).await?;
    }
    Ok(())
}
