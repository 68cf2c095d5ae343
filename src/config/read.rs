//! The environment to a [`Config`]: all faults at once, or the whole.

use std::{fmt, io::IsTerminal, net::SocketAddr, path::PathBuf};

use super::{
    ApiConfig, AuthConfig, Config, DatabaseConfig, DatabaseSetting, EncryptionConfig, Env, InDatabaseConfig,
    LONGEST_LAG_MS, Secret, ServerConfig, Surface, TelemetryConfig, TlsFiles, decode_base64,
    pgrst::Aliased,
    value::{self, Wanted},
    variables::{self as v, Variable},
};
use crate::name::{RoleName, SchemaName};

/// First parts of the paths that are the service's own where it serves more than PostgREST's API.
const OWN_PATHS: [&str; 8] = ["docs", "health", "live", "ready", "metrics", "openapi.json", "batch", "admin"];

/// What is wrong with one variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    /// The name that the value was found by: a variable's, or a setting's of the database with its place.
    pub variable: String,
    /// What was found; `None` where the value must not be shown.
    pub found: Option<String>,
    /// What would be right.
    pub wanted: String,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.found {
            Some(found) => write!(f, "{} is {found:?}; wanted {}", self.variable, self.wanted),
            None => write!(f, "{} (value not shown): wanted {}", self.variable, self.wanted),
        }
    }
}

/// Everything that is wrong with the configuration, in the order of the list.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct ConfigErrors(pub Vec<ConfigError>);

impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the configuration is refused:")?;
        self.0.iter().try_for_each(|error| write!(f, "\n  {error}"))
    }
}

impl Config {
    /// Reads and checks the environment.
    ///
    /// # Errors
    /// Every fault there is, each with its variable, what was found (never a secret) and what would be right.
    pub fn read(env: &impl Env) -> Result<Self, ConfigErrors> {
        Self::read_with(env, &[])
    }

    /// Reads and checks the environment, and settings of the database, which win over it.
    ///
    /// # Errors
    /// Those of [`Config::read`]; a setting of the database is told with its place.
    pub fn read_with(env: &impl Env, settings: &[DatabaseSetting]) -> Result<Self, ConfigErrors> {
        let mut reader = Reader { env: Aliased::new(env, settings), errors: Vec::new() };
        reader.config().filter(|_| reader.errors.is_empty()).ok_or(ConfigErrors(reader.errors))
    }
}

/// Collects the faults. Its methods give `None` for a value that was refused; each section reads all its variables
/// before it gives up.
struct Reader<'e, E> {
    env: Aliased<'e, E>,
    errors: Vec<ConfigError>,
}

