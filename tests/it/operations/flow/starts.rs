//! Schedules and webhooks.

use super::*;

const SECRET: &str = "the webhook's secret";

#[tokio::test]
async fn a_schedule_says_when_it_is_due() {
    let (api, app) = flow().await;
    let id = workflow(&api, "active").await;
    for (more, due) in [
        (
            json!({"cron_expression": "0 6 * * *", "start_date": "2099-01-01T12:00:00Z"}),
            Some("2099-01-02T05:00:00+00:00"),
        ),
        (
            json!({"cron_expression": "0 6 * * *", "start_date": "2099-07-01T04:00:00Z"}),
            Some("2099-07-01T04:00:00+00:00"),
        ),
        (
            json!({"cron_expression": "*/20 9-17 1,15 * *", "timezone": "UTC", "start_date": "2099-01-02T00:00:00Z"}),
            Some("2099-01-15T09:00:00+00:00"),
        ),
        (
            json!({"cron_expression": "0 0 13 * 5", "timezone": "UTC", "start_date": "2099-01-03T00:00:00Z"}),
            Some("2099-01-09T00:00:00+00:00"),
        ),
        (
            json!({"cron_expression": "0 0 29 2 *", "timezone": "UTC", "start_date": "2097-01-01T00:00:00Z"}),
            Some("2104-02-29T00:00:00+00:00"),
        ),
        // The clock skips 02:30 on that day, and repeats it on this one.
        (
            json!({"cron_expression": "30 2 * * *", "start_date": "2027-03-27T12:00:00Z"}),
            Some("2027-03-28T01:30:00+00:00"),
        ),
        (
            json!({"cron_expression": "30 2 * * *", "start_date": "2027-10-30T22:00:00Z"}),
            Some("2027-10-31T01:30:00+00:00"),
        ),
        (
            json!({"cron_expression": "30 * * * *", "start_date": "2027-10-31T00:00:00Z"}),
            Some("2027-10-31T00:30:00+00:00"),
        ),
        (json!({"interval_minutes": 90, "start_date": "2099-01-01T00:00:00Z"}), Some("2099-01-01T01:30:00+00:00")),
        (
            json!({"interval_minutes": 90, "start_date": "2099-01-01T00:00:00Z", "end_date": "2099-01-01T01:00:00Z"}),
            None,
        ),
    ] {
        let mut input = json!({"workflow_id": id, "name": " Reminders "});
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let planned = call(&app, "/flow/schedules/plan", input).await.expect(201).json();
        assert_eq!(planned["next_run"].as_str(), due, "{more}");
        assert_eq!((&planned["name"], &planned["is_active"]), (&json!("Reminders"), &json!(true)));
    }
    let soon: bool = {
        let input = json!({"workflow_id": id, "name": "Soon", "interval_minutes": 5});
        let planned = call(&app, "/flow/schedules/plan", input).await.expect(201);
        api.query(&format!(
            "select '{}'::timestamptz between now() + interval '4 minutes' and now() + interval '5 minutes'",
            text(&planned, "next_run")
        ))
        .await
    };
    assert!(soon);
}

#[tokio::test]
async fn a_schedule_that_cannot_be_is_not_made() {
    let (api, app) = flow().await;
    let id = workflow(&api, "active").await;
    let count = "select count(*) from flow.schedules";
    let before: i64 = api.query(count).await;
    for (more, wrong) in [
        (json!({}), vec!["cron_expression"]),
        (json!({"cron_expression": "0 6 * * *", "interval_minutes": 5}), vec!["cron_expression"]),
        (json!({"cron_expression": "0 6 * *"}), vec!["cron_expression"]),
        (json!({"cron_expression": "60 6 * * *"}), vec!["cron_expression"]),
        (json!({"cron_expression": "0 6 31 2 *"}), vec!["cron_expression"]),
        (json!({"cron_expression": "5-1 * * * *"}), vec!["cron_expression"]),
        (json!({"cron_expression": "*/0 * * * *"}), vec!["cron_expression"]),
        (json!({"interval_minutes": 5, "timezone": "Mars/Base"}), vec!["timezone"]),
        (json!({"cron_expression": "0 6 * * *", "timezone": "Mars/Base"}), vec!["timezone"]),
        (json!({"cron_expression": "0 6 * * *", "name": " "}), vec!["name"]),
        (
            json!({"interval_minutes": 5, "start_date": "2099-01-01T00:00:00Z", "end_date": "2099-01-01T00:00:00Z"}),
            vec!["end_date"],
        ),
        (
            json!({"interval_minutes": 0, "max_runs": 0, "start_date": "today", "is_active": false}),
            vec!["interval_minutes", "max_runs", "start_date", "is_active"],
        ),
        (json!({"interval_minutes": 525_601}), vec!["interval_minutes"]),
    ] {
        let mut input = json!({"workflow_id": id, "name": "Reminders"});
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        assert_eq!(faults(&call(&app, "/flow/schedules/plan", input).await.expect(400)), wrong, "{more}");
    }
    let of_nothing = json!({"workflow_id": "nobody", "name": "Reminders", "interval_minutes": 5});
    let refused = call(&app, "/flow/schedules/plan", of_nothing).await.expect(422).json();
    assert_eq!(refused["code"], "operation.unprocessable");
    assert_eq!(api.query::<i64>(count).await, before);
}

