//! PostgREST's names for our variables, its defaults, and what of it has no counterpart.

use std::fs;

use super::{
    Config,
    in_database::PREFIX,
    libpq,
    variables::{self as v, Variable},
};

/// A variable of PostgREST's that is one of ours.
#[derive(Clone, Copy)]
pub struct Alias {
    /// Its name, and a former one that PostgREST still reads.
    pub names: &'static [&'static str],
    /// Ours.
    pub ours: Variable,
    /// PostgREST's default, where it is not ours.
    pub default: Option<&'static str>,
    /// Why it can't be set in the database; `None` where it can.
    pub environment_only: Option<&'static str>,
    pub(super) translate: fn(&str) -> Translated,
}

/// A value of ours; `None` where PostgREST's says nothing that ours would not. Or what would be right.
pub(super) type Translated = Result<Option<String>, &'static str>;

const fn alias(names: &'static [&'static str], ours: Variable) -> Alias {
    Alias { names, ours, default: None, environment_only: None, translate: as_it_is }
}

impl Alias {
    const fn default(mut self, default: &'static str) -> Self {
        self.default = Some(default);
        self
    }

    const fn translated(mut self, translate: fn(&str) -> Translated) -> Self {
        self.translate = translate;
        self
    }

    const fn environment_only(mut self, reason: &'static str) -> Self {
        self.environment_only = Some(reason);
        self
    }

    /// The name of the setting in the database, where there may be one.
    pub(super) fn setting(&self) -> Option<String> {
        self.environment_only.is_none().then(|| setting(self.names[0]))
    }
}

/// `PGRST_DB_SCHEMAS` is `pgrst.db_schemas` in the database.
fn setting(variable: &str) -> String {
    format!("{PREFIX}{}", variable.trim_start_matches(VARIABLE_PREFIX).to_ascii_lowercase())
}

/// What the names of PostgREST's variables begin with.
pub(super) const VARIABLE_PREFIX: &str = "PGRST_";
pub(super) const APP_SETTINGS: &str = "PGRST_APP_SETTINGS_";
pub(super) const CHANNEL_ENABLED: &str = "PGRST_DB_CHANNEL_ENABLED";

/// Reasons why something can't be set in the database.
const CONNECTED: &str = "it says how to reach the database";
const LISTENING: &str = "the service listens before it reads the database";
const LOGGING: &str = "the service logs before it reads the database";
pub(super) const NOTIFIED: &str = "it says where to ask for a reload";
const ASKED: &str = "it says whether the database is asked";

