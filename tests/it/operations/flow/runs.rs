//! Runs and their steps.

use super::*;

/// One figure of a workflow.
async fn figure(api: &Api, workflow: &str, column: &str) -> i32 {
    api.query(&format!("select coalesce({column}, -1) from flow.workflows where id = '{workflow}'")).await
}

#[tokio::test]
async fn a_run_ends_once_and_is_counted_once() {
    let (api, app) = flow().await;
    let (workflow, run) = run(&api, &app).await;
    let path = format!("/flow/executions/{run}/complete");
    let statuses = at_once(32, async |_| call(&app, &path, json!({"output": {"sent": 3}})).await).await;
    assert_eq!(counted(&statuses), [(200, 1), (409, 31)]);
    let (current, allowed) = states(call(&app, &path, json!({"error": "late"})).await);
    assert_eq!((current, allowed), (json!({"status": "completed"}), json!({"status": ["running"]})));
    assert_eq!(figure(&api, &workflow, "success_count").await, 1);
    assert_eq!(figure(&api, &workflow, "failure_count").await, 0);
    call(&app, "/flow/executions/nobody/complete", json!({})).await.expect(404);
    call(&app, "/flow/executions/nobody/cancel", json!({})).await.expect(404);
}

#[tokio::test]
async fn the_mean_duration_is_that_of_the_completed_runs() {
    let (api, app) = flow().await;
    let workflow = workflow(&api, "active").await;
    for (milliseconds, input, mean) in [
        (1_000_000, json!({}), 1_000),
        (3_000_000, json!({}), 2_000),
        (90_000_000, json!({"error": "503"}), 2_000),
        (5_000_000, json!({}), 3_000),
    ] {
        let run = text(&call(&app, &format!("/flow/workflows/{workflow}/execute"), json!({})).await.expect(201), "id");
        api.execute(&format!(
            "update flow.executions set started_at = now() - interval '{milliseconds} milliseconds' where id = '{run}'"
        ))
        .await;
        call(&app, &format!("/flow/executions/{run}/complete"), input).await.expect(200);
        let found = figure(&api, &workflow, "avg_duration_ms").await;
        assert_eq!((f64::from(found) / 1_000_000.0).round() as i32 * 1_000, mean, "{found}");
    }
    assert_eq!(figure(&api, &workflow, "success_count").await, 3);
    assert_eq!(figure(&api, &workflow, "failure_count").await, 1);
}

#[tokio::test]
async fn many_runs_of_a_workflow_that_end_at_once_are_all_counted() {
    let (api, app) = flow().await;
    let workflow = workflow(&api, "active").await;
    let mut runs = Vec::new();
    for _ in 0..32 {
        runs.push(text(&call(&app, &format!("/flow/workflows/{workflow}/execute"), json!({})).await.expect(201), "id"));
    }
    let end = async |number: usize| call(&app, &format!("/flow/executions/{}/complete", runs[number]), json!({})).await;
    assert_eq!(counted(&at_once(32, end).await), [(200, 32)]);
    assert_eq!(figure(&api, &workflow, "success_count").await, 32);
}

#[tokio::test]
async fn a_run_that_ends_ends_its_steps() {
    let (api, app) = flow().await;
    for (verb, input, status) in [("complete", json!({"error": " 503 "}), "failed"), ("cancel", json!({}), "cancelled")]
    {
        let (workflow, run) = run(&api, &app).await;
        begin(&app, &run, "send").await.expect(201);
        api.execute(&format!(
            "insert into flow.execution_steps (execution_id, step_id, step_name, step_type)
             values ('{run}', 'p', 'p', 'p')"
        ))
        .await;
        let ended = call(&app, &format!("/flow/executions/{run}/{verb}"), input).await.expect(200).json();
        assert_eq!((&ended["status"], &ended["current_step"]), (&json!(status), &Value::Null));
        assert!(ended["completed_at"].is_string() && ended["duration_ms"].is_i64());
        if verb == "complete" {
            assert_eq!((&ended["error"], &ended["failed_step"]), (&json!("503"), &json!("send")));
        }
        let steps: String = api
            .query(&format!(
                "select string_agg(concat_ws(':', step_id, status, error), ',' order by step_id)
                 from flow.execution_steps where execution_id = '{run}'"
            ))
            .await;
        assert_eq!(steps, "p:skipped,send:failed:execution ended");
        assert_eq!(figure(&api, &workflow, "failure_count").await, i32::from(verb == "complete"));
        assert_eq!(figure(&api, &workflow, "success_count").await, 0);
        let (current, _) = states(begin(&app, &run, "late").await);
        assert_eq!(current, json!({"status": status, "attempts": 0, "step_is_running": false}));
    }
}

