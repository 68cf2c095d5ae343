//! The configuration, from maps.

mod in_database;

use std::{collections::BTreeMap, time::Duration};

use super::{Config, ConfigErrors, Env, FunctionName, Surface, TransactionEnd, VARIABLES};

const SECRET: &str = "a shared secret of the tests, long enough";

fn read<const N: usize>(variables: [(&str, &str); N]) -> Result<Config, ConfigErrors> {
    Config::read(&BTreeMap::from(variables))
}

/// The variables that were refused, and the whole message.
fn refused<const N: usize>(variables: [(&str, &str); N]) -> (Vec<String>, String) {
    let errors = read(variables).expect_err("should be refused");
    (errors.0.iter().map(|error| error.variable.clone()).collect(), errors.to_string())
}

#[test]
fn an_empty_environment_gives_the_documented_defaults() {
    let config = read([]).unwrap();
    assert_eq!(config.server.address.to_string(), "127.0.0.1:8080");
    assert_eq!(config.server.max_body_bytes, 10 << 20);
    assert_eq!(config.server.max_url_bytes, 64 << 10);
    assert_eq!(config.server.max_header_bytes, 64 << 10);
    assert_eq!(config.server.request_timeout, Duration::from_secs(30));
    assert_eq!(config.server.header_timeout, Duration::from_secs(10));
    assert_eq!(config.server.shutdown_timeout, Duration::from_secs(25));
    assert_eq!(config.server.cors_allowed_origins, ["*"]);
    assert!(config.server.metrics_token.is_none() && config.server.maintenance);
    assert!(config.database.url.is_none() && config.database.redacted().is_none());
    assert_eq!(config.database.data_dir.to_str(), Some(".data/postgres"));
    assert_eq!((config.database.pool_size, config.database.pool_max_waiting), (10, 640));
    assert_eq!(config.database.pool_acquire_timeout, Duration::from_secs(2));
    assert_eq!(config.database.pool_idle_timeout, Duration::from_secs(600));
    assert_eq!(config.database.pool_max_lifetime, Duration::from_secs(1800));
    assert_eq!(config.database.connect_timeout, Duration::from_secs(5));
    assert_eq!(config.database.statement_cache, 256);
    assert_eq!(config.api.schemas, ["vault", "billy", "renos", "crm", "flow", "shared"]);
    assert_eq!(config.api.extra_search_path, ["public"]);
    assert_eq!(config.api.max_rows, Some(1000));
    assert!(config.api.safe_writes && !config.api.aggregates && !config.api.plans);
    assert_eq!(config.api.transaction_end, TransactionEnd::Commit);
    assert_eq!(config.server.surface, Surface::Whole { rest: "/rest/v1".to_owned() });
    assert!(config.server.admin.is_none() && config.unheeded.is_empty());
    assert!(config.api.pre_request.is_none() && config.api.public_url.is_none());
    assert!(config.auth.secret.is_none() && !config.auth.secret_is_base64);
    assert!(config.auth.jwks_file.is_none() && config.auth.jwks_url.is_none() && config.auth.audience.is_none());
    assert_eq!(config.auth.role_claim, "$.role");
    assert_eq!(config.auth.anon_role.unwrap(), "anon");
    assert_eq!(config.auth.cache_size, 10_000);
    assert_eq!((config.telemetry.filter.as_str(), config.telemetry.slow_query), ("info", Duration::from_millis(100)));
}

#[test]
fn values_are_read() {
    let config = read([
        ("HOST", "::"),
        ("PORT", " 80 "),
        ("CORS_ALLOWED_ORIGINS", "https://App.example.com:443, http://localhost:5173,capacitor://localhost"),
        ("DATABASE_URL", "postgresql://tekup:p%40ss@db:5432/tekup?sslmode=require"),
        ("DB_POOL_SIZE", "3"),
        ("DB_SCHEMAS", "crm, flow"),
        ("DB_EXTRA_SEARCH_PATH", ""),
        ("DB_MAX_ROWS", "0"),
        ("DB_SAFE_WRITES", "0"),
        ("DB_AGGREGATES", "TRUE"),
        ("DB_PRE_REQUEST", "shared.check_request"),
        ("JWT_SECRET", SECRET),
        ("DB_ANON_ROLE", ""),
        ("LOG_FORMAT", "json"),
    ])
    .unwrap();
    assert_eq!(config.server.address.to_string(), "[::]:80");
    let origins = ["https://app.example.com", "http://localhost:5173", "capacitor://localhost"];
    assert_eq!(config.server.cors_allowed_origins, origins);
    assert_eq!((config.database.pool_size, config.database.pool_max_waiting), (3, 192));
    assert_eq!(config.api.schemas, ["crm", "flow"]);
    assert!(config.api.extra_search_path.is_empty() && config.api.max_rows.is_none());
    assert!(!config.api.safe_writes && config.api.aggregates && config.telemetry.json_logs);
    assert_eq!(
        config.api.pre_request,
        Some(FunctionName { schema: Some("shared".into()), name: "check_request".into() })
    );
    assert_eq!(config.auth.secret_bytes().unwrap(), SECRET.as_bytes());
    assert!(config.auth.anon_role.is_none());
}

