//! `Idempotency-Key` on writes of tables and calls of functions.

use axum::http::Method;
use futures_util::future::join_all;
use serde_json::{Value, json};
use tekup_db::config::{Surface, TransactionEnd};

use crate::support::{Answer, Api, Person, shapes, shapes_with, tekup_with};

async fn backend() -> (Api, Person) {
    let api = tekup_with(|config| config.database.pool_size = 8).await;
    let app = api.person("renos_app", None, "backend");
    (api, app)
}

async fn keyed(caller: &Person, method: Method, path: &str, key: &str, body: Value) -> Answer {
    let headers = [("idempotency-key", key), ("prefer", "return=representation")];
    caller.write(method, path, &headers, body).await
}

async fn leads(api: &Api) -> i64 {
    api.query("select count(*) from renos.leads").await
}

#[tokio::test]
async fn an_insert_that_is_sent_twice_is_one_row_and_one_answer() {
    let (api, app) = backend().await;
    let before = leads(&api).await;
    let send = async |path: &str, key: &str, body: Value| keyed(&app, Method::POST, path, key, body).await;
    let first = send("/renos/leads?select=id,name", "k1", json!({"name": "Ann"})).await.expect(201);
    let again = send("/renos/leads?select=id,name", "k1", json!({"name": "Ann"})).await.expect(201);
    assert_eq!((again.header("idempotency-replayed"), again.text()), ("true", first.text()));
    for name in ["content-type", "preference-applied", "content-range"] {
        assert_eq!(again.header(name), first.header(name), "{name}");
    }
    assert_eq!(leads(&api).await, before + 1);
    // The same key for something else: another body, other parameters, another table, another method.
    for (method, path, body) in [
        (Method::POST, "/renos/leads?select=id,name", json!({"name": "Bo"})),
        (Method::POST, "/renos/leads", json!({"name": "Ann"})),
        (Method::POST, "/renos/customers", json!({"name": "Ann"})),
        (Method::PATCH, "/renos/leads?select=id,name", json!({"name": "Ann"})),
    ] {
        let refused = keyed(&app, method, path, "k1", body).await.expect(422).json();
        assert_eq!(refused["code"], "idempotency.key_reused");
    }
    // The same path and body in another schema.
    let nobody = "users?id=eq.11111111-1111-4111-8111-111111111111";
    for schema in ["renos", "shared"] {
        let path = format!("/{schema}/{nobody}");
        let sent = api.service.send(Method::DELETE, &path, &[("idempotency-key", "u")], "").await;
        if schema == "renos" {
            sent.expect(204)
        } else {
            sent.expect(422)
        };
    }
    // Another caller's keys are others, and so is another key.
    keyed(&api.service, Method::POST, "/renos/leads", "k1", json!({"name": "Ann"})).await.expect(201);
    send("/renos/leads?select=id,name", "k2", json!({"name": "Ann"})).await.expect(201);
    assert_eq!(leads(&api).await, before + 3);
    api.execute("update shared.idempotency_keys set created_at = now() - interval '25 hours'").await;
    send("/renos/leads?select=id,name", "k1", json!({"name": "Cy"})).await.expect(201);
}

#[tokio::test]
async fn headers_and_bodies_of_any_kind_come_again() {
    let (_api, app) = backend().await;
    let headers = [("idempotency-key", "k"), ("prefer", "return=headers-only")];
    let send = async || app.write(Method::POST, "/renos/leads", &headers, json!({"name": "Ann"})).await.expect(201);
    let (first, again) = (send().await, send().await);
    assert!(!first.header("location").is_empty());
    assert_eq!((again.header("location"), again.text().as_str()), (first.header("location"), ""));
    let csv = [
        ("idempotency-key", "csv"),
        ("prefer", "return=representation"),
        ("accept", "text/csv"),
        ("content-type", "text/csv"),
    ];
    let send = async || app.send(Method::POST, "/renos/leads?select=name", &csv, "name\nÅse \"x\"").await.expect(201);
    let (first, again) = (send().await, send().await);
    assert_eq!((first.text(), again.header("idempotency-replayed")), (again.text(), "true"));
    // The other writes: what was done once is not done again.
    let path = "/renos/leads?name=eq.Ann&select=name";
    assert_eq!(
        keyed(&app, Method::PATCH, path, "p", json!({"name": "Bo"})).await.expect(200).json(),
        json!([{"name": "Bo"}])
    );
    assert_eq!(
        keyed(&app, Method::PATCH, path, "p", json!({"name": "Bo"})).await.expect(200).json(),
        json!([{"name": "Bo"}])
    );
    let headers = [("idempotency-key", "d")];
    let delete = async || app.send(Method::DELETE, "/renos/leads?name=eq.Bo", &headers, "").await.expect(204);
    assert_eq!(
        (delete().await.header("idempotency-replayed"), delete().await.header("idempotency-replayed")),
        ("", "true")
    );
}

