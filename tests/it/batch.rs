//! Requests that all have their effect, or none.

use std::time::Duration;

use axum::http::Method;
use futures_util::future::join_all;
use serde_json::{Value, json};

use tekup_db::config::TransactionEnd;

use crate::support::{Answer, Api, Person, shapes, tekup_with};

async fn backend() -> (Api, Person) {
    let api = tekup_with(|config| config.database.pool_size = 8).await;
    let app = api.person("renos_app", None, "backend");
    (api, app)
}

async fn batch(caller: &Person, steps: Value) -> Answer {
    caller.write(Method::POST, "/batch", &[], steps).await
}

fn step(method: &str, path: &str, body: Value) -> Value {
    json!({"method": method, "path": path, "headers": {"Prefer": "return=representation"}, "body": body})
}

fn get(path: &str) -> Value {
    json!({"method": "GET", "path": path})
}

async fn count(api: &Api, table: &str) -> i64 {
    api.query(&format!("select count(*) from renos.{table}")).await
}

#[tokio::test]
async fn later_steps_use_what_earlier_ones_answered() {
    let (api, app) = backend().await;
    let steps = json!([
        step("POST", "/renos/customers", json!({"name": "Bo Lund", "email": "bo@lund.dk"})),
        step("POST", "/renos/leads?select=id,customer_id", json!({"customer_id": {"$ref": "0.body[0].id"}, "source": "phone"})),
        step("POST", "/renos/leads/$ref(1.body[0].id)/score", json!({"score": 80, "priority": "high"})),
        get("/renos/leads?id=eq.$ref(1.body[0].id)&select=score,customer:customers(name)"),
        {"method": "DELETE", "path": "/rest/v1/leads?id=eq.$ref(1.body[0].id)", "headers": {"Content-Profile": "renos"}},
        {"method": "HEAD", "path": "/renos/leads?id=eq.$ref(1.body[0].id)"},
    ]);
    let done = batch(&app, steps).await.expect(200);
    let answers = done.json();
    let statuses: Vec<_> =
        answers.as_array().unwrap().iter().map(|answer| answer["status"].as_u64().unwrap()).collect();
    assert_eq!(statuses, [201, 201, 200, 200, 204, 200]);
    assert_eq!(answers[1]["body"][0]["customer_id"], answers[0]["body"][0]["id"]);
    assert_eq!(answers[1]["body"][0].as_object().unwrap().len(), 2, "a step's own select");
    assert_eq!(answers[2]["body"]["score"], 80);
    assert_eq!(answers[3]["body"], json!([{"score": 80, "customer": {"name": "Bo Lund"}}]));
    assert_eq!(answers[3]["headers"]["content-range"], "0-0/*");
    assert_eq!(answers[4]["body"], Value::Null);
    let customer = answers[0]["body"][0]["id"].as_str().unwrap();
    assert_eq!(api.query::<i64>(&format!("select count(*) from renos.customers where id = '{customer}'")).await, 1);
    let lead = answers[1]["body"][0]["id"].as_str().unwrap();
    assert_eq!(api.query::<i64>(&format!("select count(*) from renos.leads where id = '{lead}'")).await, 0);
}

#[tokio::test]
async fn one_step_that_fails_undoes_all_and_is_named() {
    let (api, app) = backend().await;
    let before = (count(&api, "customers").await, count(&api, "leads").await);
    let customer = step("POST", "/renos/customers", json!({"name": "Bo Lund", "email": "bo@lund.dk"}));
    for (failing, status, code) in [
        (step("POST", "/renos/leads", json!({"customer_id": "nobody"})), 409, "23503"),
        (step("POST", "/renos/leads", json!({"rooms": "many"})), 400, "22P02"),
        (step("POST", "/renos/bookings/nobody/start_timer", json!({})), 404, "operation.not_found"),
        (step("POST", "/renos/leads/x/score", json!({"score": 101})), 400, "operation.invalid_input"),
        (step("POST", "/vault/documents", json!({})), 403, "42501"),
        (step("POST", "/flow/workflows/x/pause", json!({})), 403, "auth.operation_forbidden"),
        (get("/renos/leads?nothing=eq.1"), 400, "42703"),
        (get("/renos/leads?limit=x"), 400, "PGRST100"),
        (get("/renos/nothing"), 404, "PGRST205"),
        (get("/health"), 404, "PGRST125"),
        (step("POST", "/batch", json!([])), 404, "PGRST125"),
    ] {
        let failed = batch(&app, json!([customer, failing, customer])).await.expect(status).json();
        assert_eq!((&failed["code"], &failed["details"]["step"]), (&json!("batch.step_failed"), &json!(1)), "{failed}");
        let (kept, body) = (&failed["details"]["status"], &failed["details"]["body"]);
        assert_eq!((kept, &body["code"]), (&json!(status), &json!(code)), "{failed}");
        let message = failed["message"].as_str().unwrap();
        assert!(message.starts_with("Step 1, ") && message.ends_with("; nothing was done"), "{message}");
        assert_eq!((count(&api, "customers").await, count(&api, "leads").await), before, "{failed}");
    }
    // What only the end finds out undoes all, too.
    api.execute(
        "create function renos.refuse() returns trigger language plpgsql as $$ begin raise exception 'at the end'; end $$;
         create constraint trigger late after insert on renos.customers deferrable initially deferred
         for each row execute function renos.refuse()",
    )
    .await;
    let failed = batch(&app, json!([customer])).await.expect(400).json();
    assert_eq!(failed["details"]["body"]["message"], "at the end");
    assert_eq!(count(&api, "customers").await, before.0);
}

