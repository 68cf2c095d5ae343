//! Backups: made, checked, brought back.
//!
//! In: a database, or a file that was made of one. Out: a dump that PostgreSQL's own tools read, with a manifest of what is in
//! it; or a database that holds what the manifest says. A backup is there whole or not at all, and so is what is restored: the
//! one is renamed in the end, the other is one transaction. Roles and extensions, which are the cluster's and the server's, are
//! named in the manifest and made where they are missing; passwords and keys are not in a backup.

mod archive;
mod contents;
mod dump;
mod figures;
mod libpq;
mod listing;
mod manifest;
mod name;
mod part;
mod restore;
mod tools;

use std::path::{Path, PathBuf};

use sqlx::{ConnectOptions as _, PgConnection, postgres::PgConnectOptions};

pub use dump::{BackupError, Made, run};
pub use manifest::{DumpFile, Extension, Manifest, ManifestError, Schema, Sequence, Server, Table};
pub use name::Destination;
pub use restore::{COMMITTING, RestoreError, Restored, analyze, check, restore};
pub use tools::ToolError;

use crate::config::Secret;

/// What is to be backed up, and where to.
#[derive(Clone, Debug)]
pub struct BackupOptions {
    /// These schemas; all where there are none.
    pub schemas: Vec<String>,
    /// A file, or the folder of a series.
    pub out: Destination,
    /// How many of the series stay; all otherwise.
    pub keep: Option<usize>,
    /// Where PostgreSQL's programs are looked for first.
    pub bin: Option<PathBuf>,
}

/// What is to be brought back, and how.
#[derive(Clone, Debug)]
pub struct RestoreOptions {
    /// The dump; its manifest is beside it.
    pub file: PathBuf,
    /// These schemas of it; all where there are none.
    pub schemas: Vec<String>,
    /// Drop what the target has of these schemas first.
    pub clean: bool,
    /// Where PostgreSQL's programs are looked for first.
    pub bin: Option<PathBuf>,
}

/// How far it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step<'s> {
    /// `copying renos.leads`
    pub what: &'s str,
    /// How much of `total` is done.
    pub done: u64,
    /// How much there is of what this step counts: tables, rows or statements.
    pub total: u64,
}

/// A connection of the control plane's kind, for one command.
async fn connect(url: &Secret, name: &str) -> Result<PgConnection, ConnectError> {
    let options: PgConnectOptions = url.expose().parse().map_err(|_| ConnectError::Url)?;
    Ok(options.application_name(name).disable_statement_logging().connect().await?)
}

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The connection string is no URL that sqlx can read.
    #[error("the connection string is no URL of the form postgres://user:password@host:port/database")]
    Url,
    /// The server can't be reached, or doesn't let us in.
    #[error("the database can't be reached: {0}")]
    Unreachable(#[from] sqlx::Error),
}

/// `FILE.json`: where a dump's manifest is.
fn manifest_path(dump: &Path) -> PathBuf {
    let mut path = dump.as_os_str().to_owned();
    path.push(".json");
    path.into()
}

/// Names chosen among those that there are; all where none are named.
fn chosen(named: &[String], known: &[String]) -> Result<Vec<String>, String> {
    if let Some(unknown) = named.iter().find(|name| !known.contains(name)) {
        return Err(unknown.clone());
    }
    let is_chosen = |name: &&String| named.is_empty() || named.contains(name);
    Ok(known.iter().filter(is_chosen).cloned().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schemas_are_chosen_among_those_there_are() {
        let (known, names) =
            (["crm", "renos"].map(str::to_owned), |names: &[&str]| names.iter().map(|n| (*n).into()).collect());
        let named: Vec<String> = names(&["renos", "renos"]);
        assert_eq!(chosen(&named, &known), Ok(vec!["renos".to_owned()]));
        assert_eq!(chosen(&[], &known), Ok(known.to_vec()));
        let named: Vec<String> = names(&["crm", "Crm"]);
        assert_eq!(chosen(&named, &known), Err("Crm".to_owned()));
    }
}
