//! What has to be done from time to time: what is past its time goes, or says so.
//!
//! In: which jobs. Out: how many rows each touched. A job is a few static statements, each of a batch and repeated until one
//! finds less; over HTTP they run as `service_role`, from the command line as the schemas' owner. One instance at a time,
//! by an advisory lock.

mod jobs;

use std::time::{Duration, Instant};

use sqlx::{ConnectOptions as _, Connection as _, PgConnection, postgres::PgConnectOptions};

use crate::config::Secret;

pub use jobs::JOBS;

/// Takes the lock for the transaction, and says whether it was free.
pub const LOCK: &str = "SELECT pg_try_advisory_xact_lock(8387794222060728686)::text";
/// Rows that a statement touches at most.
pub const BATCH: i64 = 5000;

/// Something to do from time to time.
#[derive(Clone, Copy, Debug)]
pub struct Job {
    /// `expired_cache`
    pub name: &'static str,
    /// What it does.
    pub about: &'static str,
    /// How often that is good, and the service's own clock does it.
    pub every: Duration,
    /// Table and statement, which gives the number of rows (bigint).
    pub steps: &'static [Step],
}

/// A statement of a job.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    /// The table it is about.
    pub table: &'static str,
    /// The role that a request takes for it, where not `service_role`.
    pub operator: Option<&'static str>,
    /// One row of one bigint.
    pub sql: &'static str,
}

/// What a job did.
#[derive(Clone, Debug)]
pub struct Done {
    /// The job.
    pub job: &'static Job,
    /// Rows touched, by table.
    pub rows: Vec<(&'static str, i64)>,
    /// How long it took.
    pub took: Duration,
}

/// Why maintenance failed. What was done before stays, unless it was a trial.
#[derive(Debug, thiserror::Error)]
pub enum MaintainError {
    /// The connection string is no URL that sqlx can read.
    #[error("the connection string is no URL of the form postgres://user:password@host:port/database")]
    Url,
    /// Somebody else is at it.
    #[error("another instance is at it")]
    Busy,
    /// A statement failed.
    #[error("{job}: {error}")]
    Failed {
        /// The job.
        job: &'static str,
        /// Why.
        error: sqlx::Error,
    },
    /// The database can't be reached.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// Jobs by their names; all where there are none.
///
/// # Errors
/// The first name that is no job's.
pub fn named(names: &[String]) -> Result<Vec<&'static Job>, String> {
    let find = |name: &String| JOBS.iter().find(|job| job.name == name).ok_or_else(|| name.clone());
    match names.is_empty() {
        true => Ok(JOBS.iter().collect()),
        false => names.iter().map(find).collect(),
    }
}

/// Does jobs, one after the other, as the owner. A trial counts what would be touched and leaves everything as it is.
/// `progress` is called after each job.
///
/// # Errors
/// [`MaintainError`].
pub async fn run(
    url: &Secret,
    jobs: &[&'static Job],
    is_trial: bool,
    mut progress: impl FnMut(&Done),
) -> Result<(), MaintainError> {
    let options: PgConnectOptions = url.expose().parse().map_err(|_| MaintainError::Url)?;
    let mut connection = options.application_name("tekup-db maintain").disable_statement_logging().connect().await?;
    for job in jobs {
        let started = Instant::now();
        let mut rows = Vec::new();
        for step in job.steps {
            let count = step.run(&mut connection, is_trial).await;
            rows.push((step.table, count.map_err(|error| error.of(job))?));
        }
        progress(&Done { job, rows, took: started.elapsed() });
    }
    connection.close().await?;
    Ok(())
}

impl std::fmt::Display for Job {
    /// `overdue_runs: Runs that … fail. Every 1 min.`
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { name, about, every, .. } = self;
        match every.as_secs() / 60 {
            minutes @ 0..60 => write!(f, "{name}: {about} Every {minutes} min."),
            minutes => write!(f, "{name}: {about} Every {} h.", minutes / 60),
        }
    }
}

impl MaintainError {
    fn of(self, job: &Job) -> Self {
        match self {
            Self::Database(error) => Self::Failed { job: job.name, error },
            other => other,
        }
    }
}

impl Step {
    /// Repeats the statement until it finds less than a batch: each in a transaction of its own, all in one on trial.
    async fn run(&self, connection: &mut PgConnection, is_trial: bool) -> Result<i64, MaintainError> {
        let mut total = 0;
        loop {
            let mut transaction = connection.begin().await?;
            let is_ours: String = sqlx::query_scalar(LOCK).fetch_one(&mut *transaction).await?;
            if is_ours != "true" {
                return Err(MaintainError::Busy);
            }
            let mut count: i64 = BATCH;
            while count == BATCH {
                count = sqlx::query_scalar(self.sql).fetch_one(&mut *transaction).await?;
                total += count;
                if !is_trial {
                    break;
                }
            }
            match is_trial {
                true => transaction.rollback().await?,
                false => transaction.commit().await?,
            }
            if count < BATCH {
                return Ok(total);
            }
        }
    }
}
