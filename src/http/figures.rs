//! Health in detail, and figures: for `service_role`.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use axum::{
    Json,
    body::Body,
    extract::State,
    http::{HeaderMap, Method, Response, StatusCode},
    response::IntoResponse as _,
};
use serde_json::{Map, Value, json};
use tokio::sync::Mutex;

use super::{App, admin};
use crate::{
    auth::Identity,
    db::{Access, ControlError, DbError, migrate::MigrationState},
    error::Problem,
    telemetry::metric,
};

/// Schemas, and how many tables each has at least.
const SCHEMAS: [(&str, i64); 6] = [("vault", 3), ("billy", 8), ("renos", 50), ("crm", 11), ("flow", 11), ("shared", 3)];
/// The kind of failure of whoever waited in vain for a connection.
const TIMED_OUT: &str = "PGRST003";
/// How long a look at the sizes of tables holds, since it costs.
const FRESH: Duration = Duration::from_secs(60);
/// Of how the copies of Billy.dk's data served, within 30 days.
const BILLY: &str = "select (sum(cache_hits)::float8 / nullif(sum(call_count), 0))::text \
    from billy.usage_metrics where date > (now() at time zone 'UTC')::date - 30";

/// Figures that are kept for a while, and since when the others are counted.
#[derive(Debug)]
pub struct Figures {
    started: Instant,
    last: Mutex<Option<(Instant, Value)>>,
}

impl Default for Figures {
    fn default() -> Self {
        Self { started: Instant::now(), last: Mutex::default() }
    }
}

fn names() -> [&'static str; 6] {
    SCHEMAS.map(|(name, _)| name)
}

fn now() -> String {
    jiff::Timestamp::now().strftime("%FT%T%.3fZ").to_string()
}

/// `GET /health/detail`: 200 and `healthy` or `degraded`, or 503 and `unhealthy`.
pub async fn detail(State(app): State<App>, headers: HeaderMap) -> Response<Body> {
    let operator = match admin::operator(&app, &Method::GET, &headers).await {
        Ok(operator) => operator,
        Err(problem) => return app.refuse(&problem),
    };
    let pool = pool(&app);
    let looked =
        async { Ok::<_, Silence>((app.control.detail(&names()).await?, admin::states(&app, &operator).await?)) };
    let looked = tokio::time::timeout(Duration::from_secs(5), looked).await;
    let (detail, migrations) = match looked {
        Ok(Ok(looked)) => looked,
        // Why not is for the log: a driver's words name users and addresses.
        Ok(Err(Silence)) | Err(_) => {
            let report = json!({
                "status": "unhealthy", "database": "disconnected", "errors": ["the database does not answer"],
                "pool": pool, "version": env!("CARGO_PKG_VERSION"), "timestamp": now(),
            });
            return (StatusCode::SERVICE_UNAVAILABLE, Json(report)).into_response();
        }
    };
    let tables: BTreeMap<_, _> = detail.tables.iter().map(|(schema, count)| (schema.as_str(), *count)).collect();
    let mut errors: Vec<String> = SCHEMAS
        .iter()
        .filter_map(|(schema, least)| match tables.get(schema) {
            None => Some(format!("the schema {schema} is missing")),
            Some(found) if found < least => Some(format!("the schema {schema} has {found} tables instead of {least}")),
            Some(_) => None,
        })
        .collect();
    let pending: Vec<_> = migrations.iter().filter(|migration| migration.state == MigrationState::Pending).collect();
    errors.extend(pending.iter().map(|migration| format!("{} is pending", migration.file)));
    if !detail.has_vector {
        errors.push("the extension vector is missing".to_owned());
    }
    Json(json!({
        "status": if errors.is_empty() { "healthy" } else { "degraded" },
        "database": "connected",
        "errors": errors,
        "server_version": detail.server_version,
        "schemas": tables.keys().collect::<Vec<_>>(),
        "tables": tables,
        "pending_migrations": pending.iter().map(|migration| &migration.file).collect::<Vec<_>>(),
        "pool": pool,
        "oldest_statement_seconds": detail.oldest_statement,
        "version": env!("CARGO_PKG_VERSION"),
        "timestamp": now(),
    }))
    .into_response()
}

/// The database does not answer.
struct Silence;

impl From<ControlError> for Silence {
    fn from(error: ControlError) -> Self {
        tracing::warn!(%error, "the database does not answer");
        Self
    }
}

