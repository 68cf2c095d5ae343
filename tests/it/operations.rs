//! Typed operations: what holds of all of them, and each one by its schema.

mod billy;
mod crm;
mod flow;
mod renos;
mod secrets;
mod shared;
mod vault;

use std::{sync::LazyLock, time::Duration};

use axum::http::Method;
use serde_json::{Value, json};
use tekup_db::{
    config::{EncryptionConfig, Secret},
    domain::{self, Sealer},
};
use tokio_postgres::NoTls;

use crate::support::{Answer, Api, Person, Proxy, database, serve, tekup_with, token};

/// The service with the key that the sample data's secrets are under.
async fn sealing() -> Api {
    tekup_with(|config| config.encryption = Some(sample_key())).await
}

fn sample_key() -> EncryptionConfig {
    let secret = || Secret::new("development-only");
    EncryptionConfig { key: secret(), salt: secret() }
}

/// A stored secret in clear.
fn opened(stored: &str) -> String {
    static SEALER: LazyLock<Sealer> = LazyLock::new(|| Sealer::new("development-only", "development-only"));
    SEALER.open(stored).unwrap_or_else(|error| panic!("{stored}: {error}"))
}

/// Calls an operation.
async fn call(caller: &Person, path: &str, input: Value) -> Answer {
    as_documented(Method::POST, path, caller.write(Method::POST, path, &[], input).await)
}

/// Calls an operation that only reads.
async fn read(caller: &Person, path: &str) -> Answer {
    as_documented(Method::GET, path, caller.get(path).await)
}

/// Calls an operation that puts something at the path.
async fn put(caller: &Person, path: &str, input: Value) -> Answer {
    as_documented(Method::PUT, path, caller.write(Method::PUT, path, &[], input).await)
}

/// Calls an operation that changes what is at the path.
async fn patch(caller: &Person, path: &str, input: Value) -> Answer {
    as_documented(Method::PATCH, path, caller.write(Method::PATCH, path, &[], input).await)
}

/// Calls an operation that takes away what is at the path.
async fn delete(caller: &Person, path: &str) -> Answer {
    as_documented(Method::DELETE, path, caller.send(Method::DELETE, path, &[], "").await)
}

/// Holds an answer against what is documented of the operation.
fn as_documented(method: Method, path: &str, answer: Answer) -> Answer {
    let path = path.split_once('?').map_or(path, |(path, _)| path);
    let is_it = |operation: &&domain::Described| {
        let pattern = format!("/{}{}", operation.schema, operation.path);
        operation.method == method_of(&method)
            && pattern.split('/').count() == path.split('/').count()
            && pattern.split('/').zip(path.split('/')).all(|(known, given)| known.starts_with('{') || known == given)
    };
    if answer.status.is_success() {
        let operation = domain::all().find(is_it).unwrap_or_else(|| panic!("{path} is an operation"));
        let is_documented = match answer.status.as_u16() {
            200 => true,
            201 => operation.creates,
            204 => operation.deletes,
            _ => false,
        };
        assert!(is_documented, "{} documents no {}", operation.id, answer.status);
        if answer.status != 204 {
            assert_eq!(operation.output.faults(&answer.json()), [], "{}: {}", operation.id, answer.text());
        }
    }
    answer
}

fn method_of(method: &Method) -> domain::Method {
    match *method {
        Method::GET => domain::Method::Get,
        Method::PUT => domain::Method::Put,
        Method::PATCH => domain::Method::Patch,
        Method::DELETE => domain::Method::Delete,
        _ => domain::Method::Post,
    }
}

/// The fields that were found at fault.
fn faults(answer: &Answer) -> Vec<String> {
    let details = answer.json()["details"].clone();
    details
        .as_array()
        .expect("a list")
        .iter()
        .map(|fault| fault["field"].as_str().unwrap_or_default().to_owned())
        .collect()
}

