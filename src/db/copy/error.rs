//! Why a copy failed, what state things are in, and what to do next.

use super::{End, Malformed, MapError, TableName};
use crate::db::{connect::ConnectionStringError, error::DbError, migrate::MigrateError};

/// Why a copy failed. The source is as it was, whatever the error.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// A connection string can't be used.
    #[error("the URL of the {end} can't be used: {source}; nothing was copied")]
    Url {
        /// Which end.
        end: End,
        /// Why.
        source: ConnectionStringError,
    },
    /// An end can't be reached.
    #[error("the {end} at {place} can't be reached: {}; nothing was copied", reason(source))]
    Connect {
        /// Which end.
        end: End,
        /// Host, port and database.
        place: String,
        /// Why.
        source: DbError,
    },
    /// The source's server is too old.
    #[error(
        "the source is PostgreSQL {version}, and {oldest} is the oldest that can be copied from: upgrade it, or restore its dump on a newer server and copy from there; nothing was copied"
    )]
    Version {
        /// Its version.
        version: i32,
        /// The oldest that will do.
        oldest: i32,
    },
    /// The target lacks migrations.
    #[error("{0} migrations are not applied to the target: run tekup-db migrate, and copy again; nothing was copied")]
    NotMigrated(usize),
    /// The migrations can't be asked for.
    #[error("the target's migrations can't be read: {0}; nothing was copied")]
    Migrations(#[from] MigrateError),
    /// Source and target are one.
    #[error("source and target are the same database: make a new one for the target; nothing was copied")]
    Same,
    /// The map can't be used.
    #[error("{0}; nothing was copied")]
    Map(#[from] MapError),
    /// No table of the map is in some of the schemas.
    #[error("no table of the map is in the schema {unknown}; there are: {known}; nothing was copied")]
    NoSchema {
        /// Those that were named.
        unknown: String,
        /// Those that the map has.
        known: String,
    },
    /// The source has none of the tables.
    #[error(
        "{0} has none of the map's tables: is it the right database? --map names tables of other names; nothing was copied"
    )]
    NothingThere(String),
    /// Another instance copies.
    #[error("another tekup-db copies into the target: wait for it; nothing was copied")]
    Busy,
    /// The check found faults.
    #[error("{0} faults are in the way, see above: mend them in the source, or with --map; nothing was written")]
    Refused(usize),
    /// A table has rows.
    #[error("{0} has rows that were not copied from this source: --replace empties it first")]
    Filled(TableName),
    /// A table that has rows of its own refers to one that is to be emptied.
    #[error(
        "{0} has rows, and refers to tables that --replace would empty: empty it yourself first; nothing was changed"
    )]
    Referred(TableName),
    /// What was written is not what was sent.
    #[error("{table} holds other rows than the source sent: {} rows ({}) against {} rows ({})", written.0, written.1, sent.0, sent.1)]
    Differs {
        /// The table.
        table: TableName,
        /// Rows and checksum of the source.
        sent: (u64, String),
        /// Rows and checksum of the target.
        written: (u64, String),
    },
    /// A secret can't be sealed.
    #[error("the secret of {0}, row {1}, can't be sealed")]
    Unsealed(TableName, String),
    /// A stream was no COPY.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// The catalog's answer can't be read.
    #[error("the catalog's answer can't be read: {0}")]
    Catalog(#[from] serde_json::Error),
    /// A database said no, or was lost.
    #[error("{doing}: the {end} said: {source}")]
    Database {
        /// Which end.
        end: End,
        /// What was done.
        doing: String,
        /// What it said.
        source: Said,
    },
    /// A table failed after others were copied.
    #[error("{table} was not copied: {source}\n{done} tables were copied before it and stay; {}", what_next(table, *is_emptied))]
    Midway {
        /// The table.
        table: TableName,
        /// Tables that were copied in this run.
        done: usize,
        /// The tables had been emptied by `--replace`.
        is_emptied: bool,
        /// Why.
        source: Box<CopyError>,
    },
}

impl CopyError {
    /// Says what stays.
    pub(super) fn midway(self, table: &TableName, done: usize, is_emptied: bool) -> Self {
        Self::Midway { table: table.clone(), done, is_emptied, source: Box::new(self) }
    }
}

fn what_next(table: &TableName, is_emptied: bool) -> String {
    let (state, again) = match is_emptied {
        true => (format!("{table} and what comes after it was emptied by --replace"), "without --replace"),
        false => (format!("{table} is as before"), "again"),
    };
    format!(
        "{state}. The source is untouched. Run the same command {again} to go on: it reads a new snapshot, so stop writing to the \
         source, or start anew with --replace"
    )
}

/// What a database said, in one line.
#[derive(Debug)]
pub struct Said(tokio_postgres::Error);

impl From<tokio_postgres::Error> for Said {
    fn from(error: tokio_postgres::Error) -> Self {
        Self(error)
    }
}

impl std::error::Error for Said {}

impl std::fmt::Display for Said {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Some(error) = self.0.as_db_error() else {
            return f.write_str(&crate::db::error::chain(&self.0));
        };
        write!(f, "{} ({})", error.message(), error.code().code())?;
        for (title, text) in [("detail", error.detail()), ("hint", error.hint()), ("context", error.where_())] {
            if let Some(text) = text {
                write!(f, "; {title}: {}", text.replace('\n', " "))?;
            }
        }
        Ok(())
    }
}

fn reason(error: &DbError) -> String {
    match error {
        DbError::Unavailable { reason, .. } => reason.clone(),
        error => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_empty_by_replacing_is_said() {
        let of = |is_emptied| CopyError::Busy.midway(&TableName::new("crm", "deals"), 2, is_emptied).to_string();
        assert!(of(true).contains("emptied by --replace") && of(true).contains("without --replace to go on"));
        assert!(
            of(false).contains("2 tables")
                && of(false).contains("crm.deals is as before")
                && !of(false).contains("emptied")
        );
    }
}