/// Every alias, in the order of PostgREST's documentation.
pub const ALIASES: &[Alias] = &[
    alias(&["PGRST_ADMIN_SERVER_HOST"], v::ADMIN_HOST).translated(host).environment_only(LISTENING),
    alias(&["PGRST_ADMIN_SERVER_PORT"], v::ADMIN_PORT).environment_only(LISTENING),
    alias(&["PGRST_CLIENT_ERROR_VERBOSITY"], v::ERROR_VERBOSITY),
    alias(&["PGRST_DB_AGGREGATES_ENABLED"], v::DB_AGGREGATES),
    alias(&["PGRST_DB_ANON_ROLE"], v::DB_ANON_ROLE).default(""),
    alias(&["PGRST_DB_CHANNEL"], v::DB_CHANNEL).environment_only(NOTIFIED),
    alias(&["PGRST_DB_CONFIG"], v::DB_CONFIG).default("on").environment_only(ASKED),
    alias(&["PGRST_DB_PRE_CONFIG"], v::DB_PRE_CONFIG),
    alias(&["PGRST_DB_EXTRA_SEARCH_PATH"], v::DB_EXTRA_SEARCH_PATH),
    alias(&["PGRST_DB_HOISTED_TX_SETTINGS"], v::DB_HOISTED_SETTINGS),
    alias(&["PGRST_DB_MAX_ROWS", "PGRST_MAX_ROWS"], v::DB_MAX_ROWS).default("0"),
    alias(&["PGRST_DB_PLAN_ENABLED"], v::DB_PLAN),
    alias(&["PGRST_DB_POOL"], v::DB_POOL_SIZE).environment_only(CONNECTED),
    alias(&["PGRST_DB_POOL_ACQUISITION_TIMEOUT"], v::DB_POOL_ACQUIRE_TIMEOUT_MS)
        .default("10000")
        .translated(seconds)
        .environment_only(CONNECTED),
    alias(&["PGRST_DB_POOL_MAX_IDLETIME", "PGRST_DB_POOL_TIMEOUT"], v::DB_POOL_IDLE_TIMEOUT_MS)
        .default("30000")
        .translated(seconds)
        .environment_only(CONNECTED),
    alias(&["PGRST_DB_POOL_MAX_LIFETIME"], v::DB_POOL_MAX_LIFETIME_MS).translated(seconds).environment_only(CONNECTED),
    alias(&["PGRST_DB_PRE_REQUEST", "PGRST_PRE_REQUEST"], v::DB_PRE_REQUEST),
    alias(&["PGRST_DB_PREPARED_STATEMENTS"], v::DB_STATEMENT_CACHE).translated(prepared),
    alias(&["PGRST_DB_ROOT_SPEC", "PGRST_ROOT_SPEC"], v::DB_ROOT_FUNCTION),
    alias(&["PGRST_DB_SCHEMAS", "PGRST_DB_SCHEMA"], v::DB_SCHEMAS).default("public"),
    alias(&["PGRST_DB_TX_END"], v::DB_TX_END),
    alias(&["PGRST_DB_URI"], v::DATABASE_URL).translated(connection).environment_only(CONNECTED),
    alias(&["PGRST_JWT_AUD"], v::JWT_AUD),
    alias(&["PGRST_JWT_CACHE_MAX_ENTRIES"], v::JWT_CACHE_SIZE).default("1000"),
    alias(&["PGRST_JWT_ROLE_CLAIM_KEY", "PGRST_ROLE_CLAIM_KEY"], v::JWT_ROLE_CLAIM),
    alias(&["PGRST_JWT_SECRET"], v::JWT_SECRET).translated(secret),
    alias(&["PGRST_JWT_SECRET_IS_BASE64", "PGRST_SECRET_IS_BASE64"], v::JWT_SECRET_IS_BASE64),
    alias(&["PGRST_LOG_LEVEL"], v::LOG_LEVEL).default("error").translated(log_level).environment_only(LOGGING),
    alias(&["PGRST_OPENAPI_MODE"], v::OPENAPI_MODE),
    alias(&["PGRST_OPENAPI_SECURITY_ACTIVE"], v::OPENAPI_SECURITY),
    alias(&["PGRST_OPENAPI_SERVER_PROXY_URI"], v::OPENAPI_SERVER_URL),
    alias(&["PGRST_SERVER_CORS_ALLOWED_ORIGINS"], v::CORS_ALLOWED_ORIGINS),
    alias(&["PGRST_SERVER_HOST"], v::HOST).default("0.0.0.0").translated(host).environment_only(LISTENING),
    alias(&["PGRST_SERVER_PORT"], v::PORT).default("3000").environment_only(LISTENING),
    alias(&["PGRST_SERVER_TIMING_ENABLED"], v::SERVER_TIMING),
    alias(&["PGRST_SERVER_TRACE_HEADER"], v::TRACE_HEADER),
    alias(&["PGRST_URL_USE_LEGACY_TARGET_NAMES"], v::LEGACY_TARGET_NAMES),
];

/// Variables without a counterpart: the values that ask for what we do anyway, and why any other has no effect.
const UNHEEDED: &[(&str, &[&str], &str)] = &[
    (CHANNEL_ENABLED, &["true", "false"], "it is neither true nor false"),
    ("PGRST_DB_POOL_AUTOMATIC_RECOVERY", &["true"], "the pool always recovers"),
    ("PGRST_LOG_QUERY", &["false"], "statements are logged by their fingerprint (SLOW_QUERY_MS), not their text"),
    ("PGRST_SERVER_REUSEPORT", &["false"], "the port is not shared between processes"),
    ("PGRST_SERVER_UNIX_SOCKET", &[], "the service listens on TCP alone"),
    ("PGRST_SERVER_UNIX_SOCKET_MODE", &[], "the service listens on TCP alone"),
    ("PGRST_ADMIN_SERVER_UNIX_SOCKET", &[], "the service listens on TCP alone"),
    ("PGRST_ADMIN_SERVER_UNIX_SOCKET_MODE", &[], "the service listens on TCP alone"),
];

