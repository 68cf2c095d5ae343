//! PostgREST's environment, read as ours.
//!
//! In: any [`Env`]. Out: one in which a variable of ours that is not set has the value of PostgREST's (Config.hs and
//! references/configuration of its documentation), translated. Where any `PGRST_*` variable is set, what neither names
//! has PostgREST's default. Refuses nothing: a value that can't be translated is handed on for the reader to refuse,
//! under the name it was found by. What can't be honoured is reported, with the reason.

use std::{collections::BTreeMap, fmt};

use url::Url;

use super::{
    Config, Env,
    variables::{self as v, Variable},
};

/// A `PGRST_*` variable that is set and has no effect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unheeded {
    /// Its name.
    pub variable: String,
    /// Why.
    pub reason: &'static str,
}

impl fmt::Display for Unheeded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} has no effect: {}", self.variable, self.reason)
    }
}

/// A variable of PostgREST's that is one of ours.
#[derive(Clone, Copy)]
pub struct Alias {
    /// Its name, and a former one that PostgREST still reads.
    pub names: &'static [&'static str],
    /// Ours.
    pub ours: Variable,
    /// PostgREST's default, where it is not ours.
    pub default: Option<&'static str>,
    translate: fn(&str) -> Option<String>,
}

const fn alias(names: &'static [&'static str], ours: Variable, default: Option<&'static str>) -> Alias {
    Alias { names, ours, default, translate: as_it_is }
}

const fn translated(
    names: &'static [&'static str],
    ours: Variable,
    default: Option<&'static str>,
    translate: fn(&str) -> Option<String>,
) -> Alias {
    Alias { names, ours, default, translate }
}

/// Every alias, in the order of PostgREST's documentation.
pub const ALIASES: &[Alias] = &[
    translated(&["PGRST_ADMIN_SERVER_HOST"], v::ADMIN_HOST, None, host),
    alias(&["PGRST_ADMIN_SERVER_PORT"], v::ADMIN_PORT, None),
    alias(&["PGRST_CLIENT_ERROR_VERBOSITY"], v::ERROR_VERBOSITY, None),
    alias(&["PGRST_DB_AGGREGATES_ENABLED"], v::DB_AGGREGATES, None),
    alias(&["PGRST_DB_ANON_ROLE"], v::DB_ANON_ROLE, Some("")),
    alias(&["PGRST_DB_CHANNEL"], v::DB_CHANNEL, None),
    alias(&["PGRST_DB_EXTRA_SEARCH_PATH"], v::DB_EXTRA_SEARCH_PATH, None),
    alias(&["PGRST_DB_HOISTED_TX_SETTINGS"], v::DB_HOISTED_SETTINGS, None),
    alias(&["PGRST_DB_MAX_ROWS", "PGRST_MAX_ROWS"], v::DB_MAX_ROWS, Some("0")),
    alias(&["PGRST_DB_PLAN_ENABLED"], v::DB_PLAN, None),
    alias(&["PGRST_DB_POOL"], v::DB_POOL_SIZE, None),
    translated(&["PGRST_DB_POOL_ACQUISITION_TIMEOUT"], v::DB_POOL_ACQUIRE_TIMEOUT_MS, Some("10000"), seconds),
    translated(
        &["PGRST_DB_POOL_MAX_IDLETIME", "PGRST_DB_POOL_TIMEOUT"],
        v::DB_POOL_IDLE_TIMEOUT_MS,
        Some("30000"),
        seconds,
    ),
    translated(&["PGRST_DB_POOL_MAX_LIFETIME"], v::DB_POOL_MAX_LIFETIME_MS, None, seconds),
    alias(&["PGRST_DB_PRE_REQUEST", "PGRST_PRE_REQUEST"], v::DB_PRE_REQUEST, None),
    translated(&["PGRST_DB_PREPARED_STATEMENTS"], v::DB_STATEMENT_CACHE, None, prepared),
    alias(&["PGRST_DB_ROOT_SPEC", "PGRST_ROOT_SPEC"], v::DB_ROOT_FUNCTION, None),
    alias(&["PGRST_DB_SCHEMAS", "PGRST_DB_SCHEMA"], v::DB_SCHEMAS, Some("public")),
    alias(&["PGRST_DB_TX_END"], v::DB_TX_END, None),
    translated(&["PGRST_DB_URI"], v::DATABASE_URL, None, connection),
    alias(&["PGRST_JWT_AUD"], v::JWT_AUD, None),
    alias(&["PGRST_JWT_CACHE_MAX_ENTRIES"], v::JWT_CACHE_SIZE, Some("1000")),
    alias(&["PGRST_JWT_ROLE_CLAIM_KEY", "PGRST_ROLE_CLAIM_KEY"], v::JWT_ROLE_CLAIM, None),
    translated(&["PGRST_JWT_SECRET"], v::JWT_SECRET, None, secret),
    alias(&["PGRST_JWT_SECRET_IS_BASE64", "PGRST_SECRET_IS_BASE64"], v::JWT_SECRET_IS_BASE64, None),
    translated(&["PGRST_LOG_LEVEL"], v::LOG_LEVEL, Some("error"), log_level),
    alias(&["PGRST_OPENAPI_MODE"], v::OPENAPI_MODE, None),
    alias(&["PGRST_OPENAPI_SECURITY_ACTIVE"], v::OPENAPI_SECURITY, None),
    alias(&["PGRST_OPENAPI_SERVER_PROXY_URI"], v::OPENAPI_SERVER_URL, None),
    alias(&["PGRST_SERVER_CORS_ALLOWED_ORIGINS"], v::CORS_ALLOWED_ORIGINS, None),
    translated(&["PGRST_SERVER_HOST"], v::HOST, Some("0.0.0.0"), host),
    alias(&["PGRST_SERVER_PORT"], v::PORT, Some("3000")),
    alias(&["PGRST_SERVER_TIMING_ENABLED"], v::SERVER_TIMING, None),
    alias(&["PGRST_SERVER_TRACE_HEADER"], v::TRACE_HEADER, None),
    alias(&["PGRST_URL_USE_LEGACY_TARGET_NAMES"], v::LEGACY_TARGET_NAMES, None),
];

