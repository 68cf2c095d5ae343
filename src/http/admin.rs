//! What operators of the service ask and do: `service_role` alone.

use std::{sync::Arc, time::Instant};

use axum::{
    Json,
    body::Body,
    extract::State,
    http::{HeaderMap, Method, Request, Response},
    response::IntoResponse as _,
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    App, keys,
    operations::{admit, invalid},
    tables::whole,
    unit::Unit,
};
use crate::{
    auth::Identity,
    db::{
        Access, DbError, Transaction,
        maintain::{self, BATCH, JOBS, Job},
        migrate::{self, MigrationState},
    },
    domain::Fault,
    error::Problem,
    sql::Statement,
};

/// The only role that operates.
const OPERATOR: &str = "service_role";

/// Lets in who operates the service.
///
/// # Errors
/// It is nobody, or somebody else.
pub(super) async fn operator(app: &App, method: &Method, headers: &HeaderMap) -> Result<Arc<Identity>, Problem> {
    let identity = keys::identify(app, method, headers).await?;
    admit(&identity, &[OPERATOR], "operate the service")?;
    Ok(identity)
}

/// A transaction of one statement, as the caller.
pub(super) fn transaction(access: Access, text: &'static str) -> Transaction {
    Transaction::new(access, Statement { text: text.into(), parameters: Vec::new() })
}

/// `GET /admin/migrations`: which are applied, pending, or not as they were.
pub async fn migrations(State(app): State<App>, headers: HeaderMap) -> Response<Body> {
    let report = async {
        let operator = operator(&app, &Method::GET, &headers).await?;
        let states = states(&app, &operator).await.map_err(|error| Problem::database(&error, true))?;
        Ok::<_, Problem>(Json(report(&states)).into_response())
    };
    report.await.unwrap_or_else(|problem| app.refuse(&problem))
}

/// The states of all migrations. A database that none was applied to has nobody to ask: all are pending then.
pub(super) async fn states(app: &App, operator: &Identity) -> Result<Vec<migrate::MigrationStatus>, DbError> {
    let asked = app.database.run(operator, transaction(Access::ReadOnly, migrate::APPLIED)).await;
    let rows = match asked {
        Err(DbError::Sql(error)) if ["3F000", "42883", "42501"].contains(&error.sqlstate.as_str()) => Vec::new(),
        asked => asked?.rows,
    };
    let json = rows.first().and_then(|row| row.get(0)).unwrap_or(b"[]");
    let applied: Vec<migrate::Applied> = serde_json::from_slice(json).unwrap_or_default();
    Ok(migrate::states(&applied))
}

fn report(states: &[migrate::MigrationStatus]) -> Value {
    let of = |describe: &dyn Fn(&migrate::MigrationStatus) -> Option<Value>| -> Vec<Value> {
        states.iter().filter_map(describe).collect()
    };
    let applied = of(&|status| match &status.state {
        MigrationState::Applied(at) => Some(json!({"file": status.file, "applied_at": at})),
        _ => None,
    });
    let pending = of(&|status| (status.state == MigrationState::Pending).then(|| json!({"file": status.file})));
    let failed = of(&|status| {
        let reason = "changed since it was applied";
        (status.state == MigrationState::Changed).then(|| json!({"file": status.file, "reason": reason}))
    });
    json!({"pending": pending, "applied": applied, "failed": failed})
}

/// What `POST /admin/maintenance` takes.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Wanted {
    jobs: Vec<String>,
    dry_run: bool,
}

/// `POST /admin/maintenance`: does jobs, one after the other, and tells the rows that each touched.
pub async fn maintenance(State(app): State<App>, request: Request<Body>) -> Response<Body> {
    let work = async {
        let (parts, body) = request.into_parts();
        let operator = operator(&app, &parts.method, &parts.headers).await?;
        let body = whole(&app, body).await?;
        let wanted = match body.trim_ascii() {
            b"" => Wanted::default(),
            body => serde_json::from_slice(body)
                .map_err(|error| invalid(&[Fault::new("", format!("is no input: {error}"))]))?,
        };
        let jobs = maintain::named(&wanted.jobs).map_err(|name| {
            let known: Vec<_> = JOBS.iter().map(|job| job.name).collect();
            invalid(&[Fault::new("jobs", format!("{name} is no job; there are {}", known.join(", ")))])
        })?;
        let mut done = Vec::new();
        for job in jobs {
            done.push(run(&app, &operator, job, wanted.dry_run).await?);
        }
        Ok::<_, Problem>(Json(json!({"dry_run": wanted.dry_run, "jobs": done})).into_response())
    };
    work.await.unwrap_or_else(|problem| app.refuse(&problem))
}

async fn run(app: &App, operator: &Identity, job: &Job, is_trial: bool) -> Result<Value, Problem> {
    let started = Instant::now();
    let mut tables = serde_json::Map::new();
    let mut total = 0;
    for step in job.steps {
        let rows = repeat(app, operator, step.sql, is_trial).await.map_err(|problem| {
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
async fn repeat(app: &App, operator: &Identity, sql: &'static str, is_trial: bool) -> Result<i64, Problem> {
    let failed = |error: DbError| Problem::database(&error, true);
    let mut total = 0;
    loop {
        let unit = Unit::begin(&app.database, operator, None).await.map_err(failed)?;
        let ask = async |text| {
            let outcome = unit.run(operator, &transaction(Access::ReadWrite, text)).await.map_err(failed)?;
            Ok::<_, Problem>(outcome.rows)
        };
        if ask(maintain::LOCK).await?.first().and_then(|row| row.get(0)) != Some(b"true") {
            let problem = Problem::new(409, "operation.conflict", "Another instance is at it");
            return Err(problem.header("retry-after", "10"));
        }
        let mut count = BATCH;
        while count == BATCH {
            count = ask(sql).await?.first().and_then(|row| row.bigint(0)).unwrap_or_default();
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
