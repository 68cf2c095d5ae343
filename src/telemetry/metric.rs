//! Every metric of the service, by name.

use metrics::{Unit, describe_counter, describe_gauge, describe_histogram, gauge};

/// Requests answered, by `method`, `route`, `status`, `schema`.
pub const HTTP_REQUESTS: &str = "http_requests_total";
/// Time from a request's head to its answer's, by `method`, `route`, `status`, `schema`.
pub const HTTP_REQUEST_DURATION: &str = "http_request_duration_seconds";
/// Requests being served.
pub const HTTP_REQUESTS_IN_FLIGHT: &str = "http_requests_in_flight";
/// Connections of the data plane.
pub const DB_POOL_SIZE: &str = "db_pool_size";
/// Connections of the data plane that are free.
pub const DB_POOL_IDLE: &str = "db_pool_idle";
/// Requests waiting for a connection.
pub const DB_POOL_WAITING: &str = "db_pool_waiting";
/// Time that requests waited for a connection.
pub const DB_POOL_WAIT: &str = "db_pool_wait_seconds";
/// Time that transactions took on their connection.
pub const DB_QUERY: &str = "db_query_seconds";
/// Transactions that took longer than `SLOW_QUERY_MS`.
pub const DB_SLOW_QUERIES: &str = "db_slow_queries_total";
/// Transactions that failed, by `kind`: an SQLSTATE, or PostgREST's code where Postgres said nothing.
pub const DB_ERRORS: &str = "db_errors_total";
/// Tokens known from before.
pub const JWT_CACHE_HITS: &str = "jwt_cache_hits_total";
/// Tokens that had to be verified.
pub const JWT_CACHE_MISSES: &str = "jwt_cache_misses_total";
/// Time since the catalog was read.
pub const CATALOG_AGE: &str = "catalog_age_seconds";
/// Readings of the catalog, by `result`.
pub const CATALOG_RELOADS: &str = "catalog_reloads_total";
/// Space that a schema's relations take, by `schema`.
pub const DB_SCHEMA_SIZE: &str = "db_schema_size_bytes";
/// Connections to the database, by `state`.
pub const DB_CONNECTIONS: &str = "db_connections";
/// How far the standby that is furthest behind is behind.
pub const DB_REPLICATION_LAG: &str = "db_replication_lag_seconds";
/// How far a replica that reads go to is behind at most, by `replica`; NaN where that is not known.
pub const DB_REPLICA_LAG: &str = "db_replica_lag_seconds";
/// 1 while reads go to a replica, by `replica`.
pub const DB_REPLICA_IN_USE: &str = "db_replica_in_use";
/// Connections to a replica for reads, by `replica`.
pub const DB_REPLICA_CONNECTIONS: &str = "db_replica_connections";
/// Reads that a replica was asked for, by `replica` and `result`.
pub const DB_REPLICA_READS: &str = "db_replica_reads_total";
/// Always 1, by `version` and `commit`.
pub const BUILD_INFO: &str = "build_info";

/// What a metric is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Metric {
    pub(super) kind: Kind,
    pub(super) name: &'static str,
    pub(super) unit: Unit,
    pub(super) help: &'static str,
}

/// How a metric behaves.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    Counter,
    Gauge,
    Histogram,
}

const fn counter(name: &'static str, help: &'static str) -> Metric {
    Metric { kind: Kind::Counter, name, unit: Unit::Count, help }
}

const fn gauge(name: &'static str, unit: Unit, help: &'static str) -> Metric {
    Metric { kind: Kind::Gauge, name, unit, help }
}

const fn histogram(name: &'static str, help: &'static str) -> Metric {
    Metric { kind: Kind::Histogram, name, unit: Unit::Seconds, help }
}

pub(super) const ALL: [Metric; 22] = [
    counter(HTTP_REQUESTS, "Requests answered, by method, matched route, status and schema."),
    histogram(HTTP_REQUEST_DURATION, "Time from a request's head to its answer's."),
    gauge(HTTP_REQUESTS_IN_FLIGHT, Unit::Count, "Requests being served."),
    gauge(DB_POOL_SIZE, Unit::Count, "Connections of the request pool."),
    gauge(DB_POOL_IDLE, Unit::Count, "Connections of the request pool that are free."),
    gauge(DB_POOL_WAITING, Unit::Count, "Requests waiting for a connection."),
    histogram(DB_POOL_WAIT, "Time that requests waited for a connection."),
    histogram(DB_QUERY, "Time that transactions took on their connection."),
    counter(DB_SLOW_QUERIES, "Transactions that took longer than SLOW_QUERY_MS."),
    counter(DB_ERRORS, "Transactions that failed, by kind."),
    counter(JWT_CACHE_HITS, "Tokens that had been verified before."),
    counter(JWT_CACHE_MISSES, "Tokens that had to be verified."),
    gauge(CATALOG_AGE, Unit::Seconds, "Time since the catalog was read from the database."),
    counter(CATALOG_RELOADS, "Attempts to read the catalog again, by result."),
    gauge(DB_SCHEMA_SIZE, Unit::Bytes, "Space that the relations of a schema take."),
    gauge(DB_CONNECTIONS, Unit::Count, "Connections to the database, by state."),
    gauge(DB_REPLICATION_LAG, Unit::Seconds, "Delay of the standby that is furthest behind."),
    gauge(DB_REPLICA_LAG, Unit::Seconds, "Delay of a replica that reads go to, at most."),
    gauge(DB_REPLICA_IN_USE, Unit::Count, "Whether reads go to a replica: 1 or 0."),
    gauge(DB_REPLICA_CONNECTIONS, Unit::Count, "Connections to a replica."),
    counter(DB_REPLICA_READS, "Reads that a replica was asked for, by result."),
    gauge(BUILD_INFO, Unit::Count, "Always 1; the labels say which build this is."),
];

/// Describes every metric to the recorder, and tells which build this is: the commit is what `GIT_COMMIT` was in the
/// environment of the compiler.
pub(super) fn describe() {
    for Metric { kind, name, unit, help } in ALL {
        match kind {
            Kind::Counter => describe_counter!(name, unit, help),
            Kind::Gauge => describe_gauge!(name, unit, help),
            Kind::Histogram => describe_histogram!(name, unit, help),
        }
    }
    let commit = option_env!("GIT_COMMIT").unwrap_or("unknown");
    gauge!(BUILD_INFO, "version" => env!("CARGO_PKG_VERSION"), "commit" => commit).set(1.0);
}
