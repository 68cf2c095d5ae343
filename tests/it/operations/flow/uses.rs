//! Integrations, variables and figures.

use super::*;

#[tokio::test]
async fn an_integration_is_connected_and_its_configuration_never_answered() {
    let (api, app) = flow_with_key().await;
    let path = "/flow/integrations/connect";
    let config = json!({"token": "xoxb-1", "channel": "#drift"});
    let input = json!({"name": " Channel ", "type": "slack", "owner": "c1", "config": config});
    let made = call(&app, path, input).await.expect(201);
    is_as_described("flow_connect_integration", &made);
    assert!(!made.text().contains("xoxb-1"));
    assert_eq!((&made.json()["name"], &made.json()["status"]), (&json!("Channel"), &json!("active")));
    assert_eq!(made.json()["config_keys"], json!(["token", "channel"]));
    let id = text(&made, "id");
    let kept: String = api.query(&format!("select config ->> 'enc' from flow.integrations where id = '{id}'")).await;
    assert_eq!(serde_json::from_str::<Value>(&opened(&kept)).unwrap(), config);
    let trail: i64 = api.query(&format!("select count(*) from shared.audit_logs where resource_id = '{id}'")).await;
    assert_eq!(trail, 1);

    let count = "select count(*) from flow.integrations";
    let before: i64 = api.query(count).await;
    let blank = json!({"name": " ", "type": " ", "owner": " ", "config": {}});
    assert_eq!(faults(&call(&app, path, blank).await.expect(400)), ["name", "type", "owner"]);
    let text = json!({"name": "a", "type": "b", "owner": "c", "config": "token=1"});
    assert_eq!(faults(&call(&app, path, text).await.expect(400)), ["config"]);
    let sealed = json!({"name": "a", "type": "b", "owner": "c", "config_encrypted": kept});
    assert_eq!(faults(&call(&app, path, sealed).await.expect(400)), ["config", "config_encrypted"]);
    let sized = |bytes: usize| json!({"name": "a", "type": "b", "owner": "c", "config": {"a": "x".repeat(bytes - 8)}});
    assert_eq!(faults(&call(&app, path, sized(262_145)).await.expect(400)), ["config"]);
    assert_eq!(api.query::<i64>(count).await, before);
    call(&app, path, sized(262_144)).await.expect(201);
}

#[tokio::test]
async fn every_use_of_an_integration_is_counted_with_what_went_wrong() {
    let (api, app) = flow_with_key().await;
    let input = json!({"name": "Channel", "type": "slack", "owner": "c1", "config": {"token": "xoxb-1"}});
    let id = text(&call(&app, "/flow/integrations/connect", input).await.expect(201), "id");
    let path = format!("/flow/integrations/{id}/used");
    let statuses = at_once(32, async |_| call(&app, &path, json!({})).await).await;
    assert_eq!(counted(&statuses), [(200, 32)]);
    let failed = call(&app, &path, json!({"error": " 503 "})).await.expect(200);
    is_as_described("flow_note_integration_use", &failed);
    let failed = failed.json();
    assert_eq!((&failed["status"], &failed["last_error"]), (&json!("error"), &json!("503")));
    assert_eq!(failed["usage_count"], 33);
    let back = call(&app, &path, json!({})).await.expect(200).json();
    assert_eq!((&back["status"], &back["last_error"]), (&json!("active"), &Value::Null));

    assert_eq!(faults(&call(&app, &path, json!({"error": " "})).await.expect(400)), ["error"]);
    api.execute(&format!("update flow.integrations set status = 'inactive' where id = '{id}'")).await;
    let (current, allowed) = states(call(&app, &path, json!({"error": "503"})).await);
    assert_eq!((current, allowed), (json!({"status": "inactive"}), json!({"status": ["active", "error"]})));
    let kept: i32 = api.query(&format!("select usage_count from flow.integrations where id = '{id}'")).await;
    assert_eq!(kept, 34);
    call(&app, "/flow/integrations/nobody/used", json!({})).await.expect(404);
}