/// Variables without a counterpart: the values that ask for what we do anyway, and why any other has no effect.
const UNHEEDED: &[(&str, &[&str], &str)] = &[
    ("PGRST_DB_CHANNEL_ENABLED", &["true", "false"], ""),
    ("PGRST_DB_CONFIG", &["false"], "settings of the login role (pgrst.*) are not read; set them in the environment"),
    ("PGRST_DB_PRE_CONFIG", &[], "settings made by a function are not read; set them in the environment"),
    ("PGRST_DB_POOL_AUTOMATIC_RECOVERY", &["true"], "the pool always recovers"),
    ("PGRST_LOG_QUERY", &["false"], "statements are logged by their fingerprint (SLOW_QUERY_MS), not their text"),
    ("PGRST_SERVER_REUSEPORT", &["false"], "the port is not shared between processes"),
    ("PGRST_SERVER_UNIX_SOCKET", &[], "the service listens on TCP alone"),
    ("PGRST_SERVER_UNIX_SOCKET_MODE", &[], "the service listens on TCP alone"),
    ("PGRST_ADMIN_SERVER_UNIX_SOCKET", &[], "the service listens on TCP alone"),
    ("PGRST_ADMIN_SERVER_UNIX_SOCKET_MODE", &[], "the service listens on TCP alone"),
];

const APP_SETTINGS: &str = "PGRST_APP_SETTINGS_";
const CHANNEL_ENABLED: &str = "PGRST_DB_CHANNEL_ENABLED";

/// An environment that answers to our names with PostgREST's values.
pub(super) struct Aliased<'e, E> {
    env: &'e E,
    /// By our name: the value, and the name it was found by.
    found: BTreeMap<&'static str, (String, &'static str)>,
    /// Defaults instead of the list's.
    defaults: BTreeMap<&'static str, &'static str>,
    /// Settings that every transaction has: `app.settings.*`.
    pub(super) app_settings: Vec<(String, String)>,
    /// What has no effect.
    pub(super) unheeded: Vec<Unheeded>,
}