impl From<DbError> for Silence {
    fn from(error: DbError) -> Self {
        tracing::warn!(error = error.reason(), "the database does not answer");
        Self
    }
}

fn pool(app: &App) -> Value {
    let status = app.database.pool_status();
    json!({
        "size": status.size, "idle": status.idle, "active": status.size.saturating_sub(status.idle),
        "waiting": status.waiting, "max_size": status.max_size,
    })
}

/// `GET /metrics/summary`: the figures as JSON.
pub async fn summary(State(app): State<App>, headers: HeaderMap) -> Response<Body> {
    let report = async {
        let operator = admin::operator(&app, &Method::GET, &headers).await?;
        let database = database(&app, &operator).await?;
        let detail = app.control.detail(&names()).await.map_err(unreachable)?;
        let up = app.figures.started.elapsed();
        let mut report = measured(&app.telemetry.render(), up);
        report["pool"] = pool(&app);
        report["pool"]["timeouts"] = report["errors"]["by_kind"][TIMED_OUT].as_u64().unwrap_or(0).into();
        report["database"] = database;
        report["database"]["long_running_statements"] = detail.long_running.into();
        report["uptime_seconds"] = up.as_secs().into();
        report["timestamp"] = now().into();
        Ok::<_, Problem>(Json(report).into_response())
    };
    report.await.unwrap_or_else(|problem| app.refuse(&problem))
}

fn unreachable(error: ControlError) -> Problem {
    tracing::warn!(%error, "the database does not answer");
    Problem::new(503, "PGRST000", "Database connection error.").header("retry-after", "1")
}

/// The database's own figures, looked at once a minute at most; one caller looks, the others wait for it.
async fn database(app: &App, operator: &Identity) -> Result<Value, Problem> {
    let mut last = app.figures.last.lock().await;
    if let Some((at, figures)) = &*last
        && at.elapsed() < FRESH
    {
        return Ok(figures.clone());
    }
    let statistics = app.control.statistics().await.map_err(unreachable)?;
    let tables = app.control.table_sizes(&names()).await.map_err(unreachable)?;
    let billy = app.database.run(operator, admin::transaction(Access::ReadOnly, BILLY)).await;
    let billy = billy.ok().and_then(|outcome| {
        let row = outcome.rows.into_iter().next()?;
        std::str::from_utf8(row.get(0)?).ok()?.parse::<f64>().ok()
    });
    let mut schemas = Map::new();
    for table in &tables {
        let entry = schemas.entry(&table.schema).or_insert(json!(0));
        *entry = (entry.as_i64().unwrap_or(0) + table.bytes).into();
    }
    let tables: Vec<_> = tables
        .iter()
        .map(|table| json!({"schema": table.schema, "table": table.table, "bytes": table.bytes, "rows_estimate": table.rows}))
        .collect();
    let mut figures = json!({
        "size_bytes": statistics.size,
        "schemas_bytes": schemas,
        "tables": tables,
        "connections": statistics.connections.into_iter().collect::<BTreeMap<_, _>>(),
        "buffer_hit_ratio": statistics.cache_hit,
        "billy_cache_hit_ratio": billy,
        "measured_at": now(),
    });
    // Absent where there is no standby.
    if let Some(lag) = statistics.replication_lag {
        figures["replication_lag_seconds"] = lag.into();
    }
    *last = Some((Instant::now(), figures.clone()));
    Ok(figures)
}

