//! Workflows begin to run, and cease to.

use super::*;

#[tokio::test]
async fn a_workflow_takes_the_steps_that_its_state_allows_and_no_other() {
    let (api, app) = flow().await;
    for (verb, from, status, becomes) in [
        ("activate", "draft", 200, "active"),
        ("activate", "paused", 200, "active"),
        ("activate", "active", 200, "active"),
        ("activate", "archived", 409, "archived"),
        ("pause", "active", 200, "paused"),
        ("pause", "paused", 200, "paused"),
        ("pause", "draft", 409, "draft"),
        ("pause", "archived", 409, "archived"),
        ("archive", "draft", 200, "archived"),
        ("archive", "active", 200, "archived"),
        ("archive", "paused", 200, "archived"),
        ("archive", "archived", 200, "archived"),
    ] {
        let id = workflow(&api, from).await;
        let answer = call(&app, &format!("/flow/workflows/{id}/{verb}"), json!({})).await.expect(status).json();
        let said = if status == 200 { &answer["status"] } else { &answer["details"]["current"]["status"] };
        assert_eq!(*said, if status == 200 { becomes } else { from }, "{verb} {from}");
        let stored: String = api.query(&format!("select status from flow.workflows where id = '{id}'")).await;
        assert_eq!(stored, becomes, "{verb} {from}");
    }
    for verb in ["activate", "pause", "archive"] {
        call(&app, &format!("/flow/workflows/nobody/{verb}"), json!({})).await.expect(404);
    }
}

#[tokio::test]
async fn a_template_or_a_broken_definition_is_not_activated() {
    let (api, app) = flow().await;
    let id = workflow(&api, "draft").await;
    let path = format!("/flow/workflows/{id}/activate");
    for (broken, reason) in [
        ("nodes = '{}'", "arrays"),
        ("nodes = '[]'", "1 to 500"),
        ("nodes = '[{\"id\": \"a\"}, {\"id\": \"a\"}]'", "unique"),
        ("nodes = '[{\"id\": \"a\"}, {}]'", "must have an id"),
        ("edges = '[{\"from\": \"a\", \"to\": \"z\"}]'", "edge must join"),
    ] {
        api.execute(&format!("update flow.workflows set {broken} where id = '{id}'")).await;
        let refused = call(&app, &path, json!({})).await.expect(422).json();
        assert!(refused["message"].as_str().unwrap().contains(reason), "{refused}");
        let kept: String = api.query(&format!("select status from flow.workflows where id = '{id}'")).await;
        assert_eq!(kept, "draft", "{broken}");
        api.execute(&format!(
            "update flow.workflows set nodes = '[{{\"id\": \"a\"}}, {{\"id\": \"b\"}}]', edges = '[]' where id = '{id}'"
        ))
        .await;
    }
    api.execute(&format!("update flow.workflows set is_template = true where id = '{id}'")).await;
    let (current, allowed) = states(call(&app, &path, json!({})).await);
    assert_eq!(current, json!({"status": "draft", "is_template": true}));
    assert_eq!(allowed, json!({"status": ["draft", "paused"], "is_template": false}));
}

#[tokio::test]
async fn a_workflow_that_is_put_away_takes_its_schedules_and_webhooks_with_it() {
    let (api, app) = flow().await;
    let id = workflow(&api, "active").await;
    let of = json!({"workflow_id": id, "name": "Hourly", "interval_minutes": 60});
    let schedule = text(&call(&app, "/flow/schedules/plan", of).await.expect(201), "id");
    let webhook = call(&app, "/flow/webhooks/register", json!({"workflow_id": id, "name": "Form"})).await.expect(201);
    call(&app, &format!("/flow/workflows/{id}/archive"), json!({})).await.expect(200);
    let on: i64 = api
        .query(&format!(
            "select (select count(*) from flow.schedules
                where id = '{schedule}' and (is_active or next_run is not null))
                + (select count(*) from flow.webhooks where id = '{}' and is_active)",
            text(&webhook, "id")
        ))
        .await;
    assert_eq!(on, 0);
}

#[tokio::test]
async fn whoever_activates_at_once_finds_it_active() {
    let (api, app) = flow().await;
    let id = workflow(&api, "draft").await;
    let statuses = at_once(32, async |_| call(&app, &format!("/flow/workflows/{id}/activate"), json!({})).await).await;
    assert_eq!(counted(&statuses), [(200, 32)]);
}

#[tokio::test]
async fn a_run_is_opened_of_an_active_workflow_alone_and_says_so() {
    let (api, app) = flow().await;
    let id = workflow(&api, "active").await;
    let path = format!("/flow/workflows/{id}/execute");
    let opened = call(&app, &path, json!({"input": [1], "triggered_by": " event ", "metadata": {"a": 1}})).await;
    let opened = opened.expect(201).json();
    for (field, value) in [
        ("workflow_id", json!(id)),
        ("status", json!("running")),
        ("input", json!([1])),
        ("triggered_by", json!("event")),
        ("metadata", json!({"a": 1})),
    ] {
        assert_eq!(opened[field], value);
    }
    let plain = call(&app, &path, json!({})).await.expect(201).json();
    assert_eq!((plain["triggered_by"].as_str(), &plain["input"]), (Some("manual"), &Value::Null));

    let long = "x".repeat(262_145);
    let refused = call(&app, &path, json!({"input": long, "metadata": {"m": long}})).await;
    assert_eq!(faults(&refused.expect(400)), ["input", "metadata"]);
    assert_eq!(faults(&call(&app, &path, json!({"triggered_by": " "})).await.expect(400)), ["triggered_by"]);
    assert_eq!(faults(&call(&app, &path, json!({"metadata": 1, "x": 1})).await.expect(400)), ["metadata", "x"]);
    api.execute(&format!("update flow.workflows set is_template = true where id = '{id}'")).await;
    let (current, _) = states(call(&app, &path, json!({})).await);
    assert_eq!(current, json!({"status": "active", "is_template": true}));
    for status in ["draft", "paused", "archived"] {
        let id = workflow(&api, status).await;
        let (current, allowed) = states(call(&app, &format!("/flow/workflows/{id}/execute"), json!({})).await);
        assert_eq!((&current["status"], &allowed["status"]), (&json!(status), &json!(["active"])));
    }
    call(&app, "/flow/workflows/nobody/execute", json!({})).await.expect(404);
    let runs: i64 = api.query(&format!("select count(*) from flow.executions where workflow_id = '{id}'")).await;
    let counted: i32 = api.query(&format!("select execution_count from flow.workflows where id = '{id}'")).await;
    assert_eq!((runs, counted), (2, 2), "what is refused is not counted");
}

#[tokio::test]
async fn every_run_is_counted_and_none_is_an_edit() {
    let (api, app) = flow().await;
    let id = workflow(&api, "active").await;
    let edited = format!("select updated_at::text from flow.workflows where id = '{id}'");
    let before: String = api.query(&edited).await;
    let statuses = at_once(32, async |_| call(&app, &format!("/flow/workflows/{id}/execute"), json!({})).await).await;
    assert_eq!(counted(&statuses), [(201, 32)]);
    let count: i32 = api.query(&format!("select execution_count from flow.workflows where id = '{id}'")).await;
    assert_eq!((count, api.query::<String>(&edited).await), (32, before));
}