#[tokio::test]
async fn what_was_refused_or_rolled_back_may_be_sent_again() {
    let api = tekup_with(|config| config.api.transaction_end = TransactionEnd::CommitUnlessAsked).await;
    let app = api.person("renos_app", None, "backend");
    let before = leads(&api).await;
    let send = async |key: &str, body: Value| keyed(&app, Method::POST, "/renos/leads", key, body).await;
    send("k", json!({"rooms": "many"})).await.expect(400);
    send("k", json!({"rooms": 4})).await.expect(201);
    send("k", json!({"rooms": 4})).await.expect(201);
    assert_eq!(leads(&api).await, before + 1);
    let headers = [("idempotency-key", "r"), ("prefer", "tx=rollback")];
    let tried = app.write(Method::POST, "/renos/leads", &headers, json!({})).await.expect(201);
    assert_eq!(tried.header("preference-applied"), "tx=rollback");
    assert_eq!(send("r", json!({})).await.expect(201).header("idempotency-replayed"), "");
    assert_eq!(leads(&api).await, before + 2);
    let anonymous = keyed(&api.anonymous, Method::POST, "/renos/leads", "k", json!({})).await.expect(401);
    assert_eq!(anonymous.json()["code"], "idempotency.anonymous");
    for bad in ["", &"x".repeat(256)] {
        send(bad, json!({})).await.expect(400);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_32_inserts_with_one_key_one_is_made() {
    let (api, app) = backend().await;
    let before = leads(&api).await;
    let sent = (0..32).map(|_| keyed(&app, Method::POST, "/renos/leads", "one", json!({"name": "Ann"})));
    let answers = join_all(sent).await;
    let made: Vec<_> = answers.iter().filter(|answer| answer.status == 201).collect();
    let flights = answers.iter().filter(|answer| answer.status == 409);
    assert!(flights.clone().all(|answer| answer.json()["code"] == "idempotency.in_flight"));
    assert_eq!(made.len() + flights.count(), 32);
    assert!(made.iter().all(|answer| answer.body == made[0].body));
    assert_eq!(leads(&api).await, before + 1);
    // Of those with keys of their own, each is.
    let keys: Vec<_> = (0..32).map(|number| format!("own {number}")).collect();
    let sent = keys.iter().map(|key| keyed(&app, Method::POST, "/renos/leads", key, json!({})));
    assert!(join_all(sent).await.iter().all(|answer| answer.status == 201));
    assert_eq!(leads(&api).await, before + 33);
}

#[tokio::test]
async fn reads_need_no_key_and_a_database_without_ours_has_no_place_for_one() {
    let api = shapes().await;
    let headers = [("idempotency-key", "k")];
    api.writer.send(Method::GET, "/shapes/cities", &headers, "").await.expect(200);
    let add = async |api: &Api, b: i32| {
        api.writer.write(Method::POST, "/shapes/rpc/add", &headers, json!({"a": 1, "b": b})).await
    };
    add(&api, 2).await.expect(200);
    assert_eq!(add(&api, 2).await.expect(200).header("idempotency-replayed"), "true");
    api.execute("drop table shared.idempotency_keys").await;
    assert_eq!(add(&api, 3).await.expect(501).json()["code"], "idempotency.unavailable");
    // PostgREST knows of no keys.
    let alone = shapes_with(|config| config.server.surface = Surface::PostgrestAlone).await;
    let body = json!({"a": 1, "b": 2});
    let called = async || alone.writer.write(Method::POST, "/rpc/add", &headers, body.clone()).await.expect(200);
    assert_eq!(
        (called().await.header("idempotency-replayed"), called().await.header("idempotency-replayed")),
        ("", "")
    );
}

/// Functions and a trigger that a key must make no difference to.
const CODE: &str = "
    create table shapes.seen (who text);
    grant insert on shapes.seen to authenticated;
    create function shapes.note() returns trigger language plpgsql as $$
    begin
        insert into shapes.seen values (current_user || ' ' || current_setting('request.method', true));
        return null;
    end $$;
    create constraint trigger noted after insert on shapes.guarded deferrable initially deferred
        for each row execute function shapes.note();
    create function shapes.level() returns text language sql set default_transaction_isolation = 'serializable' as
        $$ select current_setting('transaction_isolation') $$;
    create function shapes.refuse() returns text language plpgsql as $$
    begin
        insert into shapes.seen values ('refused');
        perform set_config('response.status', '401', true);
        return 'no';
    end $$;
    create function shapes.raise_fine() returns text language plpgsql as $$
    begin
        insert into shapes.seen values ('raised');
        raise sqlstate 'PT200';
    end $$;
    create function shapes.scratch() returns bigint language plpgsql as $$
    begin
        create temp table scratch on commit drop as select 1 as x;
        return (select count(*) from scratch);
    end $$;
    grant execute on all functions in schema shapes to authenticated";

async fn coded() -> Api {
    let api = shapes().await;
    api.execute(CODE).await;
    api.running.app().catalogs.reload().await.unwrap();
    api
}

async fn seen(api: &Api) -> String {
    api.query("select coalesce(string_agg(who, ', ' order by who), '') from shapes.seen").await
}

#[tokio::test]
async fn code_of_the_database_runs_with_a_key_as_it_does_without() {
    let api = coded().await;
    let call = async |path: &str, key: &str, body: Value| keyed(&api.writer, Method::POST, path, key, body).await;
    // What is done at the end is done by the caller.
    call("/shapes/guarded", "d", json!({"id": 50, "owner": "ann"})).await.expect(201);
    assert_eq!(seen(&api).await, "authenticated POST");
    assert_eq!(call("/shapes/rpc/level", "i", json!({})).await.expect(200).json(), "serializable");
    // An answer is one, whatever its status; and what was raised undid what was done.
    let (first, again) =
        (call("/shapes/rpc/refuse", "s", json!({})).await, call("/shapes/rpc/refuse", "s", json!({})).await);
    assert_eq!((first.expect(401).text(), again.header("idempotency-replayed")), ("\"no\"".to_owned(), "true"));
    for _ in 0..2 {
        let raised = call("/shapes/rpc/raise_fine", "f", json!({})).await.expect(200);
        assert_eq!(raised.header("idempotency-replayed"), "");
    }
    assert_eq!(seen(&api).await, "authenticated POST, refused");
}

#[tokio::test]
async fn code_of_the_database_runs_in_a_batch_as_it_does_alone() {
    let api = coded().await;
    let step = |path: &str, body: Value| json!({"method": "POST", "path": path, "body": body});
    let batch = async |steps: Value| api.writer.write(Method::POST, "/batch", &[], steps).await;
    let scratch = step("/shapes/rpc/scratch", json!({}));
    let guarded = step("/shapes/guarded", json!({"id": 51, "owner": "ann"}));
    let done = batch(json!([guarded, scratch, scratch, step("/shapes/rpc/level", json!({}))])).await.expect(200).json();
    assert_eq!((&done[1]["body"], &done[2]["body"], &done[3]["body"]), (&json!(1), &json!(1), &json!("serializable")));
    assert_eq!(seen(&api).await, "authenticated POST");
    // A failure is one, whatever its status.
    let fine = step("/shapes/rpc/raise_fine", json!({}));
    for steps in [json!([fine]), json!([fine, scratch]), json!([step("/shapes/rpc/refuse", json!({}))])] {
        let failed = batch(steps).await;
        assert_eq!(failed.json()["code"], "batch.step_failed", "{}", failed.text());
        assert_eq!(failed.json()["details"]["step"], 0);
        assert!(failed.status.is_client_error());
    }
    assert_eq!(seen(&api).await, "authenticated POST");
}