/// A schedule with more than the least.
async fn schedule(api: &Api, app: &Person, more: Value) -> String {
    let mut input = json!({"workflow_id": workflow(api, "active").await, "name": "Reminders"});
    input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    text(&call(app, "/flow/schedules/plan", input).await.expect(201), "id")
}

#[tokio::test]
async fn a_schedule_that_has_run_is_due_again_until_it_is_over() {
    let (api, app) = flow().await;
    let ran = async |id: &str, input: Value| call(&app, &format!("/flow/schedules/{id}/ran"), input).await;
    let id = schedule(&api, &app, json!({"cron_expression": "0 6 * * *", "timezone": "UTC", "max_runs": 3})).await;
    let once = ran(&id, json!({})).await.expect(200).json();
    assert!(once["next_run"].as_str().unwrap().ends_with("T06:00:00+00:00"), "{once}");
    assert!(once["last_run"].is_string() && once["current_runs"] == 1 && once["is_active"] == true);
    let twice = ran(&id, json!({"next_run": "2099-01-01T00:00:00Z"})).await.expect(200).json();
    assert_eq!((&twice["next_run"], &twice["current_runs"]), (&json!("2099-01-01T00:00:00+00:00"), &json!(2)));
    let last = ran(&id, json!({"next_run": "2099-01-01T00:00:00Z"})).await.expect(200).json();
    assert_eq!((&last["next_run"], &last["is_active"]), (&Value::Null, &json!(false)));
    let (current, allowed) = states(ran(&id, json!({})).await);
    assert_eq!((current, allowed), (json!({"is_active": false}), json!({"is_active": true})));

    let ends = schedule(&api, &app, json!({"interval_minutes": 60, "end_date": "2098-01-01T00:00:00Z"})).await;
    assert_eq!(ran(&ends, json!({})).await.expect(200).json()["is_active"], true);
    let over = ran(&ends, json!({"next_run": "2098-01-01T00:00:01Z"})).await.expect(200).json();
    assert_eq!((&over["next_run"], &over["is_active"]), (&Value::Null, &json!(false)));

    assert_eq!(faults(&ran(&id, json!({"next_run": "soon"})).await.expect(400)), ["next_run"]);
    ran("nobody", json!({})).await.expect(404);
}

#[tokio::test]
async fn a_schedule_whose_next_time_nobody_can_tell_is_left_as_it_was() {
    let (api, app) = flow().await;
    let id = schedule(&api, &app, json!({"cron_expression": "0 6 * * *"})).await;
    api.execute(&format!("update flow.schedules set timezone = 'Mars/Base' where id = '{id}'")).await;
    let path = format!("/flow/schedules/{id}/ran");
    let refused = call(&app, &path, json!({})).await.expect(422).json();
    assert!(refused["message"].as_str().unwrap().contains("give next_run"), "{refused}");
    let runs: i32 = api.query(&format!("select current_runs from flow.schedules where id = '{id}'")).await;
    assert_eq!(runs, 0);
    call(&app, &path, json!({"next_run": "2099-01-01T00:00:00Z"})).await.expect(200);
}

#[tokio::test]
async fn a_schedule_runs_no_more_often_than_it_may() {
    let (api, app) = flow().await;
    let id = schedule(&api, &app, json!({"interval_minutes": 5, "max_runs": 10})).await;
    let statuses = at_once(32, async |_| call(&app, &format!("/flow/schedules/{id}/ran"), json!({})).await).await;
    assert_eq!(counted(&statuses), [(200, 10), (409, 22)]);
    let runs: i32 = api.query(&format!("select current_runs from flow.schedules where id = '{id}'")).await;
    assert_eq!(runs, 10);
}

