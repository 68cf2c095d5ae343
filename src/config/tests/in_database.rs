//! Settings of the database, as far as they can be told without one.

use std::collections::BTreeMap;

use crate::config::{Config, ConfigErrors, DatabaseSetting, Origin, Secret, TransactionEnd};

const DROP_IN: [(&str, &str); 2] = [("PGRST_DB_SCHEMAS", "env"), ("PGRST_DB_MAX_ROWS", "7")];

fn setting(name: &str, value: &str, origin: &Origin) -> DatabaseSetting {
    DatabaseSetting { name: name.to_owned(), value: Secret::new(value), origin: origin.clone() }
}

fn role() -> Origin {
    Origin::Role("web".into())
}

fn here() -> Origin {
    Origin::RoleInDatabase("web".into())
}

fn function() -> Origin {
    let config = Config::read(&BTreeMap::from([("DB_PRE_CONFIG", "api.pre_config")])).unwrap();
    Origin::Function(config.in_database.function.unwrap())
}

fn read(settings: &[DatabaseSetting]) -> Result<Config, ConfigErrors> {
    Config::read_with(&BTreeMap::from(DROP_IN), settings)
}

#[test]
fn the_database_wins_over_the_environment_whichever_name_that_uses() {
    let env = BTreeMap::from([("PGRST_DB_SCHEMAS", "env"), ("DB_MAX_ROWS", "7"), ("DB_TX_END", "rollback")]);
    let settings = [
        setting("pgrst.db_schemas", "one, two", &role()),
        setting("pgrst.db_max_rows", "500", &role()),
        setting("pgrst.db_prepared_statements", "false", &role()),
    ];
    let config = Config::read_with(&env, &settings).unwrap();
    assert_eq!(config.api.schemas, ["one", "two"]);
    assert_eq!((config.api.max_rows, config.database.statement_cache), (Some(500), 0));
    assert_eq!(config.api.transaction_end, TransactionEnd::Rollback, "the environment's, where the database is silent");
    assert_eq!(config.origins["DB_SCHEMAS"], "pgrst.db_schemas of the role web");
    assert!(!config.origins.contains_key("DB_TX_END"));
}

#[test]
fn what_is_said_for_this_database_wins_over_the_role_and_that_over_the_function() {
    let settings = [
        setting("pgrst.db_schemas", "here", &here()),
        setting("pgrst.db_schemas", "role", &role()),
        setting("PGRST.jwt_aud", "role", &role()),
        setting("pgrst.jwt_aud", "function", &function()),
        setting("pgrst.db_anon_role", "function", &function()),
    ];
    let config = read(&settings).unwrap();
    assert_eq!(config.api.schemas, ["here"]);
    assert_eq!(config.auth.audience.unwrap(), "role");
    assert_eq!(config.auth.anon_role.unwrap(), "function");
}

#[test]
fn nothing_said_in_the_database_is_postgrests_default() {
    let settings = [
        setting("pgrst.db_schemas", "", &role()),
        setting("pgrst.db_max_rows", " ", &role()),
        setting("pgrst.db_extra_search_path", "", &role()),
    ];
    let config = read(&settings).unwrap();
    assert_eq!((config.api.schemas[0].as_str(), config.api.max_rows), ("public", None));
    assert!(config.api.extra_search_path.is_empty());
}

#[test]
fn a_bad_value_is_refused_with_its_place_and_secrets_stay_hidden() {
    let settings = [
        setting("pgrst.db_max_rows", "many", &here()),
        setting("pgrst.db_tx_end", "maybe", &function()),
        setting("pgrst.jwt_secret", "hunter2", &role()),
    ];
    let text = read(&settings).unwrap_err().to_string();
    for line in [
        r#"pgrst.db_max_rows of the role web in this database is "many"; wanted a whole number"#,
        r#"pgrst.db_tx_end of the function api.pre_config is "maybe"; wanted commit"#,
        "pgrst.jwt_secret of the role web (value not shown): wanted at least 32 bytes",
    ] {
        assert!(text.contains(line), "{text}");
    }
    assert!(!text.contains("hunter2") && !format!("{settings:?}").contains("hunter2"), "{text}");
}

#[test]
fn what_can_not_be_set_in_the_database_is_reported_with_the_reason() {
    let settings = [
        ("pgrst.db_uri", "postgresql://elsewhere", "how to reach the database"),
        ("pgrst.server_port", "80", "before it reads the database"),
        ("pgrst.log_level", "info", "before it reads the database"),
        ("pgrst.db_channel_enabled", "false", "where to ask for a reload"),
        ("pgrst.db_config", "false", "whether the database is asked"),
        ("pgrst.app_settings_key", "x", "app.settings.* itself"),
        ("pgrst.log_query", "true", "fingerprint"),
        ("pgrst.not_existing", "x", "no such setting"),
    ];
    let config = read(&settings.map(|(name, value, _)| setting(name, value, &role()))).unwrap();
    let told: Vec<_> = config.unheeded.iter().map(ToString::to_string).collect();
    assert_eq!(told.len(), settings.len(), "{told:?}");
    for (name, _, reason) in settings {
        let is_told =
            |line: &String| line.starts_with(&format!("{name} of the role web has no")) && line.contains(reason);
        assert!(told.iter().any(is_told), "{name}: {told:?}");
    }
    assert!(config.in_database.is_read && config.database.url.unwrap().expose() == "postgresql:///");
}

#[test]
fn the_database_may_name_the_function_but_a_function_no_other() {
    let config = read(&[setting("pgrst.db_pre_config", "api.pre_config", &role())]).unwrap();
    assert_eq!(config.in_database.function.unwrap().to_string(), "api.pre_config");
    let config = read(&[setting("pgrst.db_pre_config", "api.other", &function())]).unwrap();
    assert!(config.in_database.function.is_none());
    assert_eq!(config.unheeded[0].reason, "a function can't name another");
}

#[test]
fn the_database_is_asked_in_drop_in_mode_unless_told_otherwise() {
    let is_read = |env: &[(&str, &str)]| {
        let config = Config::read(&env.iter().copied().collect::<BTreeMap<_, _>>()).unwrap();
        (config.in_database.is_read, config.unheeded.len())
    };
    assert_eq!(is_read(&[]), (false, 0));
    assert_eq!(is_read(&[("DB_CONFIG", "on")]), (true, 0));
    assert_eq!(is_read(&DROP_IN), (true, 0));
    assert_eq!(is_read(&[("PGRST_DB_CONFIG", "false")]), (false, 0));
    assert_eq!(is_read(&[("PGRST_DB_CONFIG", "false"), ("PGRST_DB_PRE_CONFIG", "api.f")]), (false, 1), "reported");
}

#[test]
fn every_setting_is_asked_for() {
    let names = Config::database_settings();
    for name in ["pgrst.db_schemas", "pgrst.jwt_cache_max_entries", "pgrst.db_uri", "pgrst.server_unix_socket"] {
        assert!(names.iter().any(|asked| asked == name), "{name}");
    }
}