#[test]
fn every_fault_is_told_at_once() {
    let (variables, text) = refused([
        ("PORT", "70000"),
        ("DB_POOL_SIZE", "0"),
        ("REQUEST_TIMEOUT_MS", "30s"),
        ("DB_SAFE_WRITES", "yes"),
        ("LOG_FORMAT", "xml"),
    ]);
    assert_eq!(variables, ["PORT", "REQUEST_TIMEOUT_MS", "DB_POOL_SIZE", "DB_SAFE_WRITES", "LOG_FORMAT"]);
    assert!(text.contains(r#"PORT is "70000"; wanted a whole number from 0 to 65535"#), "{text}");
}

#[test]
fn senseless_values_are_refused() {
    for (variable, value) in [
        ("HOST", "example.com"),
        ("HOST", ""),
        ("PORT", ""),
        ("MAX_BODY_BYTES", "0"),
        ("CORS_ALLOWED_ORIGINS", ""),
        ("CORS_ALLOWED_ORIGINS", "*,https://a.example"),
        ("CORS_ALLOWED_ORIGINS", "https://a.example/"),
        ("CORS_ALLOWED_ORIGINS", "a.example"),
        ("CORS_ALLOWED_ORIGINS", "null"),
        ("CORS_ALLOWED_ORIGINS", "https://*.example"),
        ("METRICS_TOKEN", "two words"),
        ("DATABASE_URL", "mysql://localhost/tekup"),
        ("DATABASE_URL", "localhost"),
        ("DATA_DIR", ""),
        ("DB_SCHEMAS", ""),
        ("DB_SCHEMAS", "vault,,crm"),
        ("DB_SCHEMAS", "vault,vault"),
        ("DB_SCHEMAS", "vault,pg_catalog"),
        ("DB_SCHEMAS", "information_schema"),
        ("DB_MAX_ROWS", "-1"),
        ("DB_PRE_REQUEST", "a.b.c"),
        ("DB_TX_END", "maybe"),
        ("REST_BASE_PATH", "rest"),
        ("REST_BASE_PATH", "/a//b"),
        ("OPENAPI_SERVER_URL", "ftp://example.com"),
        ("JWT_SECRET", "short"),
        ("JWKS_URL", "file:///keys.json"),
        ("JWKS_URL", "https://user:password@keys.example/"),
        ("JWT_ROLE_CLAIM", ""),
        ("JWT_CACHE_SIZE", "many"),
        ("DB_SCHEMAS", "va\u{fffd}lt"),
    ] {
        assert_eq!(refused([(variable, value)]).0, [variable], "{variable}={value}");
    }
    assert_eq!(refused([("JWKS_FILE", "keys.json"), ("JWKS_URL", "https://keys.example/")]).0, ["JWKS_URL"]);
    assert_eq!(
        refused([("JWT_SECRET", "no base64 at all, but long"), ("JWT_SECRET_IS_BASE64", "on")]).0,
        ["JWT_SECRET"]
    );
}

#[test]
fn a_key_and_its_salt_come_together() {
    assert!(read([("PORT", "1")]).unwrap().encryption.is_none());
    let both =
        read([("ENCRYPTION_KEY", "key of the tests"), ("ENCRYPTION_SALT", " salt ")]).unwrap().encryption.unwrap();
    assert_eq!((both.key.expose(), both.salt.expose()), ("key of the tests", " salt "));
    let (variables, text) = refused([("ENCRYPTION_KEY", "key of the tests")]);
    assert_eq!(variables, ["ENCRYPTION_SALT"]);
    assert!(text.contains("both or neither") && !text.contains("key of the tests"), "{text}");
    assert_eq!(refused([("ENCRYPTION_SALT", "salt"), ("ENCRYPTION_KEY", "")]).0, ["ENCRYPTION_KEY"]);
}

#[test]
fn paths_that_collide_are_refused_where_there_are_paths() {
    assert_eq!(refused([("DB_SCHEMAS", "crm,health")]).0, ["DB_SCHEMAS"]);
    assert_eq!(refused([("DB_SCHEMAS", "crm,batch")]).0, ["DB_SCHEMAS"]);
    assert_eq!(refused([("DB_SCHEMAS", "rest")]).0, ["DB_SCHEMAS"]);
    assert_eq!(refused([("DB_SCHEMAS", "crm"), ("REST_BASE_PATH", "/crm/rpc")]).0, ["DB_SCHEMAS"]);
    assert_eq!(refused([("REST_BASE_PATH", "/docs/v1")]).0, ["REST_BASE_PATH"]);
    let alone = read([("DB_SCHEMAS", "health,rest"), ("REST_BASE_PATH", "/")]).unwrap();
    assert_eq!(alone.api.schemas, ["health", "rest"]);
}

#[test]
fn base64_secrets_are_measured_decoded() {
    let decoded = |text| read([("JWT_SECRET", text), ("JWT_SECRET_IS_BASE64", "on")]).map(|c| c.auth.secret_bytes());
    let padded = "-_8AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    assert_eq!(decoded(padded).unwrap().unwrap()[..3], [0xfb, 0xff, 0]);
    assert_eq!(decoded(padded).unwrap(), decoded(padded.trim_end_matches('=')).unwrap());
    assert!(decoded("c2hvcnQgc2VjcmV0LCBhcyBiYXNlNjQ=").is_err(), "23 bytes");
}

#[test]
fn no_secret_is_shown() {
    let hidden = "hunter2";
    let (_, text) = refused([
        ("JWT_SECRET", hidden),
        ("DATABASE_URL", "postgres//u:hunter2@db/tekup"),
        ("METRICS_TOKEN", "hunter2 \u{e6}"),
        ("JWKS_URL", "https://u:hunter2@keys.example/"),
    ]);
    assert!(!text.contains(hidden), "{text}");
    let url = "postgres://tekup:hunter2@db/tekup?password=hunter2&sslpassword=hunter2&sslmode=require";
    let config = read([("DATABASE_URL", url), ("JWT_SECRET", SECRET)]).unwrap();
    assert_eq!(config.database.redacted().unwrap(), "postgres://tekup@db/tekup?sslmode=require");
    assert!(!format!("{config:?}").contains(hidden) && !format!("{config:?}").contains(SECRET));
}

/// An environment that notes what was asked of it.
struct Noting(std::cell::RefCell<Vec<String>>);

impl Env for Noting {
    fn get(&self, name: &str) -> Option<String> {
        self.0.borrow_mut().push(name.to_owned());
        None
    }

    fn names(&self) -> Vec<String> {
        Vec::new()
    }
}

#[test]
fn every_variable_of_the_list_is_read_and_no_other() {
    let env = Noting(std::cell::RefCell::default());
    Config::read(&env).unwrap();
    let mut read = env.0.into_inner();
    let mut listed: Vec<&str> = VARIABLES.iter().map(|variable| variable.name).collect();
    read.sort();
    read.dedup();
    listed.sort();
    assert_eq!(read, listed);
}

#[test]
fn defaults_of_the_list_are_what_is_taken() {
    let defaults = VARIABLES.iter().filter_map(|variable| Some((variable.name, variable.default?)));
    let explicit = Config::read(&defaults.collect::<BTreeMap<_, _>>()).unwrap();
    assert_eq!(format!("{explicit:?}"), format!("{:?}", read([]).unwrap()));
}

#[test]
fn the_example_is_the_list() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/.env.example");
    if std::env::var_os("UPDATE_EXAMPLE").is_some() {
        std::fs::write(path, Config::env_example()).unwrap();
    }
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    assert!(committed == Config::env_example(), ".env.example is stale: run this test with UPDATE_EXAMPLE=1");
}

#[test]
fn the_table_has_a_row_for_each_variable() {
    let table = Config::markdown_table();
    assert_eq!(table.lines().count(), VARIABLES.len() + 2);
    assert!(table.contains("\n| `PORT` | `8080` | Port to listen on; 0 takes a free one. |\n"));
    assert!(table.lines().all(|line| line.replace("\\|", "").matches('|').count() == 4));
}

#[test]
fn postgrests_environment_is_understood() {
    let config = read([
        ("PGRST_DB_URI", "host=db.example port=5433 user=web password='p w' dbname=app"),
        ("PGRST_DB_SCHEMA", "api"),
        ("PGRST_DB_EXTRA_SEARCH_PATH", ""),
        ("PGRST_DB_TX_END", "rollback-allow-override"),
        ("PGRST_SERVER_CORS_ALLOWED_ORIGINS", ""),
        ("PGRST_DB_POOL_ACQUISITION_TIMEOUT", "3"),
        ("PGRST_DB_PREPARED_STATEMENTS", "False"),
        ("PGRST_DB_CHANNEL_ENABLED", "false"),
        ("PGRST_JWT_SECRET", SECRET),
        ("PGRST_SERVER_HOST", "*6"),
        ("PGRST_ADMIN_SERVER_PORT", "3001"),
        ("PGRST_APP_SETTINGS_app_host", "localhost"),
        ("PGRST_SERVER_UNIX_SOCKET", "/tmp/s.sock"),
        ("PGRST_DB_CONFIG", "false"),
        ("PGRST_NO_SUCH", "1"),
        ("DB_MAX_ROWS", "7"),
        ("PGRST_DB_MAX_ROWS", "9"),
    ])
    .unwrap();
    let url = "postgresql:///?host=db.example&port=5433&user=web&password=p%20w&dbname=app";
    assert_eq!(config.database.url.as_ref().unwrap().expose(), url);
    assert_eq!(config.server.surface, Surface::PostgrestAlone);
    assert_eq!(config.server.address.to_string(), "[::]:3000");
    assert_eq!(config.server.admin.unwrap().to_string(), "[::]:3001");
    assert_eq!(config.api.schemas, ["api"]);
    assert!(config.api.extra_search_path.is_empty() && config.api.channel.is_none() && !config.api.safe_writes);
    assert_eq!(config.api.transaction_end, TransactionEnd::RollbackUnlessAsked);
    assert_eq!(config.api.max_rows, Some(7), "our own name wins");
    assert_eq!(config.api.app_settings, [("app.settings.app_host".to_owned(), "localhost".to_owned())]);
    assert_eq!(config.database.pool_acquire_timeout, Duration::from_secs(3));
    assert_eq!((config.database.statement_cache, config.auth.cache_size), (0, 1000));
    assert!(config.auth.anon_role.is_none());
    let unheeded: Vec<_> = config.unheeded.iter().map(|unheeded| unheeded.variable.as_str()).collect();
    assert_eq!(unheeded, ["PGRST_NO_SUCH", "PGRST_SERVER_UNIX_SOCKET"]);
}

#[test]
fn a_fault_is_told_under_the_name_it_was_found_by() {
    assert_eq!(
        refused([("PGRST_SERVER_PORT", "70000"), ("PGRST_DB_TX_END", "x"), ("PGRST_DB_PREPARED_STATEMENTS", "x")]).0,
        ["PGRST_SERVER_PORT", "PGRST_DB_PREPARED_STATEMENTS", "PGRST_DB_TX_END"]
    );
}

#[test]
fn a_file_that_can_not_be_read_is_refused_however_long_its_name() {
    let missing = "@/no/such/folder/and/no/such/file/of/any/secret";
    for variable in ["PGRST_JWT_SECRET", "PGRST_DB_URI"] {
        let (variables, text) = refused([(variable, missing)]);
        assert_eq!(variables, [variable]);
        assert!(text.contains("the path of a file of text that can be read"), "{text}");
    }
}

#[test]
fn the_root_as_base_path_is_postgrest_alone() {
    let config = read([("REST_BASE_PATH", "/")]).unwrap();
    assert_eq!(config.server.surface, Surface::PostgrestAlone);
    assert!(!config.api.safe_writes && !config.server.maintenance);
    assert_eq!(config.api.schemas.len(), 6, "ours otherwise");
    let config = read([("PGRST_DB_SCHEMAS", "a"), ("REST_BASE_PATH", "/rest/v1/"), ("DB_SAFE_WRITES", "on")]).unwrap();
    assert_eq!(config.server.surface, Surface::Whole { rest: "/rest/v1".to_owned() });
    assert!(config.api.safe_writes);
}

#[test]
fn the_documented_aliases_are_the_list() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/COMPATIBILITY.md");
    let committed = std::fs::read_to_string(path).unwrap();
    let (before, rest) = committed.split_once("<!-- aliases -->\n").unwrap();
    let (_, after) = rest.split_once("<!-- /aliases -->").unwrap();
    let generated = format!("{before}<!-- aliases -->\n{}<!-- /aliases -->{after}", Config::alias_table());
    if std::env::var_os("UPDATE_EXAMPLE").is_some() {
        std::fs::write(path, &generated).unwrap();
    }
    assert!(committed == generated, "docs/COMPATIBILITY.md is stale: run this test with UPDATE_EXAMPLE=1");
}

