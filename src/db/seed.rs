//! Sample data.
//!
//! In: the files of `src/seed`, which the binary holds. Out: their rows, all or none. It runs as the connection string's
//! own user and takes no other role: a superuser, or the schemas' owner, whom migrating made a member of `tekup_owner`,
//! the role that every table's row security lets in. Any other login is refused by Postgres at the first table.

use sqlx::{ConnectOptions as _, Connection as _, PgConnection, postgres::PgConnectOptions};

use super::script::{self, StatementError};
use crate::config::Secret;

include!(concat!(env!("OUT_DIR"), "/demo.rs"));

/// A few rows, enough to log in with.
const MINIMAL: &[(&str, &str)] = &[("minimal.sql", include_str!("../seed/minimal.sql"))];

/// Whether a text stands in the sample data as it is.
pub fn holds(text: &str) -> bool {
    DEMO.iter().chain(MINIMAL).any(|(_, sql)| sql.contains(text))
}

/// Key of the advisory lock that a seeding instance holds.
const LOCK: i64 = 0x7465_6b75_7073_6565;

/// Which data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Data {
    /// A few rows.
    Minimal,
    /// A sample company: the same rows for the same anchor and seed.
    Demo {
        /// The day that the data is relative to, YYYY-MM-DD; today where it is absent.
        anchor: Option<String>,
        /// A number that varies the data.
        seed: Option<i64>,
    },
}

/// An organisation of the data.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Organisation {
    /// The schema whose rows it owns: `billy`, or `crm`, which owns those of renos and flow as well.
    pub schema: String,
    /// Its id, as tokens name it.
    pub id: String,
    /// Its name.
    pub name: String,
}

/// A file that is about to be run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// `20_renos_people.sql`
    pub file: &'static str,
    /// From 1.
    pub number: usize,
    /// How many files there are.
    pub total: usize,
}

/// Why there is no sample data.
#[derive(Debug, thiserror::Error)]
pub enum SeedError {
    /// The connection string is no URL that sqlx can read.
    #[error("the connection string is no URL of the form postgres://user:password@host:port/database")]
    Url,
    /// It is no day.
    #[error("{0:?} is no date of the form YYYY-MM-DD")]
    Anchor(String),
    /// A statement failed; nothing was kept.
    #[error(transparent)]
    Statement(#[from] StatementError),
    /// The database can't be reached.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// Whether nobody and nothing is there yet.
///
/// # Errors
/// The database can't be reached, or is not migrated.
pub async fn is_empty(url: &Secret) -> Result<bool, SeedError> {
    let mut connection = connect(url).await?;
    let asked = "SELECT NOT EXISTS (SELECT FROM shared.users) AND NOT EXISTS (SELECT FROM vault.documents)";
    Ok(sqlx::query_scalar(asked).fetch_one(&mut connection).await?)
}

/// The organisations that are active, by schema and name.
///
/// # Errors
/// The database can't be reached, or is not migrated.
pub async fn organisations(url: &Secret) -> Result<Vec<Organisation>, SeedError> {
    let mut connection = connect(url).await?;
    let asked = "SELECT 'billy' AS schema, id::text, name::text FROM billy.organizations WHERE is_active \
        UNION ALL SELECT 'crm', id::text, name::text FROM crm.tenants WHERE is_active ORDER BY 1, 3";
    Ok(sqlx::query_as(asked).fetch_all(&mut connection).await?)
}

async fn connect(url: &Secret) -> Result<PgConnection, SeedError> {
    let options: PgConnectOptions = url.expose().parse().map_err(|_| SeedError::Url)?;
    Ok(options.application_name("tekup-db seed").disable_statement_logging().connect().await?)
}

/// Loads sample data into migrated schemas; again changes nothing. `progress` is called before each file.
///
/// # Errors
/// [`SeedError`]; nothing is kept then.
pub async fn run(url: &Secret, data: &Data, mut progress: impl FnMut(Progress)) -> Result<(), SeedError> {
    let mut connection = connect(url).await?;
    let mut transaction = connection.begin().await?;
    sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(LOCK).execute(&mut *transaction).await?;
    let files = match data {
        Data::Minimal => MINIMAL,
        Data::Demo { anchor, seed } => {
            set(&mut transaction, anchor.as_deref(), *seed).await?;
            DEMO
        }
    };
    for (index, (file, text)) in files.iter().enumerate() {
        progress(Progress { file, number: index + 1, total: files.len() });
        script::run(&mut transaction, file, text).await??;
    }
    transaction.commit().await?;
    Ok(connection.close().await?)
}

/// What the files read: see `00_prelude.sql`.
async fn set(connection: &mut PgConnection, anchor: Option<&str>, seed: Option<i64>) -> Result<(), SeedError> {
    if let Some(anchor) = anchor {
        let set = sqlx::query("SELECT set_config('tekup.anchor', ($1::date)::text, true)");
        let set = set.bind(anchor).execute(&mut *connection).await;
        set.map_err(|error| match error.as_database_error() {
            Some(_) => SeedError::Anchor(anchor.to_owned()),
            None => error.into(),
        })?;
    }
    if let Some(seed) = seed {
        let set = sqlx::query("SELECT set_config('tekup.seed', $1::text, true)").bind(seed.to_string());
        set.execute(connection).await?;
    }
    Ok(())
}
