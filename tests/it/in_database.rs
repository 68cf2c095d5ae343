//! The database configures the service: settings of the login role, of a function, and their reload.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use nix::sys::signal::{Signal, raise};
use tekup_db::http::Service;

use crate::support::{Answer, Person, TestDb, serve, shapes_database, token};

/// A database with the schema `shapes`, and the service in drop-in mode on it.
struct DropIn {
    db: TestDb,
    url: String,
}

impl DropIn {
    async fn new() -> Self {
        let db = shapes_database().await;
        let url = db.login_url().expose().to_owned();
        Self { db, url }
    }

    /// A setting of the login role, for this database alone.
    async fn set(&self, name: &str, value: &str) {
        let database = self.db.name();
        self.db.execute(&format!("alter role authenticator in database {database} set {name} = '{value}'")).await;
    }

    async fn reset(&self, name: &str) {
        let database = self.db.name();
        self.db.execute(&format!("alter role authenticator in database {database} reset {name}")).await;
    }

    async fn notify(&self, payload: &str) {
        self.db.execute(&format!("notify pgrst, '{payload}'")).await;
    }

    async fn serve(&self, env: &[(&str, &str)]) -> Service {
        let env = [&[("PGRST_DB_URI", self.url.as_str())], env].concat();
        let service = serve(&env).await.unwrap_or_else(|error| panic!("{error}"));
        // It listens beside answering: what is notified before is heard by nobody.
        let listening =
            "select count(*)::text from pg_stat_activity where datname = current_database() and query ilike 'listen %'";
        for _ in 0..100 {
            if self.db.text(listening).await != "0" {
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        service
    }

    /// What the service says instead of starting.
    async fn refusal(&self, env: &[(&str, &str)]) -> String {
        let env = [&[("PGRST_DB_URI", self.url.as_str())], env].concat();
        serve(&env).await.err().expect("it should not start").to_string()
    }
}

fn reader(service: &Service) -> Person {
    Person::new(service.clone(), Some(token("authenticated", None, "ann")))
}

fn anonymous(service: &Service) -> Person {
    Person::new(service.clone(), None)
}

/// Asks until the answer is that, for two seconds at most.
async fn until(person: &Person, path: &str, wanted: impl Fn(&Answer) -> bool) {
    let started = Instant::now();
    loop {
        let answer = person.get(path).await;
        if wanted(&answer) {
            return;
        }
        assert!(started.elapsed() < Duration::from_secs(2), "{path}: {} {}", answer.status, answer.text());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn rows(person: &Person, path: &str) -> usize {
    person.get(path).await.expect(200).json().as_array().unwrap().len()
}

#[tokio::test]
async fn settings_of_the_login_role_win_over_the_environment_and_those_of_this_database_over_them() {
    let db = shapes_database().await;
    let (role, database) = (format!("{}_web", db.name()), db.name().to_owned());
    db.execute(&format!(
        "create role {role} login noinherit; grant anon, authenticated to {role};
         alter role {role} set pgrst.db_schemas = 'shapes';
         alter role {role} set pgrst.db_max_rows = '3';
         alter role {role} set pgrst.db_anon_role = 'anon';
         alter role {role} in database {database} set pgrst.db_max_rows = '2';
         alter role {role} in database postgres set pgrst.db_max_rows = '1';
         alter database {database} set pgrst.db_anon_role = 'nobody';
         alter role {role} set app.settings.key = 'of the role'"
    ))
    .await;
    db.execute(
        "create function shapes.key() returns text language sql stable as
             $$ select current_setting('app.settings.key', true) $$;
         grant execute on function shapes.key() to anon",
    )
    .await;
    let url = db.url(&role);
    let service = serve(&[("PGRST_DB_URI", url.expose()), ("PGRST_DB_MAX_ROWS", "4")]).await.unwrap();
    assert_eq!(rows(&anonymous(&service), "/countries").await, 2);
    assert_eq!(anonymous(&service).get("/rpc/key").await.expect(200).json(), "of the role");

    let environment = [("PGRST_DB_URI", url.expose()), ("PGRST_DB_MAX_ROWS", "4"), ("PGRST_DB_CONFIG", "false")];
    let service = serve(&[&environment[..], &[("PGRST_DB_SCHEMAS", "shapes")]].concat()).await.unwrap();
    anonymous(&service).get("/countries").await.expect(401);
    assert_eq!(rows(&reader(&service), "/countries").await, 4);
    service.app().database.close(Duration::from_secs(1)).await;
    db.execute(&format!("drop owned by {role}; drop role {role}")).await;
}

#[tokio::test]
async fn a_function_configures_as_the_login_role_without_writing() {
    let drop_in = DropIn::new().await;
    drop_in.set("pgrst.db_max_rows", "2").await;
    drop_in
        .db
        .execute(
            "create schema hidden;
             create function hidden.pre_config() returns void language sql as $$
                 select set_config('pgrst.db_schemas', 'shapes', true), set_config('pgrst.db_max_rows', '1', true),
                     set_config('pgrst.server_trace_header', current_user || '-' || current_setting('transaction_read_only'), true)
             $$;
             grant usage on schema hidden to authenticator;
             grant execute on function hidden.pre_config() to authenticator",
        )
        .await;
    let service = drop_in.serve(&[("PGRST_DB_PRE_CONFIG", "hidden.pre_config")]).await;
    let answer = reader(&service).get_with("/countries", &[("authenticator-on", "seen")]).await.expect(200);
    assert_eq!(answer.header("authenticator-on"), "seen");
    assert_eq!(answer.json().as_array().unwrap().len(), 2, "the role's own settings win over the function's");

    drop_in.set("pgrst.db_pre_config", "hidden.pre_config").await;
    let service = drop_in.serve(&[]).await;
    assert_eq!(rows(&reader(&service), "/countries").await, 2);
}

#[tokio::test]
async fn a_bad_value_keeps_the_service_from_starting_and_is_told_with_its_place() {
    let drop_in = DropIn::new().await;
    drop_in.set("pgrst.db_max_rows", "many").await;
    let text = drop_in.refusal(&[]).await;
    assert!(text.contains(r#"pgrst.db_max_rows of the role authenticator in this database is "many""#), "{text}");
    drop_in.set("pgrst.db_max_rows", "").await;

    drop_in.set("pgrst.db_anon_role", "no_such_role").await;
    let text = drop_in.refusal(&[]).await;
    let place = "the value of DB_ANON_ROLE is that of pgrst.db_anon_role of the role authenticator in this database";
    assert!(text.contains("no_such_role") && text.ends_with(place), "{text}");
    drop_in.set("pgrst.db_anon_role", "").await;

    drop_in.set("pgrst.jwt_role_claim_key", "$.a[").await;
    let text = drop_in.refusal(&[]).await;
    assert!(text.contains("that of pgrst.jwt_role_claim_key of the role authenticator"), "{text}");
    drop_in.set("pgrst.jwt_role_claim_key", "").await;

    let missing = drop_in.refusal(&[("PGRST_DB_PRE_CONFIG", "shapes.no_such_function")]).await;
    assert!(missing.contains("DB_PRE_CONFIG: the function shapes.no_such_function failed"), "{missing}");
    drop_in
        .db
        .execute("create function shapes.writes() returns void language sql as 'insert into shapes.rivers values (9, $$x$$)'")
        .await;
    let writing = drop_in.refusal(&[("PGRST_DB_PRE_CONFIG", "shapes.writes")]).await;
    assert!(writing.contains("shapes.writes failed"), "{writing}");
    drop_in.serve(&[]).await;
}

#[tokio::test]
async fn a_reload_puts_what_the_database_says_in_force() {
    let drop_in = DropIn::new().await;
    let service = drop_in.serve(&[("PGRST_DB_ANON_ROLE", "anon"), ("PGRST_DB_SCHEMAS", "public")]).await;
    let (reader, anonymous) = (reader(&service), anonymous(&service));
    reader.get("/cities").await.expect(404);
    for (name, value) in [
        ("pgrst.db_schemas", "public, shapes"),
        ("pgrst.db_max_rows", "2"),
        ("pgrst.db_aggregates_enabled", "true"),
        ("pgrst.client_error_verbosity", "minimal"),
        ("pgrst.server_cors_allowed_origins", "https://app.example"),
        ("pgrst.server_timing_enabled", "true"),
        ("pgrst.db_prepared_statements", "false"),
        ("pgrst.openapi_mode", "disabled"),
    ] {
        drop_in.set(name, value).await;
    }
    reader.get("/cities").await.expect(404);
    drop_in.notify("reload config").await;
    let shapes = [("accept-profile", "shapes"), ("origin", "https://app.example")];
    until(&reader, "/", |answer| answer.status == 404).await;
    let answer = reader.get_with("/cities?select=name&order=id", &shapes).await.expect(200);
    assert_eq!(answer.json().as_array().unwrap().len(), 2);
    assert_eq!(answer.header("access-control-allow-origin"), "https://app.example");
    assert!(answer.header("server-timing").contains("jwt"), "{:?}", answer.headers);
    reader.get_with("/cities?select=count()", &shapes).await.expect(200);
    assert!(reader.get("/nothing").await.expect(404).json()["hint"].is_null());

    anonymous.get_with("/countries", &shapes).await.expect(200);
    drop_in.set("pgrst.db_anon_role", "").await;
    drop_in.notify("reload config").await;
    until(&anonymous, "/countries", |answer| answer.status == 401).await;
}

#[tokio::test]
async fn a_new_secret_is_in_force_after_a_reload_and_the_old_one_is_not() {
    let drop_in = DropIn::new().await;
    drop_in.set("pgrst.db_schemas", "shapes").await;
    let service = drop_in.serve(&[]).await;
    let reader = reader(&service);
    reader.get("/countries").await.expect(200);
    drop_in.set("pgrst.jwt_secret", "another secret, of more than 32 bytes").await;
    drop_in.notify("").await;
    until(&reader, "/countries", |answer| answer.status == 401).await;
    drop_in.set("pgrst.jwt_secret", "short").await;
    drop_in.notify("reload config").await;
    tokio::time::sleep(Duration::from_millis(400)).await;
    reader.get("/countries").await.expect(401);
}

#[tokio::test]
async fn a_reload_of_something_bad_leaves_everything_as_it_is() {
    let drop_in = DropIn::new().await;
    drop_in.set("pgrst.db_schemas", "shapes").await;
    let service = drop_in.serve(&[]).await;
    let reader = reader(&service);
    for (name, bad) in [
        ("pgrst.db_tx_end", "maybe"),
        ("pgrst.db_anon_role", "no_such_role"),
        ("pgrst.jwt_secret", "short"),
        ("pgrst.db_pre_config", "shapes.fail"),
    ] {
        // In this order: another test's signal makes every service of the process reload at any time.
        drop_in.set(name, bad).await;
        drop_in.set("pgrst.db_max_rows", "1").await;
        drop_in.notify("reload config").await;
        tokio::time::sleep(Duration::from_millis(300)).await;
        assert_eq!(rows(&reader, "/countries").await, 4, "{name}");
        drop_in.reset("pgrst.db_max_rows").await;
        drop_in.reset(name).await;
    }
    drop_in.set("pgrst.db_max_rows", "1").await;
    drop_in.notify("reload config").await;
    until(&reader, "/countries", |answer| answer.json().as_array().unwrap().len() == 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_request_fails_while_the_configuration_changes() {
    let drop_in = DropIn::new().await;
    drop_in.set("pgrst.db_schemas", "shapes").await;
    let service = drop_in.serve(&[]).await;
    let is_over = Arc::new(AtomicBool::new(false));
    let load = {
        let (reader, is_over) = (reader(&service), is_over.clone());
        tokio::spawn(async move {
            let mut answered = 0;
            while !is_over.load(Ordering::Relaxed) {
                reader.get("/cities?select=name,country(name)").await.expect(200);
                answered += 1;
            }
            answered
        })
    };
    for round in 0..4 {
        let schemas = ["shapes, public", "shapes"][round % 2];
        drop_in.set("pgrst.db_schemas", schemas).await;
        drop_in.notify("reload config").await;
        let count = if round % 2 == 0 { 2 } else { 1 };
        let started = Instant::now();
        while service.app().config.api.schemas.len() != count {
            assert!(started.elapsed() < Duration::from_secs(3), "round {round}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
    is_over.store(true, Ordering::Relaxed);
    assert!(load.await.unwrap() > 20);
}

#[tokio::test]
async fn the_paths_of_schemas_follow_and_a_signal_asks_for_a_reload_too() {
    let db = shapes_database().await;
    let url = db.login_url();
    let service =
        serve(&[("DATABASE_URL", url.expose()), ("DB_CONFIG", "on"), ("DB_SCHEMAS", "shared")]).await.unwrap();
    let reader = reader(&service);
    reader.get("/shapes/countries").await.expect(406);
    db.execute(&format!("alter role authenticator in database {} set pgrst.db_schemas = 'shapes'", db.name())).await;
    raise(Signal::SIGUSR2).unwrap();
    until(&reader, "/shapes/countries", |answer| answer.status == 200).await;
    reader.get("/rest/v1/countries").await.expect(200);
}
