//! The environment, validated once.
//!
//! In: environment variables, through [`Env`], and what the database sets. Out: a [`Config`], whole or not at all. Refuses
//! unsafe or senseless values with the variable's name and what would be right; a secret is never part of a message.

pub mod aliases;
mod in_database;
mod libpq;
mod network;
mod pgrst;
mod read;
#[cfg(test)]
mod tests;
mod value;
mod variables;

use std::{collections::BTreeMap, fmt, net::SocketAddr, path::PathBuf, time::Duration};

use base64::{Engine, engine::general_purpose};
use url::Url;

pub use self::{
    in_database::{DatabaseSetting, InDatabaseConfig, Origin},
    network::Network,
    pgrst::Unheeded,
    read::{ConfigError, ConfigErrors},
    variables::{Section, VARIABLES, Variable},
};
use crate::name::{ObjectName, RoleName, SchemaName};

/// Where variables come from: the process, or a map in tests.
pub trait Env {
    /// The variable's value, `None` where it is not set.
    fn get(&self, name: &str) -> Option<String>;

    /// The variables that are set.
    fn names(&self) -> Vec<String>;
}

/// The process's own environment.
#[derive(Clone, Copy, Debug)]
pub struct OsEnv;

impl Env for OsEnv {
    fn get(&self, name: &str) -> Option<String> {
        // A value that is not UTF-8 must not look unset: the replacement character in it is refused when read.
        std::env::var_os(name).map(|value| value.to_string_lossy().into_owned())
    }

    fn names(&self) -> Vec<String> {
        std::env::vars_os().map(|(name, _)| name.to_string_lossy().into_owned()).collect()
    }
}

impl Env for BTreeMap<&str, &str> {
    fn get(&self, name: &str) -> Option<String> {
        BTreeMap::get(self, name).map(|value| (*value).to_owned())
    }

    fn names(&self) -> Vec<String> {
        self.keys().map(|name| (*name).to_owned()).collect()
    }
}

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
    /// What secrets are encrypted with; without it, operations that take or give one are refused.
    pub encryption: Option<EncryptionConfig>,
    /// Logs and metrics.
    pub telemetry: TelemetryConfig,
    /// Whether the database configures the service too.
    pub in_database: InDatabaseConfig,
    /// Variables and settings that are there and have no effect: to be warned of.
    pub unheeded: Vec<Unheeded>,
    /// By variable, what its value was found by where that is another name.
    pub origins: BTreeMap<&'static str, String>,
}

/// What the main port serves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Surface {
    /// Everything; PostgREST's API is at a path such as `/rest/v1`.
    Whole {
        /// The path, without a slash at its end.
        rest: String,
    },
    /// PostgREST's API at the root, and nothing else.
    PostgrestAlone,
}

/// How transactions end, and whether `Prefer: tx=` may say otherwise. PostgREST: `db-tx-end`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum TransactionEnd {
    Commit,
    CommitUnlessAsked,
    Rollback,
    RollbackUnlessAsked,
}

impl TransactionEnd {
    /// A request may ask for the other end.
    pub fn may_be_overridden(self) -> bool {
        matches!(self, Self::CommitUnlessAsked | Self::RollbackUnlessAsked)
    }

    /// Nothing stays, unless asked for where that is allowed.
    pub fn rolls_back(self) -> bool {
        matches!(self, Self::Rollback | Self::RollbackUnlessAsked)
    }
}

/// A function, in a schema or wherever the search path finds it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FunctionName {
    /// Its schema.
    pub schema: Option<SchemaName>,
    /// Its name.
    pub name: ObjectName,
}

impl fmt::Display for FunctionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.schema.iter().try_for_each(|schema| write!(f, "{schema}."))?;
        self.name.fmt(f)
    }
}

/// What the OpenAPI document of PostgREST's API shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpenApiMode {
    /// What the caller may use.
    FollowPrivileges,
    /// Everything exposed.
    IgnorePrivileges,
    /// There is none.
    Disabled,
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
    /// `MAINTENANCE` (default on; off where PostgREST's API is all there is): the service's own clock maintains the database.
    pub maintenance: bool,
    /// `METRICS_TOKEN`: the bearer token `/metrics` asks for; without it, `/metrics` answers on loopback only.
    pub metrics_token: Option<Secret>,
    /// `ADMIN_HOST` (default `HOST`) and `ADMIN_PORT` (default none): where system endpoints answer too.
    pub admin: Option<SocketAddr>,
    /// `REST_BASE_PATH` (default `/rest/v1`).
    pub surface: Surface,
    /// `SERVER_TIMING` (default off): answers carry `Server-Timing`.
    pub timing: bool,
    /// `TRACE_HEADER`: a header that answers repeat.
    pub trace_header: Option<String>,
    /// `TLS_CERT_FILE` and `TLS_KEY_FILE`: the main port speaks HTTPS.
    pub tls: Option<TlsFiles>,
    /// `TRUSTED_PROXIES` (default none): whose `X-Forwarded-*` and `Forwarded` count.
    pub trusted_proxies: Vec<Network>,
}

/// What HTTPS is spoken with, both as PEM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsFiles {
    /// `TLS_CERT_FILE`: the certificate, and behind it those that it was signed with.
    pub certificate: PathBuf,
    /// `TLS_KEY_FILE`: its private key.
    pub key: PathBuf,
}

