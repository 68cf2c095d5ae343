//! PostgREST's configuration, read as ours.
//!
//! In: any [`Env`], and settings of the database. Out: an environment in which a variable of ours that is not set has
//! the value of PostgREST's (Config.hs and references/configuration of its documentation), translated, and one that the
//! database sets has the database's. Where any `PGRST_*` variable is set, what neither names has PostgREST's default.
//! Refuses what can't be translated, under the name it was found by; what can't be honoured is reported, with the reason.

use std::{collections::BTreeMap, fmt};

use super::{
    DatabaseSetting, Env, Origin,
    aliases::{ALIASES, APP_SETTINGS, Alias, CHANNEL_ENABLED, NOTIFIED, Translated, VARIABLE_PREFIX, unheeded},
    in_database::PREFIX,
    libpq,
    variables::{self as v, Variable},
};

/// A variable or setting that is there and has no effect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unheeded {
    /// Its name, and where it was found if that is not the environment.
    pub variable: String,
    /// Why.
    pub reason: &'static str,
}

impl fmt::Display for Unheeded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} has no effect: {}", self.variable, self.reason)
    }
}

/// A value of PostgREST's.
struct Found {
    text: String,
    /// The same in our terms.
    value: Translated,
    /// What it was found by.
    name: String,
}

impl Found {
    fn plain(value: String, name: &str) -> Self {
        Self { text: value.clone(), value: Ok(Some(value)), name: name.to_owned() }
    }
}

/// An environment that answers to our names with PostgREST's values.
pub(super) struct Aliased<'e, E> {
    env: &'e E,
    /// By our name, behind the environment's own: `PGRST_*` variables.
    found: BTreeMap<&'static str, Found>,
    /// By our name, before the environment's own: settings of the database.
    database: BTreeMap<&'static str, Found>,
    /// Defaults instead of the list's.
    defaults: BTreeMap<&'static str, &'static str>,
    /// Settings that every transaction has: `app.settings.*`.
    pub(super) app_settings: Vec<(String, String)>,
    /// What has no effect.
    pub(super) unheeded: Vec<Unheeded>,
}

impl<'e, E: Env> Aliased<'e, E> {
    pub(super) fn new(env: &'e E, settings: &[DatabaseSetting]) -> Self {
        let set: BTreeMap<String, String> = (env.names().into_iter())
            .filter(|name| name.starts_with(VARIABLE_PREFIX))
            .filter_map(|name| env.get(&name).map(|value| (name, value)))
            .collect();
        let mut aliased = Self {
            env,
            found: BTreeMap::new(),
            database: BTreeMap::new(),
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
            aliased.defaults.insert(v::MAINTENANCE.name, "off");
        }
        let mut settings: Vec<_> = settings.iter().collect();
        settings.sort_by_key(|setting| &setting.origin);
        for setting in settings {
            aliased.override_by(setting);
        }
        aliased
    }

    fn read(&mut self, set: &BTreeMap<String, String>) {
        self.defaults.insert(v::REST_BASE_PATH.name, "/");
        for alias in ALIASES {
            let given =
                alias.names.iter().find_map(|name| Some((*name, set.get(*name).filter(|text| says(alias, text))?)));
            if let Some((name, text)) = given {
                match (alias.translate)(text) {
                    Ok(None) => {}
                    value => self.put(alias.ours, Found { text: text.clone(), value, name: name.to_owned() }),
                }
            }
            if let Some(default) = alias.default {
                self.defaults.insert(alias.ours.name, default);
            }
        }
        if set.get(CHANNEL_ENABLED).is_some_and(|value| value.trim().eq_ignore_ascii_case("false")) {
            self.put(v::DB_CHANNEL, Found::plain(String::new(), CHANNEL_ENABLED));
        }
        if !self.found.contains_key(v::DATABASE_URL.name) {
            self.put(v::DATABASE_URL, Found::plain(self.libpq(), "PGRST_DB_URI"));
        }
        for (name, value) in set {
            self.consider(name, value);
        }
    }

    fn put(&mut self, variable: Variable, found: Found) {
        self.found.insert(variable.name, found);
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
        libpq::url_of(parameters.into_iter().filter_map(|(key, name)| Some((key.to_owned(), self.env.get(name)?))))
    }

    /// Variables that are no alias.
    fn consider(&mut self, name: &str, value: &str) {
        if let Some(setting) = name.strip_prefix(APP_SETTINGS) {
            return self.app_settings.push((format!("app.settings.{setting}"), value.to_owned()));
        }
        let is_alias = ALIASES.iter().any(|alias| alias.names.contains(&name));
        if let Some(reason) = unheeded(name, value).filter(|_| !is_alias) {
            self.report(name, reason);
        }
    }

    /// A setting of the database: it wins over the environment and over those before it.
    fn override_by(&mut self, setting: &DatabaseSetting) {
        let name = setting.name.to_ascii_lowercase();
        let variable = format!("{VARIABLE_PREFIX}{}", name.trim_start_matches(PREFIX).to_ascii_uppercase());
        let text = setting.value.expose();
        let is_of_function = matches!(setting.origin, Origin::Function(_));
        let reason = match ALIASES.iter().find(|alias| alias.names[0] == variable) {
            Some(alias) if alias.ours == v::DB_PRE_CONFIG && is_of_function => Some("a function can't name another"),
            Some(Alias { environment_only: Some(reason), .. }) => Some(*reason),
            Some(alias) => {
                // As in PostgREST, nothing takes the environment's value away.
                let value = if says(alias, text) { (alias.translate)(text) } else { Ok(None) };
                let found = Found { text: text.to_owned(), value, name: setting.to_string() };
                self.database.insert(alias.ours.name, found);
                None
            }
            None if variable == CHANNEL_ENABLED => Some(NOTIFIED),
            None if variable.starts_with(APP_SETTINGS) => Some("the role may set app.settings.* itself"),
            None => unheeded(&variable, text),
        };
        if let Some(reason) = reason {
            self.report(&setting.to_string(), reason);
        }
    }

    pub(super) fn report(&mut self, variable: &str, reason: &'static str) {
        self.unheeded.push(Unheeded { variable: variable.to_owned(), reason });
    }

    /// The default of a variable.
    pub(super) fn default(&self, variable: Variable) -> Option<&'static str> {
        self.defaults.get(variable.name).copied().or(variable.default)
    }

    fn found(&self, variable: Variable) -> Option<&Found> {
        let behind = || self.found.get(variable.name).filter(|_| self.env.get(variable.name).is_none());
        self.database.get(variable.name).or_else(behind)
    }

    /// The name that a variable's value was found by.
    pub(super) fn name(&self, variable: Variable) -> &str {
        self.found(variable).map_or(variable.name, |found| &found.name)
    }

    /// The variables whose value was found by another name.
    pub(super) fn renamed(&self) -> BTreeMap<&'static str, String> {
        let renamed =
            v::VARIABLES.iter().filter_map(|variable| Some((variable.name, self.found(*variable)?.name.clone())));
        renamed.collect()
    }

    /// The value: the database's before our own name's before that of PostgREST's variable. Or what was found, and what
    /// would be right.
    pub(super) fn get(&self, variable: Variable) -> Result<Option<String>, (String, &'static str)> {
        match self.found(variable) {
            Some(found) => found.value.clone().map_err(|wanted| (found.text.clone(), wanted)),
            None => Ok(self.env.get(variable.name)),
        }
    }
}

/// PostgREST takes a blank value for none, but for a search path, which may be empty.
fn says(alias: &Alias, text: &str) -> bool {
    !text.trim().is_empty() || alias.ours == v::DB_EXTRA_SEARCH_PATH
}
