//! People and cleaning jobs of a tenant: as many as its plan allows, and a job's way through its states.

use serde_json::{Value, json};

use super::{Api, Person, tenants};
use crate::{
    operations::{at_once, call, faults},
    support::tekup_with,
};

const SOON: &str = "2099-01-31T09:30:00Z";

fn person(n: usize) -> Value {
    json!({"email": format!("New-{n}@Fjordklar.example"), "name": " Ny "})
}

fn job(more: Value) -> Value {
    let mut job = json!({"title": " Kontor ", "job_type": "kontorrenhold", "scheduled_at": SOON});
    job.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    job
}

/// A job in that state.
async fn job_that_is(api: &Api, tenant: &str, status: &str) -> String {
    api.query(&format!(
        "insert into crm.cleaning_jobs (tenant_id, title, job_type, scheduled_at, status)
         values ('{tenant}', 'Kontor', 'kontorrenhold', now(), '{status}') returning id::text"
    ))
    .await
}

#[tokio::test]
async fn a_tenant_has_no_more_active_users_than_its_plan_allows() {
    let api = tekup_with(|_| {}).await;
    let [(tenant, app), (other_tenant, other)] = tenants(&api).await;
    let active = format!("select count(*) from crm.users where tenant_id = '{tenant}' and is_active");
    let before: i64 = api.query(&active).await;
    api.execute(&format!("update crm.tenants set max_users = {} where id = '{tenant}'", before + 10)).await;
    let made = call(&app, "/crm/users/add", person(0)).await.expect(201).json();
    assert_eq!(
        (&made["email"], &made["name"], &made["role"], &made["tenant_id"]),
        (&json!("new-0@fjordklar.example"), &json!("Ny"), &json!("cleaner"), &json!(tenant))
    );
    let taken = call(&app, "/crm/users/add", person(0)).await.expect(409).json();
    assert_eq!(taken["code"], "operation.conflict");
    let statuses = at_once(32, async |n| call(&app, "/crm/users/add", person(n + 1)).await).await;
    assert_eq!((&statuses[..9], &statuses[9..]), (&[201; 9][..], &[422; 23][..]));
    assert_eq!(api.query::<i64>(&active).await, before + 10);

    let refused = call(&app, "/crm/users/add", person(50)).await.expect(422).json();
    assert_eq!(refused["code"], "operation.unprocessable");
    // So it is in the table itself, where one row is too many and where one is switched on again.
    let row = json!({"tenant_id": tenant, "email": "plain@fjordklar.example", "name": "Ny"});
    assert_eq!(app.post("/crm/users", row.clone()).await.expect(422).json()["code"], "operation.unprocessable");
    let id = made["id"].as_str().unwrap();
    app.patch(&format!("/crm/users?id=eq.{id}"), json!({"is_active": false})).await.expect(200);
    app.post("/crm/users", row).await.expect(201);
    app.patch(&format!("/crm/users?id=eq.{id}"), json!({"is_active": true})).await.expect(422);
    app.patch(&format!("/crm/users?id=eq.{id}"), json!({"name": "Anden"})).await.expect(200);
    assert_eq!(api.query::<i64>(&active).await, before + 10);

    let into_other = json!({"tenant_id": tenant, "email": "x@y.example", "name": "Ny"});
    call(&other, "/crm/users/add", into_other).await.expect(422);
    let mut named = person(60);
    named["tenant_id"] = json!(other_tenant);
    call(&api.service, "/crm/users/add", named).await.expect(201);
    assert_eq!(faults(&call(&api.service, "/crm/users/add", person(61)).await.expect(400)), ["tenant_id"]);
    let wrong = json!({"email": "x", "name": " ", "role": "boss"});
    assert_eq!(faults(&call(&app, "/crm/users/add", wrong).await.expect(400)), ["email", "name", "role"]);
}

