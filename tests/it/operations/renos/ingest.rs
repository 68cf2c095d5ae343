//! Runs of the mailbox import.

use super::*;

/// No run is under way.
async fn nothing_runs(api: &Api) {
    api.execute(
        "update renos.email_ingest_runs set status = 'completed', finished_at = now() where status = 'running'",
    )
    .await;
}

const START: &str = "/renos/email_ingest_runs/start";

#[tokio::test]
async fn one_import_runs_at_a_time() {
    let (api, app) = backend().await;
    nothing_runs(&api).await;
    let statuses = at_once(32, async |_| call(&app, START, json!({})).await).await;
    assert_eq!((statuses[0], statuses[1], statuses[31]), (201, 409, 409), "{statuses:?}");
    let running = app.get("/renos/email_ingest_runs?status=eq.running").await.expect(200).json();
    assert_eq!(running.as_array().unwrap().len(), 1);
    let first = running[0].clone();
    assert_eq!([&first["total_emails"], &first["finished_at"]], [&json!(0), &Value::Null]);
    let refused = call(&app, START, json!({})).await.expect(409).json();
    assert_eq!(refused["code"], "operation.invalid_state");
    assert_eq!(refused["details"]["current"]["id"], first["id"]);
    call(&app, START, json!({"force": true})).await.expect(201);
    api.execute(
        "update renos.email_ingest_runs set started_at = now() - interval '61 minutes' where status = 'running'",
    )
    .await;
    call(&app, START, json!({})).await.expect(201);
    assert_eq!(faults(&call(&app, START, json!({"status": "completed"})).await.expect(400)), ["status"]);
}

#[tokio::test]
async fn an_import_ends_once_with_its_figures() {
    let (api, app) = backend().await;
    nothing_runs(&api).await;
    let run = call(&app, START, json!({})).await.expect(201).json()["id"].as_str().unwrap().to_owned();
    let finish = format!("/renos/email_ingest_runs/{run}/finish");
    let long = vec!["x".repeat(100_000); 3];
    for (input, field) in [
        (json!({}), "status"),
        (json!({"status": "running"}), "status"),
        (json!({"status": "failed", "errors": -1}), "errors"),
        (json!({"status": "failed", "total_emails": 1.5}), "total_emails"),
        (json!({"status": "failed", "error_log": "x"}), "error_log"),
        (json!({"status": "failed", "error_log": long}), "error_log"),
    ] {
        assert_eq!(faults(&call(&app, &finish, input).await.expect(400)), [field]);
    }
    assert_eq!(row(&app, "email_ingest_runs", &run).await["status"], "running");
    let input = json!({
        "status": "failed", "total_emails": 120, "new_emails": 8, "updated_emails": 14, "error_log": ["timeout", "quota"]
    });
    let statuses = at_once(32, async |_| call(&app, &finish, input.clone()).await).await;
    assert_eq!((statuses[0], statuses[1]), (200, 409), "{statuses:?}");
    let ended = row(&app, "email_ingest_runs", &run).await;
    let of = |name: &str| ended[name].clone();
    assert_eq!(
        [of("status"), of("total_emails"), of("new_emails"), of("updated_emails"), of("errors"), of("error_log")],
        [json!("failed"), json!(120), json!(8), json!(14), json!(2), json!(["timeout", "quota"])]
    );
    assert!(ended["finished_at"].is_string());
    refused_in(call(&app, &finish, json!({"status": "completed"})).await, &json!("failed"), &json!(["running"]));
    assert_eq!(row(&app, "email_ingest_runs", &run).await, ended);
    call(&app, "/renos/email_ingest_runs/no/finish", json!({"status": "failed"})).await.expect(404);
    let other = call(&app, START, json!({})).await.expect(201).json()["id"].as_str().unwrap().to_owned();
    let finish = format!("/renos/email_ingest_runs/{other}/finish");
    let done = call(&app, &finish, json!({"status": "completed", "errors": 3})).await.expect(200).json();
    assert_eq!([&done["status"], &done["errors"], &done["error_log"]], [&json!("completed"), &json!(3), &Value::Null]);
}