/// Statuses of as many calls at the same time, in order.
async fn at_once(callers: usize, call: impl AsyncFn(usize) -> Answer) -> Vec<u16> {
    let answers = futures_util::future::join_all((0..callers).map(|number| call(number))).await;
    let mut statuses: Vec<_> = answers.iter().map(|answer| answer.status.as_u16()).collect();
    statuses.sort_unstable();
    statuses
}

#[tokio::test]
async fn the_statement_of_each_operation_is_one_that_its_operator_may_run() {
    let database = database().await;
    let (client, connection) = tokio_postgres::connect(database.owner_url().expose(), NoTls).await.unwrap();
    tokio::spawn(connection);
    for operation in domain::all() {
        let role = domain::operator(operation.schema);
        client
            .batch_execute(&format!(
                "begin; set local role {role}; set local search_path = {}, public",
                operation.schema
            ))
            .await
            .unwrap();
        let prepared =
            client.prepare(&operation.sql).await.unwrap_or_else(|error| panic!("{}: {error:?}", operation.id));
        let columns: Vec<_> = prepared.columns().iter().map(|column| (column.name(), column.type_().name())).collect();
        assert_eq!(columns, [("outcome", "text"), ("body", "json")], "{}", operation.id);
        assert_eq!(prepared.params().len(), 1, "{}", operation.id);
        let explained = client.simple_query(&format!("explain {}", operation.sql.replace("$1", "'{}'"))).await;
        explained.unwrap_or_else(|error| panic!("{}: {error:?}", operation.id));
        if let Some(look) = operation.look {
            let prepared = client.prepare(look.sql).await.unwrap_or_else(|error| panic!("{}: {error:?}", operation.id));
            let columns: Vec<_> =
                prepared.columns().iter().map(|column| (column.name(), column.type_().name())).collect();
            assert_eq!((columns, prepared.params().len()), (vec![("found", "json")], 1), "{}", operation.id);
        }
        client.batch_execute("rollback").await.unwrap();
    }
}

