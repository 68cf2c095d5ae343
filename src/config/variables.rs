//! The configuration's own list: every variable there is, with its default and what it does.
//!
//! `.env.example` and the README's table are written from it, and nothing else can be read from the environment:
//! reading takes a [`Variable`], and only this file can make one.

use super::Config;

/// One environment variable.
#[expect(clippy::manual_non_exhaustive, reason = "non_exhaustive would not keep the crate itself from making one")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Variable {
    /// Its name.
    pub name: &'static str,
    /// What is taken where it is not set; `None` is nothing, or what `about` says.
    pub default: Option<&'static str>,
    /// Its value is never shown.
    pub secret: bool,
    /// What it is about.
    pub section: Section,
    /// What it does, in a sentence.
    pub about: &'static str,
    /// Keeps others from making one.
    listed: (),
}

/// The parts of the configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    /// Where it listens and what it bears.
    Server,
    /// The database and the pool.
    Database,
    /// What is served and how.
    Api,
    /// Who may call.
    Auth,
    /// What is encrypted at rest.
    Secrets,
    /// Logs and metrics.
    Telemetry,
}

impl Section {
    /// A heading.
    pub fn title(self) -> &'static str {
        match self {
            Self::Server => "Server: where it listens and what it bears",
            Self::Database => "Database: where the data is, and the pool",
            Self::Api => "API: what is served and how",
            Self::Auth => "Auth: who may call",
            Self::Secrets => "Secrets: what is encrypted at rest",
            Self::Telemetry => "Telemetry: logs",
        }
    }
}

const fn plain(section: Section, name: &'static str, default: Option<&'static str>, about: &'static str) -> Variable {
    Variable { name, default, secret: false, section, about, listed: () }
}

const fn hidden(section: Section, name: &'static str, about: &'static str) -> Variable {
    Variable { name, default: None, secret: true, section, about, listed: () }
}

/// Declares the constants and the list of them all, so that neither can lack what the other has.
macro_rules! variables {
    ($($name:ident = $kind:ident($section:ident $(, $default:expr)?; $about:literal);)*) => {
        $(pub(super) const $name: Variable = $kind(Section::$section, stringify!($name), $($default,)? $about);)*

        /// Every variable, in the order of the documentation.
        pub const VARIABLES: &[Variable] = &[$($name),*];
    };
}