#[tokio::test]
async fn every_step_passes_its_own_gate() {
    let api = shapes().await;
    // A read can't write, although the whole may.
    api.execute(
        "create function shapes.sneak() returns int language sql as
            'insert into shapes.guarded (id, owner) values (99, ''ann'') returning id';
         grant execute on function shapes.sneak to authenticated",
    )
    .await;
    api.running.app().catalogs.reload().await.unwrap();
    let sneak = json!([get("/shapes/rpc/who"), get("/shapes/rpc/sneak")]);
    let refused = batch(&api.writer, sneak).await.expect(405).json();
    assert_eq!((&refused["details"]["step"], &refused["details"]["body"]["code"]), (&json!(1), &json!("25006")));
    // Each answers who it is, whoever was there before.
    let who = json!([get("/shapes/rpc/who"), get("/shapes/guarded?select=owner")]);
    let seen = batch(&api.writer, who.clone()).await.expect(200).json();
    assert_eq!((&seen[0]["body"], &seen[1]["body"]), (&json!("authenticated"), &json!([{"owner": "ann"}])));
    let seen = batch(&api.anonymous, json!([get("/shapes/rpc/who")])).await.expect(200).json();
    assert_eq!(seen[0]["body"], "anon");
    let refused = api.anonymous.write(Method::POST, "/batch", &[("authorization", "Bearer x")], who).await;
    refused.expect(401);
}

#[tokio::test]
async fn all_that_is_wrong_with_a_batch_is_said_at_once() {
    let (_api, app) = backend().await;
    let bad = json!([
        {"method": "get", "path": "renos/leads", "headers": {"Authorization": "x", "no header": "x", "Idempotency-Key": "k"}},
        {"method": "GET", "path": "/renos/leads?id=eq.$ref(1.body)", "more": 1},
        {"method": "GET", "path": "/renos/leads?id=eq.$ref(2.body)"},
        {"method": "POST", "path": "/renos/leads", "body": {"id": {"$ref": "0.nothing"}}},
        {"method": "POST", "path": "/renos/leads", "headers": {"Content-Type": "text/csv"}, "body": {}},
        7,
        {"method": "GET", "path": "/renos/leads", "headers": {"X-Forwarded-For": "10.0.0.1", "Prefer": "a", "prefer": "b"}},
    ]);
    let refused = batch(&app, bad).await.expect(400).json();
    assert_eq!(refused["code"], "batch.invalid");
    let mut fields: Vec<_> =
        refused["details"].as_array().unwrap().iter().map(|fault| fault["field"].as_str().unwrap()).collect();
    fields.sort_unstable();
    assert_eq!(
        fields,
        [
            "[0].headers.Authorization",
            "[0].headers.Idempotency-Key",
            "[0].headers.no header",
            "[0].method",
            "[0].path",
            "[1]",
            "[2].path",
            "[3].body",
            "[4].body",
            "[5]",
            "[6].headers.X-Forwarded-For",
            "[6].headers.prefer",
        ]
    );
    let none = |body: Value| {
        let app = &app;
        async move { batch(app, body).await.expect(400) }
    };
    for body in [json!([]), json!({}), json!(vec![get("/renos/leads?limit=0"); 101])] {
        assert_eq!(none(body).await.json()["code"], "batch.invalid");
    }
    batch(&app, json!(vec![get("/renos/leads?limit=1"); 100])).await.expect(200);
    app.send(Method::POST, "/batch?x=1", &[], "[]").await.expect(400);
    app.send(Method::POST, "/batch", &[("content-type", "text/csv")], "[]").await.expect(400);
    app.send(Method::GET, "/batch", &[], "").await.expect(405);
}