#[tokio::test]
async fn nobody_gets_in_who_may_not_and_no_token_is_an_operators() {
    let api = tekup_with(|_| {}).await;
    for operation in domain::all() {
        let path = format!("/{}{}", operation.schema, operation.path.replace(['{', '}'], ""));
        let method = match operation.method {
            domain::Method::Get => Method::GET,
            domain::Method::Post => Method::POST,
            domain::Method::Put => Method::PUT,
            domain::Method::Patch => Method::PATCH,
            domain::Method::Delete => Method::DELETE,
        };
        if !operation.callers.contains(&"anon") {
            assert_eq!(api.anonymous.send(method.clone(), &path, &[], "").await.status, 401, "{path}");
        }
        let outsider = api.person("authenticated", None, "11111111-1111-4111-8111-111111111111");
        if !operation.callers.contains(&"authenticated") {
            let refused = outsider.send(method.clone(), &path, &[], "").await.expect(403).json();
            assert_eq!(refused["code"], "auth.operation_forbidden", "{path}");
        }
        let operator = api.person(&domain::operator(operation.schema), None, "x");
        assert_eq!(operator.send(method, &path, &[], "").await.status, 403, "{path}");
        assert_eq!(api.anonymous.send(Method::TRACE, &path, &[], "").await.status, 405, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operation_takes_one_round_trip() {
    let api = tekup_with(|_| {}).await;
    let app = api.running.app();
    let url = app.config.database.url.as_ref().unwrap();
    let proxy = Proxy::start(url, Duration::ZERO).await;
    let env = [("DATABASE_URL", proxy.url(url).expose().to_owned()), ("DB_POOL_SIZE", "1".to_owned())];
    let service = serve(&env.each_ref().map(|(name, value)| (*name, value.as_str()))).await.unwrap();
    let caller = Person::new(service, Some(token("service_role", None, "op")));
    let path = "/renos/bookings/nobody/start_timer";
    call(&caller, path, json!({})).await.expect(404);
    let mut fewest = usize::MAX;
    for _ in 0..5 {
        proxy.turns();
        call(&caller, path, json!({})).await.expect(404);
        // The service's own questions, as for its figures, may come in between.
        fewest = fewest.min(proxy.turns());
    }
    assert_eq!(fewest, 1);
}

#[tokio::test]
async fn an_input_is_refused_with_all_that_is_wrong() {
    let api = tekup_with(|_| {}).await;
    let path = "/renos/bookings/b/start_timer";
    let refused = call(&api.service, path, json!({"id": "c", "when": 1})).await.expect(400);
    assert_eq!(
        (refused.json()["code"].as_str(), faults(&refused)),
        (Some("operation.invalid_input"), vec!["id".to_owned()])
    );
    assert_eq!(faults(&call(&api.service, path, json!({"when": 1})).await.expect(400)), ["when"]);
    assert_eq!(faults(&call(&api.service, &format!("{path}?x=1"), json!({})).await.expect(400)), ["x"]);
    let send =
        async |headers: &[(&str, &str)], body: &'static str| api.service.send(Method::POST, path, headers, body).await;
    send(&[], "[]").await.expect(400);
    send(&[], "{").await.expect(400);
    send(&[("content-type", "text/csv")], "a").await.expect(415);
    send(&[], "").await.expect(404);
}

/// A booking that work can start on.
async fn booking(api: &Api) -> String {
    api.query("insert into renos.bookings (customer_id) values ((select id from renos.customers limit 1)) returning id")
        .await
}

#[tokio::test]
async fn a_key_has_one_effect_and_one_answer() {
    let api = tekup_with(|_| {}).await;
    let app = api.person("renos_app", None, "backend");
    let path = format!("/renos/bookings/{}/start_timer", booking(&api).await);
    let send = async |caller: &Person, path: &str, key: &str| {
        caller.write(Method::POST, path, &[("idempotency-key", key)], json!({})).await
    };
    let first = send(&app, &path, "k1").await.expect(200);
    assert_eq!(first.header("idempotency-replayed"), "");
    let again = send(&app, &path, "k1").await.expect(200);
    assert_eq!((again.header("idempotency-replayed"), again.text()), ("true", first.text()));
    assert_eq!(send(&app, &path, "k2").await.expect(409).json()["code"], "operation.invalid_state");
    let other = format!("/renos/bookings/{}/start_timer", booking(&api).await);
    assert_eq!(send(&app, &other, "k1").await.expect(422).json()["code"], "idempotency.key_reused");
    // What was refused may be tried again; and another caller's keys are others.
    send(&app, "/renos/bookings/nobody/start_timer", "k3").await.expect(404);
    send(&app, &other, "k3").await.expect(200);
    send(&api.service, &format!("/renos/bookings/{}/start_timer", booking(&api).await), "k1").await.expect(200);
    for bad in ["", &"x".repeat(256)] {
        send(&app, &path, bad).await.expect(400);
    }
    api.execute("update shared.idempotency_keys set created_at = now() - interval '25 hours'").await;
    send(&app, &path, "k1").await.expect(409);
}

#[tokio::test]
async fn of_many_calls_with_one_key_one_has_an_effect() {
    let api = tekup_with(|config| config.database.pool_size = 8).await;
    let app = api.person("renos_app", None, "backend");
    let path = format!("/renos/bookings/{}/start_timer", booking(&api).await);
    let answers = futures_util::future::join_all(
        (0..32).map(|_| async { app.write(Method::POST, &path, &[("idempotency-key", "one")], json!({})).await }),
    )
    .await;
    let done: Vec<_> = answers.iter().filter(|answer| answer.status == 200).collect();
    let first = done.iter().filter(|answer| answer.header("idempotency-replayed").is_empty()).count();
    let in_flight = answers.iter().filter(|answer| answer.status == 409);
    assert!(in_flight.clone().all(|answer| answer.json()["code"] == "idempotency.in_flight"));
    assert_eq!((first, done.len() + in_flight.count()), (1, 32));
    assert!(done.iter().all(|answer| answer.body == done[0].body));
    assert_eq!(api.query::<i64>("select count(*) from shared.idempotency_keys").await, 1);
}