#[tokio::test]
async fn a_variable_is_made_once_and_replaced_thereafter() {
    let (api, app) = flow().await;
    let set = async |input: Value| call(&app, "/flow/variables/set", input).await;
    let workflow = workflow(&api, "active").await;
    for of in [json!({"key": "days"}), json!({"key": "days", "workflow_id": workflow})] {
        let with = |more: Value| {
            let mut input = of.clone();
            input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            input
        };
        let made = set(with(json!({"value": "8", "type": "number", "description": " Days "}))).await.expect(200);
        is_as_described("flow_set_variable", &made);
        let again = set(with(json!({"value": "9"}))).await.expect(200).json();
        assert_eq!(again["id"], made.json()["id"]);
        assert_eq!(
            (&again["value"], &again["type"], &again["description"]),
            (&json!("9"), &json!("number"), &json!("Days"))
        );
        assert_eq!(faults(&set(with(json!({"value": "soon"}))).await.expect(400)), ["value"]);
        let read = app
            .get(&format!(
                "/flow/variables/value?key=days{}",
                of["workflow_id"].as_str().map_or(String::new(), |id| format!("&workflow_id={id}"))
            ))
            .await
            .expect(200);
        is_as_described("flow_read_variable", &read);
        assert_eq!(read.json(), again);
    }
    let many = at_once(32, async |number| set(json!({"key": "raced", "value": number.to_string()})).await).await;
    assert_eq!(counted(&many), [(200, 32)]);
    let rows: i64 = api.query("select count(*) from flow.variables where key = 'raced'").await;
    assert_eq!(rows, 1);
}

#[tokio::test]
async fn a_value_is_of_its_type() {
    let (api, app) = flow().await;
    let set = async |ty: &str, value: &str| {
        call(&app, "/flow/variables/set", json!({"key": "k", "type": ty, "value": value})).await
    };
    for (ty, right, wrong) in [
        ("number", vec!["0", "-1.5", "1e6"], vec!["", "01", "1,5", "NaN", " 1"]),
        ("boolean", vec!["true", "false"], vec!["", "yes", "TRUE"]),
        ("json", vec!["{\"a\": [1]}", "null"], vec!["", "{a}", "[1"]),
        ("string", vec!["", " anything "], vec![]),
    ] {
        for value in right {
            assert_eq!(set(ty, value).await.expect(200).json()["value"], value, "{ty}");
        }
        let kept: String = api.query("select value from flow.variables where key = 'k'").await;
        for value in wrong {
            assert_eq!(faults(&set(ty, value).await.expect(400)), ["value"], "{ty} {value}");
        }
        assert_eq!(api.query::<String>("select value from flow.variables where key = 'k'").await, kept);
    }
    assert_eq!(faults(&set("date", "1").await.expect(400)), ["type"]);
    let of_nothing = json!({"key": "k", "value": "1", "workflow_id": "nobody"});
    call(&app, "/flow/variables/set", of_nothing).await.expect(422);
    for (input, wrong) in [(json!({"key": " ", "value": "1"}), "key"), (json!({"key": "k"}), "value")] {
        assert_eq!(faults(&call(&app, "/flow/variables/set", input).await.expect(400)), [wrong]);
    }
}

#[tokio::test]
async fn a_secret_is_stored_encrypted_stays_one_and_is_not_answered() {
    let (api, app) = flow_with_key().await;
    let set = async |more: Value| {
        let mut input = json!({"key": "token"});
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        call(&app, "/flow/variables/set", input).await
    };
    let stored = async || api.query::<String>("select value from flow.variables where key = 'token'").await;
    let is_secret =
        async || api.query::<bool>("select is_secret and encrypted from flow.variables where key = 'token'").await;
    set(json!({"value": "in clear"})).await.expect(200);
    for (more, wrong) in [
        (json!({"is_secret": true}), "value"),
        (json!({"value": "eight", "is_secret": true, "type": "number"}), "value"),
        (json!({"value": " 8", "is_secret": true, "type": "number"}), "value"),
        (json!({"value": "yes", "is_secret": true, "type": "boolean"}), "value"),
        (json!({"value": "{a}", "is_secret": true, "type": "json"}), "value"),
        (json!({"value_encrypted": "a", "value": "a"}), "value_encrypted"),
    ] {
        assert_eq!(faults(&set(more.clone()).await.expect(400)), [wrong], "{more}");
    }
    assert_eq!((stored().await.as_str(), is_secret().await), ("in clear", false));

    let secret = set(json!({"value": "hidden", "is_secret": true})).await.expect(200);
    assert!(!secret.text().contains("hidden"));
    let secret = secret.json();
    assert_eq!(
        (&secret["value"], &secret["is_secret"], &secret["encrypted"]),
        (&Value::Null, &json!(true), &json!(true))
    );
    assert_eq!((opened(&stored().await).as_str(), is_secret().await), ("hidden", true));
    let read = app.get("/flow/variables/value?key=token").await.expect(200).json();
    assert_eq!((&read["value"], &read["is_secret"]), (&Value::Null, &json!(true)));
    assert_eq!(faults(&set(json!({"value": "clear"})).await.expect(400)), ["is_secret"]);
    for (ty, value) in [("number", "-1.5e3"), ("boolean", "true"), ("json", "{\"a\": [1]}"), ("string", " any ")] {
        set(json!({"value": value, "is_secret": true, "type": ty})).await.expect(200);
        assert_eq!(opened(&stored().await), value);
    }
    set(json!({"value": "clear", "is_secret": false})).await.expect(200);
    assert_eq!((stored().await.as_str(), is_secret().await), ("clear", false));
    let trail: String = api
        .query(
            "select string_agg(action, ' ' order by action) from shared.audit_logs where metadata ->> 'key' = 'token'",
        )
        .await;
    assert_eq!(
        trail,
        ["replace_secret", "set_secret", "set_secret", "set_secret", "set_secret", "set_secret"].join(" ")
    );
}

