//! Health, readiness and metrics: cheap, cached, and never a slot of the request pool.

use std::{
    net::{IpAddr, SocketAddr},
    time::{Duration, Instant},
};

use axum::{
    Json,
    body::Body,
    extract::{Extension, State},
    http::{HeaderMap, HeaderValue, Response, StatusCode, header},
    response::IntoResponse,
};
use serde::Serialize;
use tokio::sync::Mutex;

use super::{App, respond};
use crate::{db::ReplicaStatus, error::Problem, telemetry::metric};

/// How long a look at the database holds.
const FRESH: Duration = Duration::from_secs(1);

/// Where a connection comes from.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub SocketAddr);

/// The last look at the database; one caller looks, the others wait for it.
#[derive(Debug, Default)]
pub struct Health {
    last: Mutex<Option<(Instant, Option<String>)>>,
}

#[derive(Debug, Serialize)]
struct Report {
    status: &'static str,
    database: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    replicas: Vec<Replica>,
    version: &'static str,
    timestamp: String,
}

/// A replica; the service does without.
#[derive(Debug, Serialize)]
struct Replica {
    replica: String,
    status: &'static str,
    lag_ms: Option<u64>,
}

impl From<ReplicaStatus> for Replica {
    fn from(ReplicaStatus { label, is_there, is_in_use, lag }: ReplicaStatus) -> Self {
        let status = match (is_there, is_in_use) {
            (false, _) => "unavailable",
            (true, false) => "behind",
            (true, true) => "in use",
        };
        let lag_ms = lag.map(|lag| u64::try_from(lag.as_millis()).unwrap_or(u64::MAX));
        Self { replica: label.to_string(), status, lag_ms }
    }
}

impl Health {
    /// What is wrong with the database, if anything is.
    async fn fault(&self, app: &App) -> Option<String> {
        let mut last = self.last.lock().await;
        if let Some((at, fault)) = &*last
            && at.elapsed() < FRESH
        {
            return fault.clone();
        }
        // Why not is for the log: a driver's words name users and addresses.
        let fault = app.control.ping(Duration::from_secs(2)).await.err().map(|error| {
            tracing::warn!(%error, "the database does not answer");
            "the database does not answer".to_owned()
        });
        *last = Some((Instant::now(), fault.clone()));
        fault
    }
}

/// `GET /health`: 200 and `healthy`, or 503 and `unhealthy` with the reason.
pub async fn health(State(app): State<App>) -> Response<Body> {
    let fault = app.health.fault(&app).await;
    let status = if fault.is_none() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let report = Report {
        status: if fault.is_none() { "healthy" } else { "unhealthy" },
        database: if fault.is_none() { "connected" } else { "disconnected" },
        error: fault,
        replicas: app.replicas.status().into_iter().map(Replica::from).collect(),
        version: env!("CARGO_PKG_VERSION"),
        timestamp: jiff::Timestamp::now().strftime("%FT%T%.3fZ").to_string(),
    };
    (status, Json(report)).into_response()
}

/// `GET /live`: the process answers.
pub async fn live() -> &'static str {
    "alive"
}

/// `GET /ready`: the catalog is loaded and the database answers.
pub async fn ready(State(app): State<App>) -> Response<Body> {
    if app.catalogs.current().is_none() {
        return respond::problem(&Problem::no_catalog());
    }
    match app.health.fault(&app).await {
        None => "ready".into_response(),
        Some(fault) => respond::problem(
            &Problem::new(503, "PGRST000", "Database connection error.").details(fault).header("retry-after", "1"),
        ),
    }
}

/// `GET /schema_cache`: how many of what the catalog holds.
pub async fn schema_cache(State(app): State<App>) -> Response<Body> {
    let Some(catalog) = app.catalogs.current() else { return respond::problem(&Problem::no_catalog()) };
    let report = serde_json::json!({
        "relations": catalog.relations.len(),
        "routines": catalog.routines.values().map(Vec::len).sum::<usize>(),
        "links": catalog.links.values().map(Vec::len).sum::<usize>(),
        "schemas": catalog.schemas.iter().map(|schema| schema.name.as_str()).collect::<Vec<_>>(),
        "age_seconds": app.catalogs.age().map(|age| age.as_secs()),
    });
    Json(report).into_response()
}

/// `GET /metrics`: with `METRICS_TOKEN` to whoever has it, else to loopback alone.
pub async fn metrics(State(app): State<App>, peer: Option<Extension<Peer>>, headers: HeaderMap) -> Response<Body> {
    let is_loopback = peer.is_some_and(|Extension(Peer(address))| is_loopback(address.ip()));
    let is_allowed = match &app.config.server.metrics_token {
        Some(token) => bears(&headers, token.expose()),
        None => is_loopback && !is_forwarded(&headers),
    };
    if !is_allowed {
        let problem = Problem::new(401, "auth.metrics_token", "Metrics are for holders of METRICS_TOKEN")
            .header("www-authenticate", "Bearer");
        return respond::problem(&problem);
    }
    metrics::gauge!(metric::CATALOG_AGE).set(app.catalogs.age().map_or(f64::NAN, |age| age.as_secs_f64()));
    let mut response = Response::new(Body::from(app.telemetry.render()));
    let text = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, text);
    response
}

/// Whether the request was sent on by a proxy, or by a page in a browser: its peer says nothing then.
fn is_forwarded(headers: &HeaderMap) -> bool {
    const SIGNS: [&str; 7] =
        ["forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip", "via", "origin"];
    SIGNS.iter().any(|name| headers.contains_key(*name))
}

fn is_loopback(ip: IpAddr) -> bool {
    ip.to_canonical().is_loopback()
}

/// Compared without an early end, so that time says nothing about where a guess goes wrong.
fn bears(headers: &HeaderMap, token: &str) -> bool {
    let given = headers.get(header::AUTHORIZATION).and_then(|value| value.as_bytes().strip_prefix(b"Bearer "));
    given.is_some_and(|given| {
        given.len() == token.len() && given.iter().zip(token.bytes()).fold(0, |sum, (a, b)| sum | (a ^ b)) == 0
    })
}
