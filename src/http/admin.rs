//! What operators of the service ask and do: `service_role` alone.

use std::sync::Arc;

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
    App, keys, maintenance,
    operations::{admit, invalid},
    tables::whole,
};
use crate::{
    auth::Identity,
    db::{
        Access, DbError, Transaction,
        maintain::{self, JOBS},
        migrate::{self, MigrationState},
    },
    domain::Fault,
    error::Problem,
    sql::Statement,
};

/// The only role that operates.
pub(super) const OPERATOR: &str = "service_role";

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
            done.push(maintenance::run(&app, &operator, job, wanted.dry_run).await?);
        }
        Ok::<_, Problem>(Json(json!({"dry_run": wanted.dry_run, "jobs": done})).into_response())
    };
    work.await.unwrap_or_else(|problem| app.refuse(&problem))
}