variables! {
    HOST = plain(Server, Some("127.0.0.1"); "Address to listen on; 0.0.0.0 or :: for every interface.");
    PORT = plain(Server, Some("8080"); "Port to listen on; 0 takes a free one.");
    MAX_BODY_BYTES = plain(Server, Some("10485760"); "Larger request bodies are answered 413.");
    MAX_URL_BYTES = plain(Server, Some("65536"); "Longer request targets are answered 414.");
    MAX_HEADER_BYTES = plain(Server, Some("65536"); "Larger header sections are answered 431.");
    REQUEST_TIMEOUT_MS = plain(Server, Some("30000");
        "A request that takes longer is ended with 504, a connection whose client reads nothing for so long is closed.");
    HEADER_TIMEOUT_MS = plain(Server, Some("10000"); "Time a client has to say something, and to send its headers.");
    SHUTDOWN_TIMEOUT_MS = plain(Server, Some("25000"); "Time that requests in flight have after SIGTERM.");
    ADMIN_HOST = plain(Server, None; "Address of the admin port; HOST otherwise.");
    ADMIN_PORT = plain(Server, None;
        "Port that answers /live, /ready, /health, /metrics, /admin and /schema_cache as well; none otherwise.");
    REST_BASE_PATH = plain(Server, Some("/rest/v1");
        "Where PostgREST's API is mounted; / makes it the only thing on the main port.");
    SERVER_TIMING = plain(Server, Some("off"); "Answers carry Server-Timing.");
    TRACE_HEADER = plain(Server, None; "A header of the request that its answer repeats.");
    CORS_ALLOWED_ORIGINS = plain(Server, Some("*"); "Origins that browsers may call from, separated by commas, or *.");
    MAINTENANCE = plain(Server, Some("on");
        "The service does what tekup-db maintain does by itself, each job in its time; the first look is a minute after the \
         start. Off where PostgREST's API is all there is.");
    TLS_CERT_FILE = plain(Server, None;
        "File with the certificate (PEM, with the chain behind it): PORT speaks HTTPS. It is read anew when it changes.");
    TLS_KEY_FILE = plain(Server, None; "File with its private key (PEM); both or neither.");
    TRUSTED_PROXIES = plain(Server, None;
        "Addresses and networks (10.0.0.0/8), separated by commas, whose X-Forwarded-* and Forwarded say who the client is.");
    METRICS_TOKEN = hidden(Server;
        "Bearer token that /metrics asks for; without it /metrics answers on loopback only, and not through a proxy.");

    DATABASE_URL = hidden(Database; "postgres:// URL of the database; without it a private PostgreSQL is started.");
    DATABASE_REPLICA_URLS = hidden(Database;
        "postgres:// URLs of hot standbys that reads may go to, separated by commas (%2C within one).");
    DB_REPLICA_READS = plain(Database, None;
        "Reads that go to a replica without asking for it: * for all, or schemas and schema.relation, separated by \
         commas. Others ask with Prefer: read=replica.");
    DB_REPLICA_MAX_LAG_MS = plain(Database, Some("1000");
        "A replica that is further behind is not read from; up to 60000.");
    AUTHENTICATOR_PASSWORD = hidden(Database;
        "Where set, migrate gives the role authenticator this password and the service logs in as authenticator.");
    DATA_DIR = plain(Database, Some(".data/postgres"); "Where the private PostgreSQL keeps its files.");
    POSTGRES_BIN = plain(Database, None; "Folder of the private PostgreSQL's programs; found by itself otherwise.");
    DB_POOL_SIZE = plain(Database, Some("10"); "Connections for requests.");
    DB_INSTANCES = plain(Database, Some("2");
        "Instances that run at once, with those that replace them in a deploy: the start is refused where the database has \
         too few connections for all their pools. 0 where a pooler between has the connections.");
    DB_POOL_MAX_WAITING = plain(Database, None;
        "Requests that may wait for a connection, more are answered 503 at once; 64 times DB_POOL_SIZE otherwise.");
    DB_POOL_ACQUIRE_TIMEOUT_MS = plain(Database, Some("2000"); "How long they may wait.");
    DB_POOL_IDLE_TIMEOUT_MS = plain(Database, Some("600000"); "Idle connections are closed after this time.");
    DB_POOL_MAX_LIFETIME_MS = plain(Database, Some("1800000"); "Connections are closed after this time.");
    DB_CONNECT_TIMEOUT_MS = plain(Database, Some("5000"); "Time that connecting may take.");
    DB_STATEMENT_CACHE = plain(Database, Some("256");
        "Prepared statements kept per connection; 0 prepares none, for poolers in transaction mode.");

    DB_SCHEMAS = plain(Api, Some("vault,billy,renos,crm,flow,shared");
        "Exposed schemas, separated by commas; the first is the default of /rest/v1.");
    DB_EXTRA_SEARCH_PATH = plain(Api, Some("public"); "Schemas on the search path after the exposed one; may be empty.");
    DB_MAX_ROWS = plain(Api, Some("1000"); "Most rows of one answer; 0 is no limit.");
    DB_MAX_STREAMED_ROWS = plain(Api, None;
        "Most rows of a read that is streamed (application/x-ndjson, text/csv); 0 is no limit, DB_MAX_ROWS otherwise.");
    DB_SAFE_WRITES = plain(Api, Some("on");
        "PATCH and DELETE without a filter are refused; off by default where PostgREST's API is all there is.");
    DB_AGGREGATES = plain(Api, Some("off"); "Aggregate functions are allowed, in select, filters and order.");
    DB_PLAN = plain(Api, Some("off"); "Execution plans (Accept: application/vnd.pgrst.plan) are allowed.");
    DB_TX_END = plain(Api, Some("commit");
        "How transactions end: commit, commit-allow-override (Prefer: tx=rollback is honoured), rollback or \
         rollback-allow-override (Prefer: tx=commit is honoured).");
    DB_PRE_REQUEST = plain(Api, None; "Function (schema.name) to call at the start of every transaction.");
    DB_ROOT_FUNCTION = plain(Api, None; "Function that answers GET of the API's root instead of OpenAPI.");
    DB_HOISTED_SETTINGS = plain(Api,
        Some("statement_timeout,plan_filter.statement_cost_limit,default_transaction_isolation");
        "Settings of functions that hold for the whole transaction of their call.");
    DB_CHANNEL = plain(Api, Some("pgrst");
        "Channel whose notifications reload catalog and configuration; empty listens to none. The database's own trigger \
         uses pgrst.");
    LEGACY_TARGET_NAMES = plain(Api, Some("on");
        "Filters, orders and limits may name an embed by its relation although it has an alias.");
    ERROR_VERBOSITY = plain(Api, Some("verbose"); "minimal leaves details and hint out of errors.");
    OPENAPI_SERVER_URL = plain(Api, None; "The service's public URL, for the OpenAPI documents.");
    OPENAPI_MODE = plain(Api, Some("follow-privileges");
        "What the OpenAPI document of PostgREST's API shows: follow-privileges, ignore-privileges or disabled.");
    OPENAPI_SECURITY = plain(Api, Some("off"); "That document has a security definition for JWT.");
    DB_CONFIG = plain(Api, Some("off");
        "The database configures the service too, by settings pgrst.* of the login role, which win over these \
         variables; on by default with PGRST_* variables.");
    DB_PRE_CONFIG = plain(Api, None; "Function (schema.name) that sets such settings when it is called.");

    JWT_SECRET = hidden(Auth;
        "Secret of HS256/384/512 tokens, at least 32 bytes, or a JSON Web Key (set) as text; a private PostgreSQL \
         gets one of its own.");
    JWT_SECRET_IS_BASE64 = plain(Auth, Some("off"); "JWT_SECRET is base64 of the secret.");
    JWKS_FILE = plain(Auth, None; "File with a JSON Web Key Set for RS*, PS*, ES* and EdDSA tokens.");
    JWKS_URL = plain(Auth, None; "URL of such a set, fetched again when a token names an unknown key.");
    JWT_AUD = plain(Auth, None; "Audience that a token which has aud must name.");
    JWT_ROLE_CLAIM = plain(Auth, Some("$.role");
        "JSON path (RFC 9535, or PostgREST's older form) to the role in a token's claims.");
    DB_ANON_ROLE = plain(Auth, Some("anon"); "Role of callers without a token; empty refuses them.");
    JWT_CACHE_SIZE = plain(Auth, Some("10000"); "Verified tokens kept; 0 keeps none.");

    ENCRYPTION_KEY = hidden(Secrets;
        "What the key is made of that secrets are encrypted with before they are stored (scrypt, AES-256-GCM); a private \
         PostgreSQL gets one of its own. Changed by tekup-db rotate-encryption-key alone.");
    ENCRYPTION_SALT = hidden(Secrets; "Its salt; both or neither.");

    LOG_FORMAT = plain(Telemetry, None; "pretty or json; pretty on a terminal and json elsewhere otherwise.");
    LOG_LEVEL = plain(Telemetry, Some("info"); "What is logged: error, warn, info, debug or a tracing filter.");
    SLOW_QUERY_MS = plain(Telemetry, Some("100"); "Statements that take longer are logged.");
}

impl Config {
    /// The text of `.env.example`: every variable, explained and commented out.
    pub fn env_example() -> String {
        let mut text =
            String::from("# Every variable the service reads. A line that stays commented out keeps its default.\n");
        let mut section = None;
        for variable in VARIABLES {
            if section.replace(variable.section) != Some(variable.section) {
                text += &format!("\n## {}\n", variable.section.title());
            }
            text += &format!("\n# {}\n# {}={}\n", variable.about, variable.name, variable.default.unwrap_or_default());
        }
        text
    }

    /// The README's table of the configuration, in Markdown.
    pub fn markdown_table() -> String {
        let mut text = String::from("| variable | default | what it does |\n|---|---|---|\n");
        for Variable { name, default, about, .. } in VARIABLES {
            let default = default.map(|default| format!("`{default}`")).unwrap_or_default();
            text += &format!("| `{name}` | {default} | {} |\n", about.replace('|', "\\|"));
        }
        text
    }
}
