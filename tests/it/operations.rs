//! Typed operations: what holds of all of them, and each one by its schema.

mod flow;
mod renos;

use std::time::Duration;

use axum::http::Method;
use serde_json::{Value, json};
use tekup_db::domain;
use tokio_postgres::NoTls;

use crate::support::{Answer, Person, database, tekup_with};

/// Calls an operation.
async fn call(caller: &Person, path: &str, input: Value) -> Answer {
    caller.write(Method::POST, path, &[], input).await
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
        };
        assert_eq!(api.anonymous.send(method.clone(), &path, &[], "").await.status, 401, "{path}");
        let outsider = api.person("authenticated", None, "11111111-1111-4111-8111-111111111111");
        if !operation.callers.contains(&"authenticated") {
            let refused = outsider.send(method.clone(), &path, &[], "").await.expect(403).json();
            assert_eq!(refused["code"], "auth.operation_forbidden", "{path}");
        }
        let operator = api.person(&domain::operator(operation.schema), None, "x");
        assert_eq!(operator.send(method, &path, &[], "").await.status, 403, "{path}");
        assert_eq!(api.anonymous.send(Method::PATCH, &path, &[], "").await.status, 405, "{path}");
    }
}

#[tokio::test]
async fn an_operation_takes_one_round_trip_and_holds_no_connection() {
    let api = tekup_with(|config| config.database.pool_size = 1).await;
    for _ in 0..3 {
        call(&api.service, "/renos/bookings/nobody/start_timer", json!({})).await.expect(404);
    }
    assert_eq!(api.running.app().database.pool_status().idle, 1);
    tokio::time::timeout(Duration::from_secs(5), api.service.get("/renos/leads?limit=1")).await.unwrap().expect(200);
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
