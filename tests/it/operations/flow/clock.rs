//! What the clock does: schedules that are due, and runs past their time.

use super::*;

/// A schedule of a workflow that has been due for that many minutes.
async fn due(api: &Api, workflow: &str, minutes: i32) -> String {
    api.query(&format!(
        "insert into flow.schedules (workflow_id, name, interval_minutes, next_run)
         values ('{workflow}', 'Due', 60, now() - interval '{minutes} minutes') returning id"
    ))
    .await
}

/// Nothing of the demo data is due.
async fn quiet() -> (Api, Person) {
    let (api, app) = flow().await;
    api.execute("update flow.schedules set next_run = null; update flow.executions set status = 'failed' where status = 'running'")
        .await;
    (api, app)
}

const CLAIM: &str = "/flow/schedules/claim_due";

#[tokio::test]
async fn schedules_that_are_due_are_claimed_with_their_runs() {
    let (api, app) = quiet().await;
    let id = workflow(&api, "active").await;
    let newer = due(&api, &id, 1).await;
    let older = due(&api, &id, 600).await;
    let answer = call(&app, CLAIM, json!({"limit": 1})).await.expect(200).json();
    let one = &answer["claimed"][0];
    assert_eq!((answer["claimed"].as_array().unwrap().len(), &one["schedule"]["id"]), (1, &json!(older)));
    assert_eq!((&one["schedule"]["current_runs"], &one["schedule"]["is_active"]), (&json!(1), &json!(true)));
    let execution = &one["execution"];
    for (field, value) in [
        ("workflow_id", json!(id)),
        ("status", json!("running")),
        ("triggered_by", json!("schedule")),
        ("metadata", json!({"schedule_id": older})),
    ] {
        assert_eq!(execution[field], value, "{field}");
    }
    let next = one["schedule"]["next_run"].as_str().unwrap();
    let in_an_hour =
        format!("select '{next}'::timestamptz between now() + interval '59 minutes' and now() + interval '60 minutes'");
    assert!(api.query::<bool>(&in_an_hour).await, "missed several times, it runs once: {next}");
    let rest = call(&app, CLAIM, json!({})).await.expect(200).json();
    assert_eq!((rest["claimed"].as_array().unwrap().len(), &rest["claimed"][0]["schedule"]["id"]), (1, &json!(newer)));
    assert_eq!(call(&app, CLAIM, json!({})).await.expect(200).json(), json!({"claimed": []}));
    let counted = "select concat_ws(' ', execution_count, last_executed_at is not null) from flow.workflows";
    assert_eq!(api.query::<String>(&format!("{counted} where id = '{id}'")).await, "2 t");
    for limit in [0, 101] {
        assert_eq!(faults(&call(&app, CLAIM, json!({"limit": limit})).await.expect(400)), ["limit"]);
    }
}

#[tokio::test]
async fn schedules_that_may_not_run_are_left_and_the_last_run_ends_one() {
    let (api, app) = quiet().await;
    for status in ["draft", "paused"] {
        let id = workflow(&api, status).await;
        due(&api, &id, 1).await;
    }
    let template = workflow(&api, "active").await;
    api.execute(&format!("update flow.workflows set is_template = true where id = '{template}'")).await;
    due(&api, &template, 1).await;
    let id = workflow(&api, "active").await;
    let off = due(&api, &id, 1).await;
    let later = due(&api, &id, -1).await;
    api.execute(&format!("update flow.schedules set is_active = false where id = '{off}'")).await;
    assert_eq!(call(&app, CLAIM, json!({})).await.expect(200).json(), json!({"claimed": []}));
    assert_eq!(api.query::<i64>("select count(*) from flow.executions where status = 'running'").await, 0);

    let last = due(&api, &id, 1).await;
    let ends = due(&api, &id, 2).await;
    let lost = due(&api, &id, 3).await;
    api.execute(&format!(
        "update flow.schedules set max_runs = 1 where id = '{last}';
         update flow.schedules set end_date = now() + interval '1 minute' where id = '{ends}';
         update flow.schedules set interval_minutes = null, cron_expression = '0 6 31 2 *' where id = '{lost}'"
    ))
    .await;
    let claimed = call(&app, CLAIM, json!({})).await.expect(200).json()["claimed"].clone();
    let ids: Vec<_> = claimed.as_array().unwrap().iter().map(|one| one["schedule"]["id"].clone()).collect();
    assert_eq!(ids, [lost, ends, last]);
    for one in claimed.as_array().unwrap() {
        assert_eq!((&one["schedule"]["is_active"], &one["schedule"]["next_run"]), (&json!(false), &Value::Null));
    }
    let waits = format!("select is_active and current_runs = 0 from flow.schedules where id = '{later}'");
    assert!(api.query::<bool>(&waits).await);
}