#[tokio::test]
async fn a_value_is_read_of_the_workflow_or_of_all() {
    let (api, app) = flow().await;
    let id = workflow(&api, "active").await;
    call(&app, "/flow/variables/set", json!({"key": "name", "value": "of all"})).await.expect(200);
    let path = format!("/flow/variables/value?key=name&workflow_id={id}");
    app.get(&path).await.expect(404);
    let fallen = app.get(&format!("{path}&fallback=true")).await.expect(200).json();
    assert_eq!((&fallen["value"], &fallen["workflow_id"]), (&json!("of all"), &Value::Null));
    let own = json!({"key": "name", "value": "of one", "workflow_id": id});
    call(&app, "/flow/variables/set", own).await.expect(200);
    for more in ["", "&fallback=true", "&fallback=false"] {
        assert_eq!(app.get(&format!("{path}{more}")).await.expect(200).json()["value"], "of one");
    }
    assert_eq!(app.get("/flow/variables/value?key=name").await.expect(200).json()["value"], "of all");
    app.get("/flow/variables/value?key=nobody&fallback=true").await.expect(404);
    assert_eq!(faults(&app.get("/flow/variables/value?fallback=perhaps").await.expect(400)), ["key", "fallback"]);
}

#[tokio::test]
async fn a_figure_of_a_day_is_one_row_that_is_replaced_or_added_to() {
    let (api, app) = flow().await;
    let track = async |input: Value| call(&app, "/flow/metrics/track", input).await;
    let workflow = workflow(&api, "active").await;
    for of in [json!({"metric": " errors "}), json!({"metric": "errors", "workflow_id": workflow})] {
        let with = |more: Value| {
            let mut input = of.clone();
            input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            input
        };
        let many = at_once(32, async |_| track(with(json!({"value": 1, "mode": "add"}))).await).await;
        assert_eq!(counted(&many), [(200, 32)]);
        let more = track(with(json!({"value": 0.5, "mode": "add", "metadata": {"a": 1}}))).await.expect(200).json();
        assert_eq!((&more["value"], &more["metric"]), (&json!(32.5), &json!("errors")));
        let less = track(with(json!({"value": 7}))).await.expect(200).json();
        assert_eq!((&less["value"], &less["metadata"], &less["id"]), (&json!(7), &json!({"a": 1}), &more["id"]));
        let day = track(with(json!({"value": 0, "mode": "set", "date": "2026-01-31"}))).await.expect(200).json();
        assert_eq!((&day["value"], &day["date"]), (&json!(0), &json!("2026-01-31")));
    }
    let today: bool = api
        .query(
            "select count(*) = 2 and min(date) = max(date)
                and min(date) = (now() at time zone 'Europe/Copenhagen')::date
             from flow.metrics where metric = 'errors' and date <> '2026-01-31'",
        )
        .await;
    assert!(today);
    let wrong = json!({"metric": "a", "value": "b", "date": "today", "mode": "more", "metadata": [], "x": 1});
    let refused = track(wrong).await.expect(400);
    assert_eq!(faults(&refused), ["value", "date", "mode", "metadata", "x"]);
    assert_eq!(faults(&track(json!({"metric": " ", "value": 1})).await.expect(400)), ["metric"]);
    track(json!({"metric": "a", "value": 1, "workflow_id": "nobody"})).await.expect(422);
    assert_eq!(api.query::<i64>("select count(*) from flow.metrics where metric = 'a'").await, 0);
}
