//! Maintenance over HTTP, and by the service's own clock.
//!
//! In: a job of [`maintain`]. Out: how many rows it touched. It runs as `service_role`; a step that needs more runs as its
//! schema's operator.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use super::{
    App, Service,
    admin::{OPERATOR, transaction},
    unit::Unit,
};
use crate::{
    auth::Identity,
    catalog::Catalog,
    db::{
        Access, DbError, Transaction,
        maintain::{self, BATCH, JOBS, Job, Step},
    },
    error::Problem,
    name::QualifiedName,
};

/// How often the clock looks, and how long after the start it looks first.
const LOOK_EVERY: Duration = Duration::from_secs(60);

/// When a job was last done, by its name.
#[derive(Debug, Default)]
pub struct Clock(HashMap<&'static str, Instant>);

/// Does each job when it is time, for as long as the service runs. Every instance has a clock: the lock lets one work, and a
/// job that was done a moment ago finds nothing to do.
pub(super) async fn by_clock(service: Service) {
    let mut clock = Clock::default();
    loop {
        tokio::time::sleep(LOOK_EVERY).await;
        clock.look(&service.app()).await;
    }
}

impl Clock {
    /// Does the jobs that are due. Each is in the log: what failed is done again in its time.
    pub async fn look(&mut self, app: &App) {
        let Some(catalog) = app.catalogs.current().filter(|_| app.config.server.maintenance) else { return };
        for job in JOBS.iter().filter(|job| is_here(job, &catalog)) {
            // The next look may be a little early.
            let is_due = self.0.get(job.name).is_none_or(|at| at.elapsed() + LOOK_EVERY / 2 >= job.every);
            if is_due {
                self.0.insert(job.name, Instant::now());
                report(job, run(app, &operator(), job, false).await);
            }
        }
    }
}

/// All that it is about is exposed: another database has other things to maintain.
fn is_here(job: &Job, catalog: &Catalog) -> bool {
    job.steps.iter().all(|step| {
        let name = step.table.split_once('.').map(|(schema, name)| QualifiedName::new(schema, name));
        name.is_some_and(|name| catalog.relation(&name).is_some())
    })
}

fn operator() -> Identity {
    Identity {
        role: OPERATOR.into(),
        claims: json!({"role": OPERATOR}).to_string().into(),
        organisation: "".into(),
        person: "".into(),
        authenticated: true,
    }
}

fn report(job: &Job, done: Result<Value, Problem>) {
    match done {
        Ok(done) if done["rows"] == 0 => tracing::debug!(job = job.name, "maintained"),
        Ok(done) => tracing::info!(job = job.name, rows = %done["rows"], ms = %done["duration_ms"], "maintained"),
        // Another instance does it.
        Err(problem) if problem.status == 409 => tracing::debug!(job = job.name, "maintained elsewhere"),
        Err(problem) => {
            tracing::warn!(job = job.name, code = %problem.code, error = %problem.message, "not maintained")
        }
    }
}

/// Does a job, and tells the rows that it touched, by table.
///
/// # Errors
/// Another instance is at it (409), or a statement fails; what was done before stays, unless it was a trial.
pub(super) async fn run(app: &App, operator: &Identity, job: &Job, is_trial: bool) -> Result<Value, Problem> {
    let started = Instant::now();
    let mut tables = serde_json::Map::new();
    let mut total = 0;
    for step in job.steps {
        let rows = repeat(app, operator, step, is_trial).await.map_err(|problem| {
            let message = format!("The job {} failed at {}: {}", job.name, step.table, problem.message);
            Problem { message, ..problem }
        })?;
        total += rows;
        tables.insert(step.table.to_owned(), rows.into());
    }
    let took = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    Ok(json!({"job": job.name, "rows": total, "tables": tables, "duration_ms": took}))
}

/// Repeats a statement until it finds less than a batch: each in a transaction of its own, all in one on trial.
async fn repeat(app: &App, operator: &Identity, step: &Step, is_trial: bool) -> Result<i64, Problem> {
    let failed = |error: DbError| Problem::database(&error, true);
    let mut total = 0;
    loop {
        let unit = Unit::begin(&app.database, operator, None).await.map_err(failed)?;
        let ask = async |text, role: Option<&str>| {
            let transaction = Transaction { role: role.map(Into::into), ..transaction(Access::ReadWrite, text) };
            Ok::<_, Problem>(unit.run(operator, &transaction).await.map_err(failed)?.rows)
        };
        if ask(maintain::LOCK, None).await?.first().and_then(|row| row.get(0)) != Some(b"true") {
            let problem = Problem::new(409, "operation.conflict", "Another instance is at it");
            return Err(problem.header("retry-after", "10"));
        }
        let mut count = BATCH;
        while count == BATCH {
            count = ask(step.sql, step.operator).await?.first().and_then(|row| row.bigint(0)).unwrap_or_default();
            total += count;
            if !is_trial {
                break;
            }
        }
        match is_trial {
            true => unit.roll_back().await.map_err(failed)?,
            false => drop(unit.commit().await.map_err(failed)?),
        }
        if count < BATCH {
            return Ok(total);
        }
    }
}