#[tokio::test]
async fn a_tenant_has_no_more_open_jobs_than_its_plan_allows() {
    let api = tekup_with(|_| {}).await;
    let [(tenant, app), _] = tenants(&api).await;
    let path = "/crm/cleaning_jobs/plan";
    let open = format!(
        "select count(*) from crm.cleaning_jobs
         where tenant_id = '{tenant}' and status not in ('completed', 'cancelled', 'no_show')"
    );
    let before: i64 = api.query(&open).await;
    api.execute(&format!("update crm.tenants set max_jobs = {} where id = '{tenant}'", before + 8)).await;
    let statuses = at_once(32, async |_| call(&app, path, job(json!({}))).await).await;
    assert_eq!((&statuses[..8], &statuses[8..]), (&[201; 8][..], &[422; 24][..]));
    assert_eq!(api.query::<i64>(&open).await, before + 8);
    let row = json!({"tenant_id": tenant, "title": "Kontor", "job_type": "kontorrenhold", "scheduled_at": SOON});
    assert_eq!(app.post("/crm/cleaning_jobs", row).await.expect(422).json()["code"], "operation.unprocessable");
    let one: String = api
        .query(&format!(
            "select id::text from crm.cleaning_jobs where tenant_id = '{tenant}' and status = 'scheduled' limit 1"
        ))
        .await;
    call(&app, &format!("/crm/cleaning_jobs/{one}/status"), json!({"status": "cancelled"})).await.expect(200);
    call(&app, path, job(json!({}))).await.expect(201);
    call(&app, path, job(json!({}))).await.expect(422);
}

#[tokio::test]
async fn a_job_is_planned_with_the_usual_minutes_and_within_its_tenant() {
    let api = tekup_with(|_| {}).await;
    let [(tenant, app), (other_tenant, other)] = tenants(&api).await;
    let path = "/crm/cleaning_jobs/plan";
    for (kind, minutes) in [
        ("kontorrenhold", 240),
        ("privatrenhold", 180),
        ("flytterenhold", 480),
        ("byggerenhold", 600),
        ("vinduespudsning", 240),
        ("taepperens", 240),
        ("specialrengoering", 360),
        ("vedligeholdelse", 120),
        ("dybrengoering", 480),
        ("akutrengoering", 180),
    ] {
        let planned = call(&app, path, job(json!({"job_type": kind}))).await.expect(201).json();
        assert_eq!(
            (&planned["estimated_duration"], &planned["status"]),
            (&json!(minutes), &json!("scheduled")),
            "{kind}"
        );
    }
    let contact = super::contact(&api, &tenant, "job@new.example").await;
    let cleaner: String =
        api.query(&format!("select id::text from crm.users where tenant_id = '{tenant}' limit 1")).await;
    let more = json!({"estimated_duration": 45, "contact_id": contact, "assigned_to": cleaner, "price": 1250.5,
        "special_requirements": [" kat "], "priority": "urgent"});
    let planned = call(&app, path, job(more)).await.expect(201).json();
    for (field, value) in [
        ("title", json!("Kontor")),
        ("estimated_duration", json!(45)),
        ("contact_id", json!(contact)),
        ("assigned_to", json!(cleaner)),
        ("price", json!(1250.5)),
        ("special_requirements", json!(["kat"])),
        ("priority", json!("urgent")),
        ("tenant_id", json!(tenant)),
    ] {
        assert_eq!(planned[field], value, "{field}");
    }
    let count = "select count(*) from crm.cleaning_jobs";
    let before: i64 = api.query(count).await;
    for (more, field) in [
        (json!({"contact_id": contact}), "contact_id"),
        (json!({"company_id": "nobody"}), "company_id"),
        (json!({"deal_id": "nobody"}), "deal_id"),
        (json!({"assigned_to": cleaner}), "assigned_to"),
        (json!({"tenant_id": tenant}), "tenant_id"),
    ] {
        let refused = call(&other, path, job(more)).await.expect(422).json();
        assert_eq!(refused["details"]["field"], field);
    }
    let past = job(json!({"scheduled_at": "2020-01-01T00:00:00Z"}));
    assert_eq!(faults(&call(&app, path, past).await.expect(400)), ["scheduled_at"]);
    let wrong = job(json!({"job_type": "x", "estimated_duration": 0, "status": "completed"}));
    assert_eq!(faults(&call(&app, path, wrong).await.expect(400)), ["job_type", "estimated_duration", "status"]);
    assert_eq!(faults(&call(&api.service, path, job(json!({}))).await.expect(400)), ["tenant_id"]);
    assert_eq!(api.query::<i64>(count).await, before);
    call(&api.service, path, job(json!({"tenant_id": other_tenant}))).await.expect(201);
}

/// Sends a job on.
async fn on(caller: &Person, id: &str, status: &str) -> u16 {
    let mut input = json!({"status": status});
    if status == "rescheduled" {
        input["scheduled_at"] = json!(SOON);
    }
    call(caller, &format!("/crm/cleaning_jobs/{id}/status"), input).await.status.as_u16()
}