/// Why a variable that is no alias has no effect; `None` where its value asks for what we do anyway.
pub(super) fn unheeded(variable: &str, value: &str) -> Option<&'static str> {
    match UNHEEDED.iter().find(|(name, ..)| *name == variable) {
        Some((_, granted, _)) if granted.contains(&value.trim().to_ascii_lowercase().as_str()) => None,
        Some((.., reason)) => Some(reason),
        None => Some("PostgREST 16 has no such setting"),
    }
}

impl Config {
    /// The settings that may stand in the database, and those that may only stand in the environment, to be warned of.
    pub fn database_settings() -> Vec<String> {
        let aliases = ALIASES.iter().map(|alias| setting(alias.names[0]));
        aliases.chain(UNHEEDED.iter().map(|(name, ..)| setting(name))).collect()
    }

    /// The table of aliases in docs/COMPATIBILITY.md, in Markdown.
    pub fn alias_table() -> String {
        let mut text =
            String::from("| PostgREST's | ours | default with `PGRST_*` | in the database |\n|---|---|---|---|\n");
        for alias in ALIASES {
            let Alias { names, ours, default, .. } = alias;
            let names = names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", formerly ");
            let default = default.or(ours.default).filter(|default| !default.is_empty());
            let default = default.map(|default| format!("`{default}`")).unwrap_or_default();
            let setting = alias.setting().map(|setting| format!("`{setting}`")).unwrap_or_default();
            text += &format!("| {names} | `{}` | {default} | {setting} |\n", ours.name);
        }
        for (name, granted, reason) in UNHEEDED {
            let unless = granted.iter().map(|value| format!("`{value}`")).collect::<Vec<_>>().join(" and ");
            text += &match (*name, unless.as_str()) {
                (CHANNEL_ENABLED, _) => format!("| `{name}` | `DB_CHANNEL=` where it is `false` | `true` | |\n"),
                (_, "") => format!("| `{name}` | warned of: {reason} | | |\n"),
                (_, unless) => format!("| `{name}` | warned of, unless {unless}: {reason} | | |\n"),
            };
        }
        text + &format!("| `{APP_SETTINGS}*` | the setting `app.settings.*` of every transaction | | |\n")
    }
}

fn as_it_is(text: &str) -> Translated {
    Ok(Some(text.to_owned()))
}

/// `!4`, `*6`, … are which interfaces to listen on (references/configuration, `server-host`).
fn host(text: &str) -> Translated {
    Ok(match text.trim() {
        "" => None,
        "*" | "*4" | "!4" => Some("0.0.0.0".to_owned()),
        "*6" | "!6" => Some("::".to_owned()),
        other => Some(other.to_owned()),
    })
}

fn seconds(text: &str) -> Translated {
    let milliseconds = text.trim().parse::<u64>().map(|seconds| seconds.saturating_mul(1000).to_string());
    Ok(Some(milliseconds.unwrap_or_else(|_| text.to_owned())))
}

fn prepared(text: &str) -> Translated {
    match text.trim().to_ascii_lowercase().as_str() {
        "true" | "on" | "1" => Ok(None),
        "false" | "off" | "0" => Ok(Some("0".to_owned())),
        _ => Err("true or false"),
    }
}

fn log_level(text: &str) -> Translated {
    Ok(Some(if text.trim() == "crit" { "error".to_owned() } else { text.to_owned() }))
}

/// `@file` is the file's text.
fn in_file(text: &str) -> Result<String, &'static str> {
    match text.strip_prefix('@') {
        Some(path) => fs::read_to_string(path).map_err(|_| "@ and the path of a file of text that can be read"),
        None => Ok(text.to_owned()),
    }
}

fn secret(text: &str) -> Translated {
    let text = in_file(text)?;
    Ok(Some(text.strip_suffix('\n').map_or(text.clone(), str::to_owned)))
}

fn connection(text: &str) -> Translated {
    Ok(libpq::connection(in_file(text)?.trim()))
}