#[tokio::test]
async fn a_webhook_is_made_and_its_secret_never_answered() {
    let (api, app) = flow_with_key().await;
    let id = workflow(&api, "active").await;
    let input = json!({
        "workflow_id": id, "name": " Form ", "url": " https://flow.example/hooks/1 ", "secret": SECRET,
        "method": "PUT", "allowed_ips": ["192.0.2.0/24", " 2001:db8::1 "],
    });
    let made = call(&app, "/flow/webhooks/register", input.clone()).await.expect(201);
    is_as_described("flow_register_webhook", &made);
    assert!(!made.text().contains(SECRET) && made.json()["secret"].is_null());
    for (field, value) in [
        ("name", json!("Form")),
        ("url", json!("https://flow.example/hooks/1")),
        ("method", json!("PUT")),
        ("has_secret", json!(true)),
        ("allowed_ips", json!(["192.0.2.0/24", "2001:db8::1"])),
        ("request_count", json!(0)),
    ] {
        assert_eq!(made.json()[field], value);
    }
    let made = text(&made, "id");
    let kept: String = api.query(&format!("select secret from flow.webhooks where id = '{made}'")).await;
    assert_eq!(opened(&kept), SECRET);
    let trail: String = api
        .query(&format!(
            "select concat_ws(' ', service, action, resource_type, user_id)
             from shared.audit_logs where resource_id = '{made}'"
        ))
        .await;
    assert_eq!(trail, "flow set_secret webhook 11111111-1111-4111-8111-111111111111");
    let taken = call(&app, "/flow/webhooks/register", input).await.expect(409).json();
    assert_eq!((&taken["code"], &taken["details"]), (&json!("operation.conflict"), &json!({"columns": ["url"]})));

    let open = call(&app, "/flow/webhooks/register", json!({"workflow_id": id, "name": "Open"})).await.expect(201);
    assert_eq!((&open.json()["has_secret"], &open.json()["method"]), (&json!(false), &json!("POST")));
    let url = text(&open, "url");
    assert!(url.strip_prefix("/hooks/").is_some_and(|token| token.len() == 64), "{url}");

    let input = json!({"workflow_id": id, "name": "Made", "generate_secret": true});
    let made = call(&app, "/flow/webhooks/register", input).await.expect(201);
    assert_eq!(made.header("cache-control"), "no-store");
    let (id, secret) = (text(&made, "id"), text(&made, "secret"));
    assert_eq!(secret.len(), 64);
    let kept: String = api.query(&format!("select secret from flow.webhooks where id = '{id}'")).await;
    assert_eq!(opened(&kept), secret);
}

#[tokio::test]
async fn a_webhook_that_cannot_be_is_not_made() {
    let (api, app) = flow_with_key().await;
    let id = workflow(&api, "active").await;
    let count = "select count(*) from flow.webhooks";
    let before: i64 = api.query(count).await;
    for (more, wrong) in [
        (json!({"name": " "}), vec!["name"]),
        (json!({"url": "ftp://a"}), vec!["url"]),
        (json!({"url": "https://a b"}), vec!["url"]),
        (json!({"secret": "in clear", "generate_secret": true}), vec!["generate_secret"]),
        (json!({"secret": " ", "generate_secret": 1}), vec!["secret", "generate_secret"]),
        (json!({"allowed_ips": ["192.0.2.0/24", "home"]}), vec!["allowed_ips"]),
        (
            json!({"secret": "in clear", "secret_encrypted": "in clear", "method": "TRACE"}),
            vec!["secret_encrypted", "method"],
        ),
    ] {
        let mut input = json!({"workflow_id": id, "name": "Form"});
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let refused = call(&app, "/flow/webhooks/register", input).await.expect(400);
        assert_eq!(faults(&refused), wrong, "{more}");
        assert!(!refused.text().contains("in clear"), "{more}");
    }
    call(&app, "/flow/webhooks/register", json!({"workflow_id": "nobody", "name": "Form"})).await.expect(422);
    assert_eq!(api.query::<i64>(count).await, before);
}

#[tokio::test]
async fn every_request_to_a_webhook_is_counted_and_none_is_an_edit() {
    let (api, app) = flow().await;
    let id = workflow(&api, "active").await;
    let made = call(&app, "/flow/webhooks/register", json!({"workflow_id": id, "name": "Form"})).await.expect(201);
    let webhook = text(&made, "id");
    let path = format!("/flow/webhooks/{webhook}/hit");
    let statuses = at_once(32, async |_| call(&app, &path, json!({})).await).await;
    assert_eq!(counted(&statuses), [(200, 32)]);
    let hit = call(&app, &path, json!({})).await.expect(200);
    is_as_described("flow_note_webhook_request", &hit);
    assert_eq!(hit.json()["request_count"], 33);
    assert!(hit.json()["last_request_at"].is_string());
    assert_eq!(hit.json()["updated_at"], made.json()["updated_at"]);
    app.patch(&format!("/flow/webhooks?id=eq.{webhook}&select=id"), json!({"is_active": false})).await.expect(200);
    let (current, allowed) = states(call(&app, &path, json!({})).await);
    assert_eq!((current, allowed), (json!({"is_active": false}), json!({"is_active": true})));
    let count: i32 = api.query(&format!("select request_count from flow.webhooks where id = '{webhook}'")).await;
    assert_eq!(count, 33);
    call(&app, "/flow/webhooks/nobody/hit", json!({})).await.expect(404);
}
