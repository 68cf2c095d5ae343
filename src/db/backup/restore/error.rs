//! Why a backup is not brought back, and what to do.

use std::path::PathBuf;

use super::super::{
    ConnectError, ToolError,
    manifest::{DumpFile, ManifestError},
};
use crate::db::script::StatementError;

/// Why a backup is not brought back. The target is as it was, but for [`RestoreError::Commit`].
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    /// The dump can't be read.
    #[error("{}: {error}: name the .dump file of a backup, with its manifest (.json) beside it", path.display())]
    File {
        /// The dump.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// It is no dump by its name.
    #[error("{} is {what}", path.display())]
    NoDump {
        /// As it was given.
        path: PathBuf,
        /// What it is, and what to name.
        what: &'static str,
    },
    /// There is no manifest beside it.
    #[error(
        "{} has no manifest {}: making it was interrupted, or the manifest was left behind. Take another backup, or, to use it as \
         it is, pg_restore", path.display(), manifest.display()
    )]
    NoManifest {
        /// The dump.
        path: PathBuf,
        /// Where its manifest should be.
        manifest: PathBuf,
    },
    /// The manifest can't be used.
    #[error("{}: {error}", path.display())]
    Manifest {
        /// The manifest.
        path: PathBuf,
        /// Why.
        error: ManifestError,
    },
    /// The dump is shorter or longer than it was.
    #[error(
        "{} has {} bytes, and its manifest says {}: it is truncated, or not copied to its end. Copy it again, or take another backup",
        path.display(), found.bytes, expected.bytes
    )]
    Length {
        /// The dump.
        path: PathBuf,
        /// What it is.
        found: DumpFile,
        /// What it should be.
        expected: DumpFile,
    },
    /// The dump is as long as it was, and not the same.
    #[error(
        "{} was changed since it was made: its SHA-256 is {}, and its manifest says {}. Take another backup",
        path.display(), found.sha256, expected.sha256
    )]
    Changed {
        /// The dump.
        path: PathBuf,
        /// What it is.
        found: DumpFile,
        /// What it should be.
        expected: DumpFile,
    },
    /// The backup has no such schema.
    #[error("the backup has no schema {unknown}; it has: {known}")]
    UnknownSchema {
        /// As it was given.
        unknown: String,
        /// Those it has.
        known: String,
    },
    /// The target can't be reached.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// The target is of an older version.
    #[error(
        "the target is PostgreSQL {target}, and the backup was made from {backup}: an older version can't take it. Restore it into \
         {backup} or a later one"
    )]
    OlderServer {
        /// Its version.
        target: String,
        /// That of the backup's server.
        backup: String,
    },
    /// No pg_restore, or it failed.
    #[error(transparent)]
    Tool(#[from] ToolError),
    /// Somebody else changes the schemas.
    #[error("a migration or another restore is at work on the target: wait for it to end")]
    Busy,
    /// Something is in the target already.
    #[error(
        "{database} has something in {schemas} already: restore into an empty database (--into URL), or drop these schemas first, \
         with all that is in them, by --clean"
    )]
    Occupied {
        /// The database.
        database: String,
        /// What is there.
        schemas: String,
    },
    /// Something else would be dropped as well.
    #[error(
        "{0}: dropping them would take away what others are built on. Restore those as well (--schema), or drop what depends on \
         them by hand first"
    )]
    Dependents(String),
    /// Something that the schemas are built on is not there.
    #[error(
        "{schemas} can't be without {lacking}, of which the target has nothing: restore these too, or bring the target up to date \
         first with `tekup-db migrate`"
    )]
    Lacking {
        /// What is to be restored.
        schemas: String,
        /// What is missing.
        lacking: String,
    },
    /// Roles can't be made.
    #[error(
        "the roles {roles} are missing and can't be made ({error}): an administrator runs CREATE ROLE … NOLOGIN for each"
    )]
    Roles {
        /// Which.
        roles: String,
        /// Why not.
        error: sqlx::Error,
    },
    /// An extension can't be made.
    #[error(
        "the extension {name} is missing in the schema {schema} and can't be made there ({error}): install it on the server, and let \
         an administrator run: CREATE EXTENSION {name} SCHEMA {schema}"
    )]
    Extension {
        /// Which.
        name: String,
        /// Where.
        schema: String,
        /// Why not.
        error: sqlx::Error,
    },
    /// A statement of the dump failed.
    #[error(transparent)]
    Statement(#[from] StatementError),
    /// Rows were refused.
    #[error("rows of {table}: {error}")]
    Rows {
        /// The table.
        table: String,
        /// Why.
        error: sqlx::Error,
    },
    /// What came out is not what the manifest says.
    #[error("what was restored is not what the manifest says:\n  {}", .0.join("\n  "))]
    Different(Vec<String>),
    /// The target refused something, or went away.
    #[error("the target failed: {0}")]
    Database(#[from] sqlx::Error),
    /// The last answer didn't come.
    #[error("the connection was lost while the restore was being committed: {0}")]
    Commit(sqlx::Error),
}

impl RestoreError {
    /// What is in the target where nothing was committed.
    pub const UNCHANGED: &'static str = "the target is as it was";
    /// What is in the target where a commit got no answer.
    pub const UNKNOWN: &'static str = "the target holds either all of the backup or is as it was: look into it, or run the same \
        command again, which without --clean refuses where all is there";

    /// What is in the target now, for whoever has to go on.
    pub fn state(&self) -> &'static str {
        match self {
            Self::Commit(_) => Self::UNKNOWN,
            _ => Self::UNCHANGED,
        }
    }
}