#[tokio::test]
async fn a_run_and_a_step_refuse_what_is_no_end() {
    let (api, app) = flow().await;
    let (_, run) = run(&api, &app).await;
    let step = text(&begin(&app, &run, "send").await.expect(201), "id");
    let long = "x".repeat(1_048_577);
    for path in [format!("/flow/executions/{run}/complete"), format!("/flow/execution_steps/{step}/complete")] {
        assert_eq!(faults(&call(&app, &path, json!({"error": ""})).await.expect(400)), ["error"]);
        assert_eq!(faults(&call(&app, &path, json!({"error": "  "})).await.expect(400)), ["error"]);
        assert_eq!(faults(&call(&app, &path, json!({"output": long})).await.expect(400)), ["output"]);
    }
    let running: i64 = api
        .query(&format!(
            "select count(*) from flow.executions e join flow.execution_steps s on s.execution_id = e.id
             where e.id = '{run}' and e.status = 'running' and s.status = 'running'"
        ))
        .await;
    assert_eq!(running, 1);
}

#[tokio::test]
async fn a_step_is_tried_as_often_as_the_workflow_says() {
    let (api, app) = flow().await;
    let (_, run) = run(&api, &app).await;
    let of_run = format!("/flow/executions?id=eq.{run}&select=current_step,completed_steps,failed_step");
    for attempt in 1..=2 {
        let begun = begin(&app, &run, "send").await.expect(201).json();
        assert_eq!((&begun["attempt_number"], &begun["max_attempts"]), (&json!(attempt), &json!(2)));
        assert_eq!(begun["status"], "running");
        let (current, allowed) = states(begin(&app, &run, "send").await);
        assert_eq!(current, json!({"status": "running", "attempts": attempt, "step_is_running": true}));
        assert_eq!(allowed, json!({"status": ["running"], "attempts": 1, "step_is_running": false}));
        let path = format!("/flow/execution_steps/{}/complete", begun["id"].as_str().unwrap());
        let ended = call(&app, &path, json!({"error": "503"})).await.expect(200).json();
        assert_eq!((&ended["status"], &ended["error"]), (&json!("failed"), &json!("503")));
    }
    let state = app.get(&of_run).await.expect(200).json();
    assert_eq!(state, json!([{"current_step": null, "completed_steps": [], "failed_step": "send"}]));
    let (current, _) = states(begin(&app, &run, "send").await);
    assert_eq!(current, json!({"status": "running", "attempts": 2, "step_is_running": false}));
    begin(&app, &run, "other").await.expect(201);
    begin(&app, "nobody", "other").await.expect(404);
    let path = format!("/flow/executions/{run}/steps");
    let blank = json!({"step_id": " ", "step_name": " ", "step_type": " "});
    assert_eq!(faults(&call(&app, &path, blank).await.expect(400)), ["step_id", "step_name", "step_type"]);
    let long = json!({"step_id": "a", "step_name": "b", "step_type": "c", "input": "x".repeat(262_145)});
    assert_eq!(faults(&call(&app, &path, long).await.expect(400)), ["input"]);
}

#[tokio::test]
async fn a_run_knows_which_steps_are_done_and_which_is_running() {
    let (api, app) = flow().await;
    let (_, run) = run(&api, &app).await;
    let of_run = format!("/flow/executions?id=eq.{run}&select=current_step,completed_steps,failed_step");
    let end = async |step: &Answer, input: Value| {
        call(&app, &format!("/flow/execution_steps/{}/complete", text(step, "id")), input).await
    };
    let state = async || app.get(&of_run).await.expect(200).json()[0].clone();
    let first = begin(&app, &run, "a").await.expect(201);
    let second = begin(&app, &run, "b").await.expect(201);
    assert_eq!(state().await["current_step"], "b");
    end(&second, json!({"error": "503"})).await.expect(200);
    assert_eq!(state().await, json!({"current_step": "a", "completed_steps": [], "failed_step": "b"}));
    let ended = end(&first, json!({"output": 1})).await.expect(200).json();
    assert_eq!((&ended["status"], &ended["output"]), (&json!("completed"), &json!(1)));
    let again = begin(&app, &run, "b").await.expect(201);
    end(&again, json!({})).await.expect(200);
    assert_eq!(state().await, json!({"current_step": null, "completed_steps": ["a", "b"], "failed_step": null}));
    let (current, allowed) = states(end(&again, json!({})).await);
    assert_eq!((current, allowed), (json!({"status": "completed"}), json!({"status": ["running"]})));
    call(&app, "/flow/execution_steps/nobody/complete", json!({})).await.expect(404);
}

#[tokio::test]
async fn of_many_who_begin_or_end_a_step_one_does() {
    let (api, app) = flow().await;
    let (_, run) = run(&api, &app).await;
    let statuses = at_once(32, async |_| begin(&app, &run, "send").await).await;
    assert_eq!(counted(&statuses), [(201, 1), (409, 31)]);
    let step: String = api.query(&format!("select id from flow.execution_steps where execution_id = '{run}'")).await;
    let path = format!("/flow/execution_steps/{step}/complete");
    let statuses = at_once(32, async |_| call(&app, &path, json!({})).await).await;
    assert_eq!(counted(&statuses), [(200, 1), (409, 31)]);
}