#[test]
fn a_certificate_and_its_key_are_set_both_or_neither() {
    assert!(read([]).unwrap().server.tls.is_none());
    let tls = read([("TLS_CERT_FILE", "a.pem"), ("TLS_KEY_FILE", "b.pem")]).unwrap().server.tls.unwrap();
    assert_eq!((tls.certificate.to_str(), tls.key.to_str()), (Some("a.pem"), Some("b.pem")));
    for (set, lacking) in [("TLS_CERT_FILE", "TLS_KEY_FILE"), ("TLS_KEY_FILE", "TLS_CERT_FILE")] {
        let (variables, message) = refused([(set, "a.pem")]);
        assert_eq!(variables, [lacking]);
        assert!(message.contains(&format!("because {set} is set")), "{message}");
    }
}

#[test]
fn proxies_are_addresses_and_networks() {
    assert!(read([]).unwrap().server.trusted_proxies.is_empty());
    let proxies = read([("TRUSTED_PROXIES", "10.0.0.0/8, 2001:db8::1 ,127.0.0.1")]).unwrap().server.trusted_proxies;
    assert_eq!(proxies.len(), 3);
    assert!(proxies[1].contains("2001:db8::1".parse().unwrap()));
    for wrong in ["10.0.0.1/8", "proxy.example.com", "10.0.0.1,,10.0.0.2", "*"] {
        assert_eq!(refused([("TRUSTED_PROXIES", wrong)]).0, ["TRUSTED_PROXIES"], "{wrong}");
    }
}