#[tokio::test]
async fn a_job_goes_from_state_to_state_as_it_may_and_no_other_way() {
    let api = tekup_with(|_| {}).await;
    let [(tenant, app), (_, other)] = tenants(&api).await;
    const STATES: [&str; 8] =
        ["scheduled", "confirmed", "in_progress", "paused", "completed", "cancelled", "no_show", "rescheduled"];
    let may = |from: &str| match from {
        "scheduled" | "rescheduled" => vec!["confirmed", "in_progress", "cancelled", "no_show", "rescheduled"],
        "confirmed" => vec!["in_progress", "cancelled", "no_show", "rescheduled"],
        "in_progress" => vec!["paused", "completed", "cancelled"],
        "paused" => vec!["in_progress", "completed", "cancelled"],
        _ => vec![],
    };
    for from in STATES {
        for to in &STATES[1..] {
            let id = job_that_is(&api, &tenant, from).await;
            let status = on(&app, &id, to).await;
            assert_eq!(status, if may(from).contains(to) { 200 } else { 409 }, "{from} to {to}");
            let now: String = api.query(&format!("select status from crm.cleaning_jobs where id = '{id}'")).await;
            assert_eq!(now, if status == 200 { *to } else { from });
        }
    }
    let id = job_that_is(&api, &tenant, "completed").await;
    let path = format!("/crm/cleaning_jobs/{id}/status");
    let refused = call(&app, &path, json!({"status": "paused"})).await.expect(409).json();
    assert_eq!(refused["details"]["current"], json!({"status": "completed"}));
    assert_eq!(refused["details"]["allowed"], json!({"status": ["in_progress"]}));
    call(&other, &path, json!({"status": "paused"})).await.expect(404);
    for (wrong, field) in [
        (json!({"status": "scheduled"}), "status"),
        (json!({"status": "rescheduled"}), "scheduled_at"),
        (json!({"status": "rescheduled", "scheduled_at": "2020-01-01T00:00:00Z"}), "scheduled_at"),
        (json!({"status": "confirmed", "scheduled_at": SOON}), "scheduled_at"),
        (json!({"status": "cancelled", "actual_duration": 5}), "actual_duration"),
    ] {
        assert_eq!(faults(&call(&app, &path, wrong).await.expect(400)), [field]);
    }
}

#[tokio::test]
async fn a_job_knows_when_work_began_and_how_long_it_took() {
    let api = tekup_with(|_| {}).await;
    let [(tenant, app), _] = tenants(&api).await;
    let id = job_that_is(&api, &tenant, "scheduled").await;
    let path = format!("/crm/cleaning_jobs/{id}/status");
    let moved = call(&app, &path, json!({"status": "rescheduled", "scheduled_at": SOON})).await.expect(200).json();
    assert_eq!(moved["scheduled_at"], "2099-01-31T09:30:00+00:00");
    assert!(call(&app, &path, json!({"status": "in_progress"})).await.expect(200).json()["started_at"].is_string());
    api.execute(&format!(
        "update crm.cleaning_jobs set started_at = now() - interval '90 minutes 59 seconds' where id = '{id}'"
    ))
    .await;
    let paused = call(&app, &path, json!({"status": "paused"})).await.expect(200).json();
    let again = call(&app, &path, json!({"status": "in_progress"})).await.expect(200).json();
    assert_eq!(again["started_at"], paused["started_at"], "the first start stays");
    let statuses = at_once(32, async |_| call(&app, &path, json!({"status": "completed"})).await).await;
    assert_eq!((statuses[0], &statuses[1..]), (200, &[409; 31][..]));
    let done = "select concat_ws(' ', status, actual_duration, completed_at is not null) from crm.cleaning_jobs";
    assert_eq!(api.query::<String>(&format!("{done} where id = '{id}'")).await, "completed 90 t");

    let told = job_that_is(&api, &tenant, "paused").await;
    let path = format!("/crm/cleaning_jobs/{told}/status");
    let done = call(&app, &path, json!({"status": "completed", "actual_duration": 17})).await.expect(200).json();
    assert_eq!((&done["actual_duration"], &done["started_at"]), (&json!(17), &json!(null)));
    let unknown = job_that_is(&api, &tenant, "paused").await;
    let path = format!("/crm/cleaning_jobs/{unknown}/status");
    let done = call(&app, &path, json!({"status": "completed"})).await.expect(200).json();
    assert_eq!(done["actual_duration"], json!(null), "nobody knows when it began");
}