/// What the process has measured, out of its metrics: since its start.
fn measured(text: &str, up: Duration) -> Value {
    let (mut kinds, mut classes, mut routes, mut buckets) =
        (BTreeMap::new(), BTreeMap::new(), BTreeMap::new(), Map::new());
    let (mut errors, mut failed, mut requests, mut queries, mut seconds, mut slow) = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0);
    for Sample { name, labels, value } in text.lines().filter_map(Sample::read) {
        let label = |name: &str| labels.get(name).cloned().unwrap_or_default();
        match name {
            metric::DB_ERRORS => {
                errors += value;
                *kinds.entry(label("kind")).or_insert(0.0) += value;
            }
            metric::HTTP_REQUESTS => {
                let status = label("status");
                requests += value;
                failed += if status.starts_with(['4', '5']) { value } else { 0.0 };
                *classes.entry(format!("{}xx", status.get(..1).unwrap_or("?"))).or_insert(0.0) += value;
                *routes.entry(format!("{} {}", label("method"), label("route"))).or_insert(0.0) += value;
            }
            metric::DB_SLOW_QUERIES => slow += value,
            "db_query_seconds_count" => queries += value,
            "db_query_seconds_sum" => seconds += value,
            "db_query_seconds_bucket" => {
                let bucket = buckets.entry(label("le")).or_insert(json!(0));
                *bucket = whole(bucket.as_f64().unwrap_or(0.0) + value);
            }
            _ => {}
        }
    }
    let minutes = (up.as_secs_f64() / 60.0).max(1.0);
    let counts = |counts: BTreeMap<String, f64>| -> Map<String, Value> {
        counts.into_iter().map(|(name, count)| (name, whole(count))).collect()
    };
    json!({
        "requests": {
            "total": whole(requests), "failed_per_minute": failed / minutes, "by_class": counts(classes),
            "by_route": counts(routes),
        },
        "queries": {
            "total": whole(queries), "mean_ms": if queries > 0.0 { seconds / queries * 1000.0 } else { 0.0 },
            "slow": whole(slow), "seconds_up_to": buckets,
        },
        "errors": {"total": whole(errors), "per_minute": errors / minutes, "by_kind": counts(kinds)},
    })
}

fn whole(count: f64) -> Value {
    (count as u64).into()
}

/// A line of Prometheus' text format.
struct Sample<'t> {
    name: &'t str,
    labels: BTreeMap<&'t str, String>,
    value: f64,
}

impl<'t> Sample<'t> {
    fn read(line: &'t str) -> Option<Self> {
        let line = line.trim();
        if line.starts_with('#') {
            return None;
        }
        let (head, value) = line.rsplit_once(' ')?;
        let value = value.parse().ok()?;
        let Some((name, rest)) = head.split_once('{') else {
            return Some(Self { name: head, labels: BTreeMap::new(), value });
        };
        let mut labels = BTreeMap::new();
        let mut rest = rest.strip_suffix('}')?;
        while let Some((name, more)) = rest.split_once("=\"") {
            let mut end = 0;
            let bytes = more.as_bytes();
            while *bytes.get(end)? != b'"' {
                end += if bytes[end] == b'\\' { 2 } else { 1 };
            }
            labels.insert(name.trim_start_matches(','), more[..end].replace("\\\"", "\"").replace("\\\\", "\\"));
            rest = &more[end + 1..];
        }
        Some(Self { name, labels, value })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metrics_are_summed_up() {
        let text = "# HELP http_requests_total Requests\n\
            http_requests_total{method=\"GET\",route=\"/renos/x/{id}\",status=\"200\",schema=\"renos\"} 8\n\
            http_requests_total{method=\"GET\",route=\"/renos/x/{id}\",status=\"404\",schema=\"renos\"} 3\n\
            http_requests_total{method=\"POST\",route=\"a \\\"b\\\"\",status=\"503\",schema=\"\"} 1\n\
            db_errors_total{kind=\"PGRST003\"} 2\n\
            db_errors_total{kind=\"23505\"} 4\n\
            db_query_seconds_bucket{access=\"read\",le=\"0.005\"} 3\n\
            db_query_seconds_bucket{access=\"write\",le=\"0.005\"} 1\n\
            db_query_seconds_count{access=\"read\"} 4\n\
            db_query_seconds_sum{access=\"read\"} 0.2\n\
            db_slow_queries_total 1\n\
            nonsense\n";
        let report = measured(text, Duration::from_secs(120));
        assert_eq!(
            report["requests"],
            json!({
                "total": 12, "failed_per_minute": 2.0, "by_class": {"2xx": 8, "4xx": 3, "5xx": 1},
                "by_route": {"GET /renos/x/{id}": 11, "POST a \"b\"": 1},
            })
        );
        assert_eq!(report["queries"], json!({"total": 4, "mean_ms": 50.0, "slow": 1, "seconds_up_to": {"0.005": 4}}));
        assert_eq!(report["errors"], json!({"total": 6, "per_minute": 3.0, "by_kind": {"23505": 4, "PGRST003": 2}}));
        assert_eq!(measured("", Duration::ZERO)["queries"]["mean_ms"], json!(0.0));
    }
}