/// `DB_REPLICA_MAX_LAG_MS` at most: so long it is remembered where the primary's log was.
pub const LONGEST_LAG_MS: u64 = 60_000;

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
    /// `DB_INSTANCES` (default 2): instances that run at once, a deploy's new ones too; 0 where that does not matter.
    pub instances: usize,
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
    /// `DATABASE_REPLICA_URLS` (default none): hot standbys that reads may go to.
    pub replicas: Vec<Secret>,
    /// `DB_REPLICA_READS` (default none): reads that go there without asking; `*`, schemas, or `schema.relation`.
    pub replica_reads: Vec<String>,
    /// `DB_REPLICA_MAX_LAG_MS` (default 1,000, up to [`LONGEST_LAG_MS`]): how far behind they may be.
    pub replica_max_lag: Duration,
}

impl DatabaseConfig {
    /// The URL for logs, without its password; `None` is the embedded PostgreSQL.
    pub fn redacted(&self) -> Option<String> {
        let url = self.url.as_ref()?;
        Some(without_password(url.expose()).unwrap_or_else(|| "postgres://(not shown)".to_owned()))
    }
}

/// A database URL without the password it holds before the host or (libpq allows it) as a parameter.
fn without_password(url: &str) -> Option<String> {
    let mut url = Url::parse(url).ok()?;
    if url.password().is_some() {
        url.set_password(None).ok()?;
    }
    let parameters: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    if parameters.iter().any(|(name, _)| name.contains("password")) {
        let shown = parameters.iter().filter(|(name, _)| !name.contains("password"));
        url.query_pairs_mut().clear().extend_pairs(shown);
    }
    Some(url.to_string())
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
    /// `DB_MAX_STREAMED_ROWS` (default `DB_MAX_ROWS`; `0` is no limit).
    pub max_streamed_rows: Option<u64>,
    /// `DB_SAFE_WRITES` (default on; off where PostgREST's API is all there is): PATCH and DELETE without a filter are refused.
    pub safe_writes: bool,
    /// `DB_AGGREGATES` (default off).
    pub aggregates: bool,
    /// `DB_PLAN` (default off): execution plans are allowed.
    pub plans: bool,
    /// `DB_TX_END` (default commit).
    pub transaction_end: TransactionEnd,
    /// `DB_PRE_REQUEST`: a function to call at the start of every transaction.
    pub pre_request: Option<FunctionName>,
    /// `DB_ROOT_FUNCTION`: a function of the request's schema that answers for the API's root.
    pub root_function: Option<FunctionName>,
    /// `DB_HOISTED_SETTINGS`: settings of functions that hold for the whole transaction of their call.
    pub hoisted_settings: Vec<String>,
    /// `DB_CHANNEL` (default pgrst; empty is none): whose notifications reload the catalog.
    pub channel: Option<String>,
    /// `PGRST_APP_SETTINGS_*`: settings that every transaction has.
    pub app_settings: Vec<(String, String)>,
    /// `LEGACY_TARGET_NAMES` (default on): an embed may be named by its relation although it has an alias.
    pub legacy_target_names: bool,
    /// `ERROR_VERBOSITY` (default verbose): errors have details and hint.
    pub verbose_errors: bool,
    /// `OPENAPI_MODE` (default follow-privileges).
    pub openapi_mode: OpenApiMode,
    /// `OPENAPI_SECURITY` (default off): that document has a security definition.
    pub openapi_security: bool,
    /// `OPENAPI_SERVER_URL`: the public URL, for OpenAPI.
    pub public_url: Option<String>,
}

/// Who may call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthConfig {
    /// `JWT_SECRET`: shared secret of HS256/384/512, 32 bytes at least, or a JSON Web Key (set) as text.
    pub secret: Option<Secret>,
    /// `JWT_SECRET_IS_BASE64` (default off).
    pub secret_is_base64: bool,
    /// `JWKS_FILE`: a file with a JSON Web Key Set; not together with `JWKS_URL`.
    pub jwks_file: Option<PathBuf>,
    /// `JWKS_URL`: where a JSON Web Key Set is fetched.
    pub jwks_url: Option<String>,
    /// `JWT_AUD`: the audience a token with `aud` must name.
    pub audience: Option<String>,
    /// `JWT_ROLE_CLAIM` (default `$.role`): JSON path to the role.
    pub role_claim: String,
    /// `DB_ANON_ROLE` (default anon; empty is none): the role of callers without a token.
    pub anon_role: Option<RoleName>,
    /// `JWT_CACHE_SIZE` (default 10,000): verified tokens kept; 0 keeps none.
    pub cache_size: usize,
}

impl AuthConfig {
    /// The bytes of `JWT_SECRET`, decoded where `JWT_SECRET_IS_BASE64` says so; `None` where no secret is set, or
    /// where it is no base64 (which [`Config::read`] refuses).
    pub fn secret_bytes(&self) -> Option<Vec<u8>> {
        let text = self.secret.as_ref()?.expose();
        if self.secret_is_base64 { decode_base64(text) } else { Some(text.as_bytes().to_vec()) }
    }
}

/// Either alphabet, padded or not, as PostgREST's `jwt-secret-is-base64` takes it (its Config.hs, `decodeSecret`).
fn decode_base64(text: &str) -> Option<Vec<u8>> {
    let text = text.trim().replace('-', "+").replace('_', "/");
    general_purpose::STANDARD_NO_PAD.decode(text.trim_end_matches(['=', '.'])).ok()
}

/// What the key is made of that secrets are encrypted with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EncryptionConfig {
    /// `ENCRYPTION_KEY`
    pub key: Secret,
    /// `ENCRYPTION_SALT`
    pub salt: Secret,
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