impl<'e, E: Env> Aliased<'e, E> {
    pub(super) fn new(env: &'e E) -> Self {
        let set: BTreeMap<String, String> = (env.names().into_iter())
            .filter(|name| name.starts_with("PGRST_"))
            .filter_map(|name| env.get(&name).map(|value| (name, value)))
            .collect();
        let mut aliased = Self {
            env,
            found: BTreeMap::new(),
            defaults: BTreeMap::new(),
            app_settings: Vec::new(),
            unheeded: Vec::new(),
        };
        if !set.is_empty() {
            aliased.read(&set);
        }
        let base_path = env.get(v::REST_BASE_PATH.name);
        if base_path.map_or(!set.is_empty(), |path| path.trim() == "/") {
            aliased.defaults.insert(v::DB_SAFE_WRITES.name, "off");
        }
        aliased
    }

    fn read(&mut self, set: &BTreeMap<String, String>) {
        self.defaults.insert(v::REST_BASE_PATH.name, "/");
        for alias in ALIASES {
            // PostgREST takes a blank value for none, but for a search path, which may be empty.
            let counts = |value: &&String| !value.trim().is_empty() || alias.ours == v::DB_EXTRA_SEARCH_PATH;
            let given = alias.names.iter().find_map(|name| Some((*name, set.get(*name).filter(counts)?)));
            if let Some((name, value)) = given
                && let Some(value) = (alias.translate)(value)
            {
                self.found.insert(alias.ours.name, (value, name));
            }
            if let Some(default) = alias.default {
                self.defaults.insert(alias.ours.name, default);
            }
        }
        if set.get(CHANNEL_ENABLED).is_some_and(|value| value.eq_ignore_ascii_case("false")) {
            self.found.insert(v::DB_CHANNEL.name, (String::new(), CHANNEL_ENABLED));
        }
        if !self.found.contains_key(v::DATABASE_URL.name) {
            self.found.insert(v::DATABASE_URL.name, (self.libpq(), "PGRST_DB_URI"));
        }
        for (name, value) in set {
            self.consider(name, value);
        }
    }

    /// PostgREST's default is what libpq finds in the environment.
    fn libpq(&self) -> String {
        let parameters = [
            ("host", "PGHOST"),
            ("port", "PGPORT"),
            ("user", "PGUSER"),
            ("password", "PGPASSWORD"),
            ("dbname", "PGDATABASE"),
            ("sslmode", "PGSSLMODE"),
        ];
        url_of(parameters.into_iter().filter_map(|(key, name)| Some((key.to_owned(), self.env.get(name)?))))
    }

    /// Variables that are no alias.
    fn consider(&mut self, name: &str, value: &str) {
        if let Some(setting) = name.strip_prefix(APP_SETTINGS) {
            return self.app_settings.push((format!("app.settings.{setting}"), value.to_owned()));
        }
        if ALIASES.iter().any(|alias| alias.names.contains(&name)) {
            return;
        }
        let reason = match UNHEEDED.iter().find(|(unheeded, ..)| *unheeded == name) {
            Some((_, granted, _)) if granted.contains(&value.trim().to_ascii_lowercase().as_str()) => return,
            Some((.., reason)) => reason,
            None => "PostgREST 16 has no such setting",
        };
        self.unheeded.push(Unheeded { variable: name.to_owned(), reason });
    }

    /// The default of a variable.
    pub(super) fn default(&self, variable: Variable) -> Option<&'static str> {
        self.defaults.get(variable.name).copied().or(variable.default)
    }

    /// The name that a variable's value was found by.
    pub(super) fn name(&self, variable: Variable) -> &'static str {
        match self.found.get(variable.name) {
            Some((_, name)) if self.env.get(variable.name).is_none() => name,
            _ => variable.name,
        }
    }

    /// The value: our own name's before PostgREST's.
    pub(super) fn get(&self, variable: Variable) -> Option<String> {
        self.env.get(variable.name).or_else(|| self.found.get(variable.name).map(|(value, _)| value.clone()))
    }
}