#[tokio::test]
async fn of_many_schedulers_each_gets_other_schedules() {
    let (api, app) = quiet().await;
    for n in 0..12 {
        let id = workflow(&api, "active").await;
        due(&api, &id, n + 1).await;
    }
    let claimed = std::sync::Mutex::new(Vec::new());
    let statuses = at_once(32, async |_| {
        let answer = call(&app, CLAIM, json!({"limit": 2})).await;
        for one in answer.json()["claimed"].as_array().unwrap() {
            claimed.lock().unwrap().push(one["schedule"]["id"].as_str().unwrap().to_owned());
        }
        answer
    })
    .await;
    assert_eq!(statuses, [200; 32]);
    let claimed = claimed.into_inner().unwrap();
    let different: BTreeSet<_> = claimed.iter().collect();
    assert_eq!((claimed.len(), different.len()), (12, 12));
    let runs = "select count(*) from flow.executions where triggered_by = 'schedule' and status = 'running'";
    assert_eq!(api.query::<i64>(runs).await, 12);
    assert_eq!(
        api.query::<i64>("select count(*) from flow.schedules where name = 'Due' and current_runs = 1").await,
        12
    );
}

#[tokio::test]
async fn runs_past_their_time_fail_and_are_counted() {
    let (api, app) = quiet().await;
    let (id, late) = run(&api, &app).await;
    let running = text(&begin(&app, &late, "a").await.expect(201), "id");
    let in_time = text(&call(&app, &format!("/flow/workflows/{id}/execute"), json!({})).await.expect(201), "id");
    api.execute(&format!(
        "update flow.workflows set timeout = 60 where id = '{id}';
         update flow.executions set started_at = now() - interval '61 seconds' where id = '{late}';
         update flow.executions set started_at = now() - interval '30 seconds' where id = '{in_time}';
         insert into flow.execution_steps (execution_id, step_id, step_name, step_type, status)
         values ('{late}', 'b', 'B', 'action', 'pending')"
    ))
    .await;
    let path = "/flow/executions/expire";
    let answer = call(&app, path, json!({"limit": 1})).await.expect(200).json();
    let one = &answer["expired"][0];
    assert_eq!((&one["id"], &one["status"], &one["error"]), (&json!(late), &json!("failed"), &json!("timeout")));
    assert_eq!((&one["failed_step"], &one["current_step"], &answer["more"]), (&json!("a"), &Value::Null, &json!(true)));
    assert!(one["duration_ms"].as_i64().unwrap() >= 61_000 && one["completed_at"].is_string());
    assert_eq!(call(&app, path, json!({})).await.expect(200).json(), json!({"expired": [], "more": false}));
    let steps = format!(
        "select string_agg(step_id || ' ' || status, ',' order by step_id) from flow.execution_steps where execution_id = '{late}'"
    );
    assert_eq!(api.query::<String>(&steps).await, "a failed,b skipped");
    let ended = format!("select error from flow.execution_steps where id = '{running}'");
    assert_eq!(api.query::<String>(&ended).await, "execution ended");
    let counts = format!("select concat_ws(' ', success_count, failure_count) from flow.workflows where id = '{id}'");
    assert_eq!(api.query::<String>(&counts).await, "0 1");
    states(call(&app, &format!("/flow/executions/{late}/complete"), json!({})).await);
    call(&app, &format!("/flow/executions/{in_time}/complete"), json!({})).await.expect(200);
}

#[tokio::test]
async fn a_run_past_its_time_fails_once_however_many_look() {
    let (api, app) = quiet().await;
    let ids = [workflow(&api, "active").await, workflow(&api, "active").await];
    for id in &ids {
        api.execute(&format!(
            "insert into flow.executions (workflow_id, started_at)
             select '{id}', now() - interval '2 hours' from generate_series(1, 20)"
        ))
        .await;
    }
    let found = std::sync::atomic::AtomicUsize::new(0);
    let statuses = at_once(32, async |_| {
        let answer = call(&app, "/flow/executions/expire", json!({"limit": 3})).await;
        let runs = answer.json()["expired"].as_array().map_or(0, Vec::len);
        found.fetch_add(runs, std::sync::atomic::Ordering::Relaxed);
        answer
    })
    .await;
    assert_eq!(statuses, [200; 32]);
    while !call(&app, "/flow/executions/expire", json!({})).await.expect(200).json()["expired"]
        .as_array()
        .unwrap()
        .is_empty()
    {
        assert!(found.load(std::sync::atomic::Ordering::Relaxed) < 40, "what was left was not there");
        found.store(40, std::sync::atomic::Ordering::Relaxed);
    }
    assert_eq!(found.into_inner(), 40);
    for id in &ids {
        let counts = format!("select failure_count from flow.workflows where id = '{id}'");
        assert_eq!(api.query::<i32>(&counts).await, 20);
    }
}