#[tokio::test]
async fn a_reference_to_nothing_undoes_all() {
    let (api, app) = backend().await;
    let before = count(&api, "customers").await;
    let customer = step("POST", "/renos/customers", json!({"name": "Bo Lund", "email": "bo@lund.dk"}));
    for wrong in [get("/renos/leads?id=eq.$ref(0.body[1].id)"), get("/renos/leads?id=eq.$ref(0.body)")] {
        let refused = batch(&app, json!([customer, wrong])).await.expect(400).json();
        assert_eq!((&refused["code"], &refused["details"]["step"]), (&json!("batch.unresolved_reference"), &json!(1)));
    }
    let body = json!({"customer_id": {"$ref": "0.headers.nothing"}});
    batch(&app, json!([customer, step("POST", "/renos/leads", body)])).await.expect(400);
    // Short references to long answers, many of them.
    let many = json!(vec![json!({"$ref": "1.body"}); 50_000]);
    let steps = json!([
        customer,
        get("/renos/leads?limit=200"),
        step("POST", "/renos/leads", json!({"enrichment_data": many}))
    ]);
    let refused = batch(&app, steps).await.expect(400).json();
    assert!(refused["message"].as_str().unwrap().contains("bytes, with what it refers to"), "{refused}");
    assert_eq!(count(&api, "customers").await, before);
}

#[tokio::test]
async fn data_is_sent_and_answered_as_it_is() {
    let (_api, app) = backend().await;
    let body = r#"[{"method": "POST", "path": "/renos/leads?select=enrichment_data", "headers": {"Prefer": "return=representation"},
        "body": {"enrichment_data": {"n": 12345678901234567890.123456789012345}}},
        {"method": "POST", "path": "/renos/leads?select=enrichment_data", "headers": {"Prefer": "return=representation"},
        "body": {"enrichment_data": {"$value": {"$ref": "x"}}}},
        {"method": "POST", "path": "/renos/leads?select=name", "headers": {"Prefer": "return=representation",
            "Content-Type": "text/csv", "Accept": "text/csv"}, "body": "name\nAnn"}]"#;
    let json = [("content-type", "application/json")];
    let done = app.send(Method::POST, "/batch", &json, body).await.expect(200);
    assert!(done.text().contains("12345678901234567890.123456789012345"), "{}", done.text());
    let answers = done.json();
    assert_eq!(answers[1]["body"], json!([{"enrichment_data": {"$ref": "x"}}]));
    assert_eq!(answers[2]["body"], "name\nAnn");
}

#[tokio::test]
async fn a_rollback_that_a_step_prefers_is_that_of_the_whole() {
    let api = tekup_with(|config| config.api.transaction_end = TransactionEnd::CommitUnlessAsked).await;
    let app = api.person("renos_app", None, "backend");
    let before = count(&api, "leads").await;
    let lead =
        |prefer: &str| json!({"method": "POST", "path": "/renos/leads", "headers": {"Prefer": prefer}, "body": {}});
    batch(&app, json!([lead("tx=rollback"), lead("return=minimal")])).await.expect(200);
    assert_eq!(count(&api, "leads").await, before);
    batch(&app, json!([lead("tx=commit"), lead("return=minimal")])).await.expect(200);
    assert_eq!(count(&api, "leads").await, before + 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_32_batches_each_is_as_if_it_were_alone() {
    let (api, app) = backend().await;
    let customer: String = api
        .query("insert into renos.customers (name, email, notes) values ('Bo', 'bo@lund.dk', '0') returning id")
        .await;
    // What one reads, it writes: no two may see the same.
    let one = async || {
        let steps = json!([
            get(&format!("/renos/customers?id=eq.{customer}&select=notes")),
            step("POST", "/renos/leads", json!({"customer_id": customer, "name": {"$ref": "0.body[0].notes"}})),
            step("PATCH", &format!("/renos/customers?id=eq.{customer}"), json!({"notes": {"$ref": "1.body[0].id"}})),
        ]);
        loop {
            let answer = batch(&app, steps.clone()).await;
            match answer.status.as_u16() {
                200 => break,
                409 => tokio::time::sleep(Duration::from_millis(20)).await,
                other => panic!("{other}: {}", answer.text()),
            }
        }
    };
    join_all((0..32).map(|_| one())).await;
    let chain = "select count(distinct name) from renos.leads where customer_id = ";
    assert_eq!(api.query::<i64>(&format!("{chain}'{customer}'")).await, 32);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_with_a_key_has_one_effect() {
    let (api, app) = backend().await;
    let before = count(&api, "leads").await;
    let steps = json!([step("POST", "/renos/leads", json!({})), step("POST", "/renos/leads", json!({}))]);
    let send = async || app.write(Method::POST, "/batch", &[("idempotency-key", "b1")], steps.clone()).await;
    let answers = join_all((0..32).map(|_| send())).await;
    assert!(answers.iter().all(|answer| answer.status == 200 || answer.status == 409));
    let first =
        answers.iter().filter(|answer| answer.status == 200 && answer.header("idempotency-replayed").is_empty());
    assert_eq!((first.count(), count(&api, "leads").await), (1, before + 2));
    assert_eq!(send().await.expect(200).header("idempotency-replayed"), "true");
    let other = app.write(Method::POST, "/batch", &[("idempotency-key", "b1")], json!([get("/renos/leads")])).await;
    assert_eq!(other.expect(422).json()["code"], "idempotency.key_reused");
}