impl Config {
    /// The table of aliases in docs/COMPATIBILITY.md, in Markdown.
    pub fn alias_table() -> String {
        let mut text = String::from("| PostgREST's | ours | default with `PGRST_*` |\n|---|---|---|\n");
        for Alias { names, ours, default, .. } in ALIASES {
            let names = names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", formerly ");
            let default = default.or(ours.default).filter(|default| !default.is_empty());
            let default = default.map(|default| format!("`{default}`")).unwrap_or_default();
            text += &format!("| {names} | `{}` | {default} |\n", ours.name);
        }
        for (name, granted, reason) in UNHEEDED {
            let unless = granted.iter().map(|value| format!("`{value}`")).collect::<Vec<_>>().join(" and ");
            text += &match (reason, unless.as_str()) {
                (&"", _) => format!("| `{name}` | `DB_CHANNEL=` where it is `false` | `true` |\n"),
                (reason, "") => format!("| `{name}` | warned of: {reason} | |\n"),
                (reason, unless) => format!("| `{name}` | warned of, unless {unless}: {reason} | |\n"),
            };
        }
        text + &format!("| `{APP_SETTINGS}*` | the setting `app.settings.*` of every transaction | |\n")
    }
}

fn as_it_is(text: &str) -> Option<String> {
    Some(text.to_owned())
}

/// `!4`, `*6`, … are which interfaces to listen on (references/configuration, `server-host`).
fn host(text: &str) -> Option<String> {
    Some(match text.trim() {
        "" => return None,
        "*" | "*4" | "!4" => "0.0.0.0".to_owned(),
        "*6" | "!6" => "::".to_owned(),
        other => other.to_owned(),
    })
}

fn seconds(text: &str) -> Option<String> {
    Some(
        text.trim().parse::<u64>().map_or_else(|_| text.to_owned(), |seconds| seconds.saturating_mul(1000).to_string()),
    )
}

fn prepared(text: &str) -> Option<String> {
    text.trim().eq_ignore_ascii_case("false").then(|| "0".to_owned())
}

fn log_level(text: &str) -> Option<String> {
    Some(if text.trim() == "crit" { "error".to_owned() } else { text.to_owned() })
}

/// `@file` is the file's text; one that can't be read leaves the name, which is then refused as a value.
fn in_file(text: &str) -> String {
    let read = text.strip_prefix('@').and_then(|path| std::fs::read_to_string(path).ok());
    read.unwrap_or_else(|| text.to_owned())
}

fn secret(text: &str) -> Option<String> {
    let text = in_file(text);
    Some(text.strip_suffix('\n').map_or(text.clone(), str::to_owned))
}

/// A URL, or libpq's older form `key=value key='value'`, made a URL.
fn connection(text: &str) -> Option<String> {
    let text = in_file(text).trim().to_owned();
    match text.as_str() {
        "" | "postgresql://" | "postgres://" => None,
        url if url.starts_with("postgres://") || url.starts_with("postgresql://") => Some(text),
        pairs => Some(key_values(pairs).map_or(text.clone(), |pairs| url_of(pairs.into_iter()))),
    }
}

/// PostgreSQL's manual, 34.1.1.1, "Keyword/Value Connection Strings".
fn key_values(text: &str) -> Option<Vec<(String, String)>> {
    let mut pairs = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let (key, after) = rest.split_once('=')?;
        let after = after.trim_start();
        let quoted = after.starts_with('\'');
        let mut value = String::new();
        let mut characters = after.char_indices().skip(usize::from(quoted));
        let end = loop {
            match characters.next() {
                None if quoted => return None,
                None => break after.len(),
                Some((_, '\\')) => value.push(characters.next()?.1),
                Some((at, '\'')) if quoted => break at + 1,
                Some((at, space)) if !quoted && space.is_whitespace() => break at,
                Some((_, other)) => value.push(other),
            }
        };
        pairs.push((key.trim().to_owned(), value));
        rest = after[end..].trim_start();
    }
    Some(pairs)
}

fn url_of(parameters: impl Iterator<Item = (String, String)>) -> String {
    let parameters: Vec<_> = parameters.collect();
    match Url::parse("postgresql:///") {
        Ok(mut url) if !parameters.is_empty() => {
            url.query_pairs_mut().extend_pairs(parameters);
            // libpq reads "+" as itself.
            url.to_string().replace('+', "%20")
        }
        _ => "postgresql:///".to_owned(),
    }
}