#[tokio::test]
async fn nothing_starts_an_archived_workflow() {
    let (api, app) = quiet().await;
    let id = workflow(&api, "archived").await;
    let count = "select (select count(*) from flow.schedules) + (select count(*) from flow.webhooks)";
    let before: i64 = api.query(count).await;
    let schedule = json!({"workflow_id": id, "name": "Reminders", "interval_minutes": 5});
    for (path, input) in [
        ("/flow/schedules/plan", schedule.clone()),
        ("/flow/webhooks/register", json!({"workflow_id": id, "name": "Form"})),
    ] {
        let (current, allowed) = states(call(&app, path, input).await);
        assert_eq!(current, json!({"status": "archived"}));
        assert_eq!(allowed, json!({"status": ["draft", "active", "paused"]}));
    }
    // So it is where a row is added to the table, or switched on again.
    let refused = app.post("/flow/schedules", schedule).await.expect(409).json();
    assert_eq!(
        (&refused["code"], &refused["message"]),
        (&json!("operation.invalid_state"), &json!("The workflow is archived"))
    );
    app.post("/flow/webhooks", json!({"workflow_id": id, "name": "Form", "url": "/hooks/archived"})).await.expect(409);
    assert_eq!(api.query::<i64>(count).await, before);
    let active = workflow(&api, "active").await;
    let planned =
        call(&app, "/flow/schedules/plan", json!({"workflow_id": active, "name": "R", "interval_minutes": 5})).await;
    let planned = text(&planned.expect(201), "id");
    call(&app, &format!("/flow/workflows/{active}/archive"), json!({})).await.expect(200);
    let on = json!({"is_active": true});
    app.patch(&format!("/flow/schedules?id=eq.{planned}&select=id"), on).await.expect(409);
    app.patch(&format!("/flow/schedules?id=eq.{planned}&select=id"), json!({"name": "S"})).await.expect(200);
}

#[tokio::test]
async fn whatever_is_planned_while_a_workflow_is_archived_is_switched_off() {
    let (api, app) = quiet().await;
    for _ in 0..4 {
        let id = workflow(&api, "active").await;
        let statuses = at_once(32, async |n| match n % 16 {
            8 => call(&app, &format!("/flow/workflows/{id}/archive"), json!({})).await,
            odd if odd % 2 == 1 => {
                call(&app, "/flow/webhooks/register", json!({"workflow_id": id, "name": "Form"})).await
            }
            _ => {
                call(&app, "/flow/schedules/plan", json!({"workflow_id": id, "name": "R", "interval_minutes": 5})).await
            }
        })
        .await;
        assert!(statuses.iter().all(|status| [200, 201, 409].contains(status)), "{statuses:?}");
        let active = format!(
            "select (select count(*) from flow.schedules where workflow_id = '{id}' and is_active)
                 + (select count(*) from flow.webhooks where workflow_id = '{id}' and is_active)"
        );
        assert_eq!(api.query::<i64>(&active).await, 0);
        let made = format!(
            "select (select count(*) from flow.schedules where workflow_id = '{id}')
                 + (select count(*) from flow.webhooks where workflow_id = '{id}')"
        );
        assert_eq!(api.query::<i64>(&made).await as usize, statuses.iter().filter(|status| **status == 201).count());
    }
}

#[tokio::test]
async fn a_time_that_the_database_cannot_take_is_a_wrong_input() {
    let (api, app) = quiet().await;
    let id = workflow(&api, "active").await;
    let input = json!({"workflow_id": id, "name": "R", "interval_minutes": 5, "start_date": "-000044-03-15T12:00:00Z"});
    let refused = call(&app, "/flow/schedules/plan", input).await.expect(400).json();
    assert_eq!(refused["code"], "operation.invalid_input");
}