impl<E: Env> Reader<'_, E> {
    fn config(&mut self) -> Option<Config> {
        let (server, database, api, auth) = (self.server(), self.database(), self.api(), self.auth());
        let (encryption, telemetry, in_database) = (self.encryption(), self.telemetry(), self.in_database());
        if let (Some(ServerConfig { surface: Surface::Whole { rest }, .. }), Some(api)) = (&server, &api) {
            self.paths(rest, &api.schemas);
        }
        Some(Config {
            server: server?,
            database: database?,
            api: api?,
            auth: auth?,
            encryption,
            telemetry: telemetry?,
            in_database: in_database?,
            unheeded: self.env.unheeded.clone(),
            origins: self.env.renamed(),
        })
    }

    fn refuse(&mut self, variable: Variable, found: &str, wanted: impl Into<String>) {
        // A URL that was meant for elsewhere may hold a password before its @.
        let found = (!variable.secret && !found.contains('@')).then(|| found.to_owned());
        let name = self.env.name(variable).to_owned();
        self.errors.push(ConfigError { variable: name, found, wanted: wanted.into() });
    }

    /// A variable's own text. Blank is not set where there is no default, so that `JWT_SECRET=` in a file is no
    /// secret; secrets keep their white space.
    fn text(&mut self, variable: Variable) -> Option<String> {
        let text = match self.env.get(variable) {
            Ok(text) => text?,
            Err((found, wanted)) => {
                self.refuse(variable, &found, wanted);
                return None;
            }
        };
        let trimmed = text.trim();
        if trimmed.is_empty() && variable.default.is_none() {
            return None;
        }
        if text.contains(['\u{fffd}', '\0']) {
            self.refuse(variable, "bytes that are no text", "UTF-8 text");
        }
        Some(if variable.secret { text } else { trimmed.to_owned() })
    }

    /// A variable that has no default.
    fn optional<T>(&mut self, variable: Variable, parse: impl FnOnce(&str) -> Wanted<T>) -> Option<T> {
        let text = self.text(variable)?;
        parse(&text).map_err(|wanted| self.refuse(variable, &text, wanted)).ok()
    }

    /// A variable that has one, which goes through the same check.
    fn value<T>(&mut self, variable: Variable, parse: impl FnOnce(&str) -> Wanted<T>) -> Option<T> {
        let text = self.text(variable).or_else(|| self.env.default(variable).map(str::to_owned))?;
        parse(&text).map_err(|wanted| self.refuse(variable, &text, wanted)).ok()
    }

    fn count(&mut self, variable: Variable, least: usize) -> Option<usize> {
        self.value(variable, |text| value::number(text, least, u32::MAX as usize))
    }

    fn secret(&mut self, variable: Variable, check: impl FnOnce(&str) -> Wanted<()>) -> Option<Secret> {
        self.optional(variable, |text| check(text).map(|()| Secret::new(text)))
    }

    fn path(&mut self, variable: Variable) -> Option<PathBuf> {
        self.optional(variable, |text| Ok(PathBuf::from(text)))
    }

    fn server(&mut self) -> Option<ServerConfig> {
        let host = self.value(v::HOST, value::address);
        let port = self.value(v::PORT, |text| value::number(text, 0, u16::MAX));
        let max_body_bytes = self.count(v::MAX_BODY_BYTES, 1);
        let max_url_bytes = self.count(v::MAX_URL_BYTES, 1);
        let max_header_bytes = self.count(v::MAX_HEADER_BYTES, 1);
        let request_timeout = self.value(v::REQUEST_TIMEOUT_MS, value::milliseconds);
        let header_timeout = self.value(v::HEADER_TIMEOUT_MS, value::milliseconds);
        let shutdown_timeout = self.value(v::SHUTDOWN_TIMEOUT_MS, value::milliseconds);
        let cors_allowed_origins = self.value(v::CORS_ALLOWED_ORIGINS, value::origins);
        let maintenance = self.value(v::MAINTENANCE, value::switch);
        let metrics_token = self.secret(v::METRICS_TOKEN, value::header_token);
        let admin_host = self.optional(v::ADMIN_HOST, value::address).or(host);
        let admin_port = self.optional(v::ADMIN_PORT, |text| value::number(text, 0, u16::MAX));
        if admin_port.is_some_and(|admin| admin != 0 && Some(admin) == port) {
            self.refuse(v::ADMIN_PORT, &admin_port.unwrap_or(0).to_string(), "another port than PORT");
        }
        let surface = self.value(v::REST_BASE_PATH, value::base_path).map(|path| match path.as_str() {
            "" => Surface::PostgrestAlone,
            _ => Surface::Whole { rest: path },
        });
        let timing = self.value(v::SERVER_TIMING, value::switch);
        let trace_header = self.optional(v::TRACE_HEADER, value::header_name);
        let files = (self.path(v::TLS_CERT_FILE), self.path(v::TLS_KEY_FILE));
        let tls = self.both((v::TLS_CERT_FILE, files.0), (v::TLS_KEY_FILE, files.1));
        let trusted_proxies = self.optional(v::TRUSTED_PROXIES, value::networks).unwrap_or_default();
        Some(ServerConfig {
            address: SocketAddr::new(host?, port?),
            max_body_bytes: max_body_bytes?,
            max_url_bytes: max_url_bytes?,
            max_header_bytes: max_header_bytes?,
            request_timeout: request_timeout?,
            header_timeout: header_timeout?,
            shutdown_timeout: shutdown_timeout?,
            cors_allowed_origins: cors_allowed_origins?,
            maintenance: maintenance?,
            metrics_token,
            admin: admin_port.and_then(|port| Some(SocketAddr::new(admin_host?, port))),
            surface: surface?,
            timing: timing?,
            trace_header,
            tls: tls.map(|(certificate, key)| TlsFiles { certificate, key }),
            trusted_proxies,
        })
    }

    /// The service's own paths, PostgREST's API and the schemas' paths can't be had at the same place.
    fn paths(&mut self, rest: &str, schemas: &[SchemaName]) {
        let first = rest.split('/').nth(1).unwrap_or_default();
        if OWN_PATHS.contains(&first) {
            self.refuse(v::REST_BASE_PATH, rest, format!("a path that begins with none of {}", OWN_PATHS.join(", ")));
        }
        if let Some(taken) = schemas.iter().find(|schema| *schema == first || OWN_PATHS.contains(&schema.as_str())) {
            let wanted =
                format!("schemas whose paths are free: /{} and REST_BASE_PATH are taken", OWN_PATHS.join(", /"));
            self.refuse(v::DB_SCHEMAS, taken.as_str(), wanted);
        }
    }

    fn database(&mut self) -> Option<DatabaseConfig> {
        let url = self.secret(v::DATABASE_URL, value::database_url);
        let authenticator_password = self.secret(v::AUTHENTICATOR_PASSWORD, |_| Ok(()));
        let data_dir = self.value(v::DATA_DIR, |text| non_empty(text, "a folder").map(PathBuf::from));
        let postgres_bin = self.path(v::POSTGRES_BIN);
        let pool_size = self.count(v::DB_POOL_SIZE, 1);
        let instances = self.count(v::DB_INSTANCES, 0);
        let pool_max_waiting = self.optional(v::DB_POOL_MAX_WAITING, |text| value::number(text, 0, u32::MAX as usize));
        let pool_acquire_timeout = self.value(v::DB_POOL_ACQUIRE_TIMEOUT_MS, value::milliseconds);
        let pool_idle_timeout = self.value(v::DB_POOL_IDLE_TIMEOUT_MS, value::milliseconds);
        let pool_max_lifetime = self.value(v::DB_POOL_MAX_LIFETIME_MS, value::milliseconds);
        let connect_timeout = self.value(v::DB_CONNECT_TIMEOUT_MS, value::milliseconds);
        let statement_cache = self.count(v::DB_STATEMENT_CACHE, 0);
        let replicas = self.optional(v::DATABASE_REPLICA_URLS, value::database_urls).unwrap_or_default();
        let replica_reads = self.optional(v::DB_REPLICA_READS, value::resources).unwrap_or_default();
        let replica_max_lag = self.value(v::DB_REPLICA_MAX_LAG_MS, |text| value::milliseconds_to(text, LONGEST_LAG_MS));
        Some(DatabaseConfig {
            url,
            authenticator_password,
            data_dir: data_dir?,
            postgres_bin,
            pool_size: pool_size?,
            instances: instances?,
            pool_max_waiting: pool_max_waiting.unwrap_or(pool_size?.saturating_mul(64)),
            pool_acquire_timeout: pool_acquire_timeout?,
            pool_idle_timeout: pool_idle_timeout?,
            pool_max_lifetime: pool_max_lifetime?,
            connect_timeout: connect_timeout?,
            statement_cache: statement_cache?,
            replicas,
            replica_reads,
            replica_max_lag: replica_max_lag?,
        })
    }

    fn api(&mut self) -> Option<ApiConfig> {
        let schemas = self.value(v::DB_SCHEMAS, value::exposed_schemas);
        let extra_search_path = self.value(v::DB_EXTRA_SEARCH_PATH, |text| match text {
            "" => Ok(Vec::new()),
            _ => value::schemas(text),
        });
        let max_rows = self.value(v::DB_MAX_ROWS, |text| value::number(text, 0, i64::MAX as u64));
        let max_streamed = self.optional(v::DB_MAX_STREAMED_ROWS, |text| value::number(text, 0, i64::MAX as u64));
        let safe_writes = self.value(v::DB_SAFE_WRITES, value::switch);
        let aggregates = self.value(v::DB_AGGREGATES, value::switch);
        let plans = self.value(v::DB_PLAN, value::switch);
        let transaction_end = self.value(v::DB_TX_END, value::transaction_end);
        let pre_request = self.optional(v::DB_PRE_REQUEST, value::function);
        let root_function = self.optional(v::DB_ROOT_FUNCTION, value::function);
        let hoisted_settings = self.value(v::DB_HOISTED_SETTINGS, value::list);
        let channel = self.value(v::DB_CHANNEL, |text| Ok((!text.is_empty()).then(|| text.to_owned())));
        let legacy_target_names = self.value(v::LEGACY_TARGET_NAMES, value::switch);
        let verbose_errors = self.value(v::ERROR_VERBOSITY, value::verbosity);
        let openapi_mode = self.value(v::OPENAPI_MODE, value::openapi_mode);
        let openapi_security = self.value(v::OPENAPI_SECURITY, value::switch);
        let public_url = self.optional(v::OPENAPI_SERVER_URL, |text| value::web_url(text).map(|_| text.to_owned()));
        Some(ApiConfig {
            schemas: schemas?,
            extra_search_path: extra_search_path?,
            max_rows: max_rows.map(|rows| (rows > 0).then_some(rows))?,
            max_streamed_rows: max_streamed.or(max_rows).filter(|rows| *rows > 0),
            safe_writes: safe_writes?,
            aggregates: aggregates?,
            plans: plans?,
            transaction_end: transaction_end?,
            pre_request,
            root_function,
            hoisted_settings: hoisted_settings?,
            channel: channel?,
            app_settings: self.env.app_settings.clone(),
            legacy_target_names: legacy_target_names?,
            verbose_errors: verbose_errors?,
            openapi_mode: openapi_mode?,
            openapi_security: openapi_security?,
            public_url,
        })
    }

    fn auth(&mut self) -> Option<AuthConfig> {
        let secret_is_base64 = self.value(v::JWT_SECRET_IS_BASE64, value::switch);
        let secret = self.secret(v::JWT_SECRET, |text| jwt_secret(text, secret_is_base64.unwrap_or(false)));
        let jwks_file = self.path(v::JWKS_FILE);
        let jwks_url = self.optional(v::JWKS_URL, |text| value::web_url(text).map(|url| url.to_string()));
        if let (Some(_), Some(url)) = (&jwks_file, &jwks_url) {
            self.refuse(v::JWKS_URL, url, "either JWKS_FILE or JWKS_URL, not both");
        }
        let audience = self.optional(v::JWT_AUD, |text| Ok(text.to_owned()));
        let role_claim = self.value(v::JWT_ROLE_CLAIM, |text| non_empty(text, "a JSON path such as $.role"));
        let anon_role = self.value(v::DB_ANON_ROLE, |text| Ok((!text.is_empty()).then(|| RoleName::from(text))));
        let cache_size = self.count(v::JWT_CACHE_SIZE, 0);
        Some(AuthConfig {
            secret,
            secret_is_base64: secret_is_base64?,
            jwks_file,
            jwks_url,
            audience,
            role_claim: role_claim?,
            anon_role: anon_role?,
            cache_size: cache_size?,
        })
    }

    /// Two variables of which one without the other is a mistake.
    fn both<T>(&mut self, one: (Variable, Option<T>), other: (Variable, Option<T>)) -> Option<(T, T)> {
        let (set, lacking) = match (one, other) {
            ((_, Some(one)), (_, Some(other))) => return Some((one, other)),
            ((_, None), (_, None)) => return None,
            ((set, Some(_)), (lacking, None)) | ((lacking, None), (set, Some(_))) => (set, lacking),
        };
        self.refuse(lacking, "", format!("a value, because {} is set: both or neither", set.name));
        None
    }

    /// What was sealed without the salt could not be opened with it.
    fn encryption(&mut self) -> Option<EncryptionConfig> {
        let key = self.secret(v::ENCRYPTION_KEY, |_| Ok(()));
        let salt = self.secret(v::ENCRYPTION_SALT, |_| Ok(()));
        let both = self.both((v::ENCRYPTION_KEY, key), (v::ENCRYPTION_SALT, salt));
        both.map(|(key, salt)| EncryptionConfig { key, salt })
    }

    fn in_database(&mut self) -> Option<InDatabaseConfig> {
        let is_read = self.value(v::DB_CONFIG, value::switch);
        let function = self.optional(v::DB_PRE_CONFIG, value::function);
        if function.is_some() && is_read == Some(false) {
            let name = self.env.name(v::DB_PRE_CONFIG).to_owned();
            self.env.report(&name, "DB_CONFIG is off");
        }
        Some(InDatabaseConfig { is_read: is_read?, function })
    }

    fn telemetry(&mut self) -> Option<TelemetryConfig> {
        let json_logs = self.optional(v::LOG_FORMAT, value::log_format);
        let filter = self.value(v::LOG_LEVEL, |text| non_empty(text, "error, warn, info, debug or a tracing filter"));
        let slow_query = self.value(v::SLOW_QUERY_MS, value::milliseconds);
        Some(TelemetryConfig {
            json_logs: json_logs.unwrap_or_else(|| !std::io::stdout().is_terminal()),
            filter: filter?,
            slow_query: slow_query?,
        })
    }
}

fn non_empty(text: &str, wanted: &str) -> Wanted<String> {
    if text.is_empty() { Err(wanted.to_owned()) } else { Ok(text.to_owned()) }
}

/// RFC 7518, section 3.2: a key of HS256 has at least the 32 bytes of its hash.
fn jwt_secret(text: &str, is_base64: bool) -> Wanted<()> {
    let length = if is_base64 { decode_base64(text).map(|secret| secret.len()) } else { Some(text.len()) };
    match length {
        None => Err("base64, because JWT_SECRET_IS_BASE64 is on".to_owned()),
        Some(length) if length < 32 => Err(format!("at least 32 bytes, found {length}")),
        Some(_) => Ok(()),
    }
}
