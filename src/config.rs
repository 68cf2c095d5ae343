//! The environment, validated once.
//!
//! In: environment variables, through [`Env`]. Out: a [`Config`], whole or not at all. Refuses unsafe or senseless
//! values with the variable's name and what would be right; a secret is never part of a message.

use std::{fmt, net::SocketAddr, path::PathBuf, time::Duration};

use crate::name::{QualifiedName, RoleName, SchemaName};

/// Text that is never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps a secret.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The secret itself: for the one place that uses it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Everything the service is told.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where it listens and what it bears.
    pub server: ServerConfig,
    /// The database and the pool.
    pub database: DatabaseConfig,
    /// What is served and how.
    pub api: ApiConfig,
    /// Who may call.
    pub auth: AuthConfig,
    /// Logs and metrics.
    pub telemetry: TelemetryConfig,
}

/// `HOST`, `PORT`, …
#[derive(Clone, Debug)]
pub struct ServerConfig {
    /// `HOST` (default 127.0.0.1) and `PORT` (default 8080).
    pub address: SocketAddr,
    /// `MAX_BODY_BYTES` (default 10 MiB): larger bodies are 413.
    pub max_body_bytes: usize,
    /// `MAX_URL_BYTES` (default 64 KiB): longer request targets are 414.
    pub max_url_bytes: usize,
    /// `MAX_HEADER_BYTES` (default 64 KiB): larger header sections are 431.
    pub max_header_bytes: usize,
    /// `REQUEST_TIMEOUT_MS` (default 30,000): a request that takes longer is ended with 504.
    pub request_timeout: Duration,
    /// `HEADER_TIMEOUT_MS` (default 10,000): time a client has to send its headers.
    pub header_timeout: Duration,
    /// `SHUTDOWN_TIMEOUT_MS` (default 25,000): time that requests in flight have after SIGTERM.
    pub shutdown_timeout: Duration,
    /// `CORS_ALLOWED_ORIGINS` (default `*`): a list of origins, or `*`.
    pub cors_allowed_origins: Vec<String>,
    /// `METRICS_TOKEN`: the bearer token `/metrics` asks for; without it, `/metrics` answers on loopback only.
    pub metrics_token: Option<Secret>,
}

/// `DATABASE_URL`, `DB_POOL_SIZE`, …
#[derive(Clone, Debug)]
pub struct DatabaseConfig {
    /// `DATABASE_URL`; `None` is the embedded PostgreSQL.
    pub url: Option<Secret>,
    /// `AUTHENTICATOR_PASSWORD`: where set, `migrate` gives the role `authenticator` this password and the service
    /// logs in as `authenticator` with it instead of as the URL's own user.
    pub authenticator_password: Option<Secret>,
    /// `DATA_DIR` (default `.data/postgres`): where the embedded PostgreSQL keeps its files.
    pub data_dir: PathBuf,
    /// `POSTGRES_BIN`: folder of the embedded PostgreSQL's programs; found by itself otherwise.
    pub postgres_bin: Option<PathBuf>,
    /// `DB_POOL_SIZE` (default 10): connections of the data plane.
    pub pool_size: usize,
    /// `DB_POOL_MAX_WAITING` (default 64 × pool size): callers that may wait for one; more are 503 at once.
    pub pool_max_waiting: usize,
    /// `DB_POOL_ACQUIRE_TIMEOUT_MS` (default 2,000): how long they may.
    pub pool_acquire_timeout: Duration,
    /// `DB_POOL_IDLE_TIMEOUT_MS` (default 600,000): idle connections are closed after.
    pub pool_idle_timeout: Duration,
    /// `DB_POOL_MAX_LIFETIME_MS` (default 1,800,000): connections are closed after.
    pub pool_max_lifetime: Duration,
    /// `DB_CONNECT_TIMEOUT_MS` (default 5,000).
    pub connect_timeout: Duration,
    /// `DB_STATEMENT_CACHE` (default 256): prepared statements kept per connection; 0 prepares none, for poolers in
    /// transaction mode.
    pub statement_cache: usize,
}

/// What is served.
#[derive(Clone, Debug)]
pub struct ApiConfig {
    /// `DB_SCHEMAS` (default vault,billy,renos,crm,flow,shared): exposed schemas; the first is `/rest/v1`'s default.
    pub schemas: Vec<SchemaName>,
    /// `DB_EXTRA_SEARCH_PATH` (default public).
    pub extra_search_path: Vec<SchemaName>,
    /// `DB_MAX_ROWS` (default 1000; `0` is no limit).
    pub max_rows: Option<u64>,
    /// `DB_SAFE_WRITES` (default on): PATCH and DELETE without a filter are refused.
    pub safe_writes: bool,
    /// `DB_AGGREGATES` (default off).
    pub aggregates: bool,
    /// `DB_TX_OVERRIDE` (default off): `Prefer: tx=rollback` is honoured.
    pub tx_override: bool,
    /// `DB_PRE_REQUEST`: a function to call at the start of every transaction.
    pub pre_request: Option<QualifiedName>,
    /// `OPENAPI_SERVER_URL`: the public URL, for OpenAPI.
    pub public_url: Option<String>,
}

/// Who may call.
#[derive(Clone, Debug)]
pub struct AuthConfig {
    /// `JWT_SECRET`: shared secret of HS256/384/512, 32 bytes at least.
    pub secret: Option<Secret>,
    /// `JWT_SECRET_IS_BASE64` (default off).
    pub secret_is_base64: bool,
    /// `JWKS_FILE`
    pub jwks_file: Option<PathBuf>,
    /// `JWKS_URL`
    pub jwks_url: Option<String>,
    /// `JWT_AUD`: the audience a token with `aud` must name.
    pub audience: Option<String>,
    /// `JWT_ROLE_CLAIM` (default `.role`): JSON path to the role.
    pub role_claim: String,
    /// `DB_ANON_ROLE` (default anon; empty is none): the role of callers without a token.
    pub anon_role: Option<RoleName>,
    /// `JWT_CACHE_SIZE` (default 10,000): verified tokens kept.
    pub cache_size: usize,
}

/// Logs and metrics.
#[derive(Clone, Debug)]
pub struct TelemetryConfig {
    /// `LOG_FORMAT`: pretty (default on a terminal) or json.
    pub json_logs: bool,
    /// `LOG_LEVEL` (default info): a tracing filter.
    pub filter: String,
    /// `SLOW_QUERY_MS` (default 100).
    pub slow_query: Duration,
}