#[test]
fn replicas_are_urls_that_nobody_is_shown() {
    let config = read([]).unwrap().database;
    assert!(config.replicas.is_empty() && config.replica_reads.is_empty());
    assert_eq!(config.replica_max_lag, Duration::from_secs(1));
    let two = "postgres://u:a%2Cb@one/d, postgres://u:c@two/d?sslmode=require";
    let config = read([("DATABASE_REPLICA_URLS", two), ("DB_REPLICA_READS", "vault, renos.leads")]).unwrap().database;
    assert_eq!(config.replicas[0].expose(), "postgres://u:a%2Cb@one/d");
    assert_eq!(config.replicas[1].expose(), "postgres://u:c@two/d?sslmode=require");
    assert_eq!(config.replica_reads, ["vault", "renos.leads"]);
    for wrong in ["postgres://u:secret@one/d,", "http://u:secret@one/d", "secret"] {
        let (variables, message) = refused([("DATABASE_REPLICA_URLS", wrong)]);
        assert_eq!(variables, ["DATABASE_REPLICA_URLS"]);
        assert!(!message.contains("secret"), "{message}");
    }
    assert_eq!(refused([("DB_REPLICA_READS", "a.b.c")]).0, ["DB_REPLICA_READS"]);
    assert_eq!(refused([("DB_REPLICA_READS", "a.")]).0, ["DB_REPLICA_READS"]);
    assert_eq!(read([("DB_REPLICA_MAX_LAG_MS", "60000")]).unwrap().database.replica_max_lag, Duration::from_secs(60));
    assert!(refused([("DB_REPLICA_MAX_LAG_MS", "60001")]).1.contains("from 1 to 60000"));
}
