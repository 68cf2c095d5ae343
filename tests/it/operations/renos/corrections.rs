//! Corrections of time entries: asked for, approved, rejected.

use super::*;

const REQUEST: &str = "/renos/time_corrections/request";

/// Somebody who worked from 8 to 12 with 30 minutes of pause, a colleague, and the entry.
struct Staff {
    ann: Person,
    ann_id: String,
    ann_member: String,
    bob: Person,
    bob_id: String,
    entry: String,
}

fn at(hour: &str) -> String {
    format!("2026-01-31T{hour}:00Z")
}

async fn staff(api: &Api, app: &Person) -> Staff {
    let (ann_id, ann_member) = member(api, app, "ann").await;
    let (bob_id, _) = member(api, app, "bob").await;
    let input =
        json!({"team_member_id": ann_member, "start_time": at("08:00"), "end_time": at("12:00"), "break_duration": 30});
    let entry = call(app, "/renos/time_entries/record", input).await.expect(201).json();
    Staff {
        ann: api.person("renos_app", None, &ann_id),
        bob: api.person("renos_app", None, &bob_id),
        entry: entry["id"].as_str().unwrap().to_owned(),
        ann_id,
        ann_member,
        bob_id,
    }
}

/// That the entry ended at one.
fn wanted(entry: &str) -> Value {
    json!({"original_entry_id": entry, "corrected_start_time": at("08:00"), "corrected_end_time": at("13:00"),
        "corrected_break_duration": 45, "reason": " Forgot "})
}

async fn ask(staff: &Staff) -> String {
    let asked = call(&staff.ann, REQUEST, wanted(&staff.entry)).await.expect(201).json();
    asked["id"].as_str().unwrap().to_owned()
}

fn approve(correction: &str) -> String {
    format!("/renos/time_corrections/{correction}/approve")
}

#[tokio::test]
async fn a_correction_keeps_the_values_of_before_and_an_entry_has_one_pending() {
    let (api, app) = backend().await;
    let staff = staff(&api, &app).await;
    let asked = at_once(32, async |_| call(&staff.ann, REQUEST, wanted(&staff.entry)).await).await;
    assert_eq!((asked[0], &asked[1..]), (201, &[409; 31][..]));
    let rows =
        app.get(&format!("/renos/time_corrections?original_entry_id=eq.{}", staff.entry)).await.expect(200).json();
    assert_eq!(rows.as_array().unwrap().len(), 1);
    let of = |name: &str| rows[0][name].clone();
    assert_eq!(
        [of("original_start_time"), of("original_end_time"), of("original_break_duration"), of("status")],
        [json!("2026-01-31T08:00:00+00:00"), json!("2026-01-31T12:00:00+00:00"), json!(30), json!("pending")]
    );
    assert_eq!(
        [of("corrected_end_time"), of("corrected_break_duration"), of("reason"), of("submitted_by")],
        [json!("2026-01-31T13:00:00+00:00"), json!(45), json!("Forgot"), json!(staff.ann_id)]
    );
    let again = call(&staff.ann, REQUEST, wanted(&staff.entry)).await.expect(409).json();
    assert_eq!(again["details"]["time_correction_id"], of("id"));
}

#[tokio::test]
async fn a_correction_is_of_ones_own_entry() {
    let (api, app) = backend().await;
    let staff = staff(&api, &app).await;
    for stranger in [&staff.bob, &app, &api.service] {
        let refused = call(stranger, REQUEST, wanted(&staff.entry)).await.expect(403).json();
        assert_eq!(refused["code"], "operation.forbidden");
    }
    let missing = call(&staff.ann, REQUEST, wanted("no")).await.expect(422).json();
    assert_eq!(missing["details"]["field"], "original_entry_id");
    for (change, field) in [
        (json!({"corrected_end_time": at("08:00")}), "corrected_end_time"),
        (json!({"corrected_break_duration": -1}), "corrected_break_duration"),
        (json!({"reason": " "}), "reason"),
        (json!({"submitted_by": "x"}), "submitted_by"),
    ] {
        let mut input = wanted(&staff.entry);
        input.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        assert_eq!(faults(&call(&staff.ann, REQUEST, input).await.expect(400)), [field]);
    }
    let none = format!("select count(*) from renos.time_corrections where original_entry_id = '{}'", staff.entry);
    assert_eq!(api.query::<i64>(&none).await, 0);

    // A token may name the shared person that the account is tied to. An end that is absent is the entry's.
    let shared: String = api
        .query("insert into shared.users (email, name) values ('ann@rendetalje.dk', 'Ann') returning id::text")
        .await;
    api.execute(&format!("update renos.users set shared_user_id = '{shared}' where id = '{}'", staff.ann_id)).await;
    let mut input = wanted(&staff.entry);
    input.as_object_mut().unwrap().remove("corrected_end_time");
    let asked = call(&api.person("renos_app", None, &shared), REQUEST, input).await.expect(201).json();
    assert_eq!(
        [&asked["submitted_by"], &asked["corrected_end_time"]],
        [&json!(staff.ann_id), &json!("2026-01-31T12:00:00+00:00")]
    );
}

#[tokio::test]
async fn a_correction_that_is_approved_is_the_entrys() {
    let (api, app) = backend().await;
    let staff = staff(&api, &app).await;
    let correction = ask(&staff).await;
    let before = row(&app, "time_entries", &staff.entry).await;
    for nobody in [&staff.ann, &app] {
        let refused = call(nobody, &approve(&correction), json!({})).await.expect(403).json();
        assert_eq!(refused["code"], "operation.forbidden");
    }
    assert_eq!(row(&app, "time_entries", &staff.entry).await, before);
    let statuses = at_once(32, async |_| call(&staff.bob, &approve(&correction), json!({})).await).await;
    assert_eq!((statuses[0], &statuses[1..]), (200, &[409; 31][..]));
    let approved = row(&app, "time_corrections", &correction).await;
    assert_eq!([&approved["status"], &approved["approved_by"]], [&json!("approved"), &json!(staff.bob_id)]);
    assert!(approved["approved_at"].is_string());
    let entry = row(&app, "time_entries", &staff.entry).await;
    assert_eq!(
        [&entry["start_time"], &entry["end_time"], &entry["break_duration"]],
        [&before["start_time"], &json!("2026-01-31T13:00:00+00:00"), &json!(45)]
    );
    let again = call(&staff.bob, &approve(&correction), json!({})).await;
    refused_in(again, &json!("approved"), &json!(["pending"]));
    call(&staff.bob, &approve("no"), json!({})).await.expect(404);
}

#[tokio::test]
async fn an_entry_that_was_changed_since_or_would_overlap_is_not_corrected() {
    let (api, app) = backend().await;
    let staff = staff(&api, &app).await;
    let correction = ask(&staff).await;
    let entry = format!("/renos/time_entries/{}", staff.entry);
    patch(&app, &entry, json!({"break_duration": 31})).await.expect(200);
    let changed = call(&staff.bob, &approve(&correction), json!({})).await.expect(409).json();
    assert_eq!((&changed["code"], &changed["details"]["break_duration"]), (&json!("operation.conflict"), &json!(31)));
    patch(&app, &entry, json!({"break_duration": 30})).await.expect(200);
    let input = json!({"team_member_id": staff.ann_member, "start_time": at("12:30"), "end_time": at("14:00")});
    let other = call(&app, "/renos/time_entries/record", input).await.expect(201).json();
    let overlaps = call(&staff.bob, &approve(&correction), json!({})).await.expect(409).json();
    assert_eq!(overlaps["details"]["time_entry_id"], other["id"]);
    assert_eq!(row(&app, "time_corrections", &correction).await["status"], "pending");
    assert_eq!(row(&app, "time_entries", &staff.entry).await["break_duration"], 30);
}

#[tokio::test]
async fn an_approval_among_changes_leaves_either_the_one_or_the_other() {
    let (api, app) = backend().await;
    let staff = staff(&api, &app).await;
    for _ in 0..4 {
        let correction = ask(&staff).await;
        at_once(32, async |n| match n {
            16 => call(&staff.bob, &approve(&correction), json!({})).await,
            _ => {
                let input =
                    json!({"team_member_id": staff.ann_member, "start_time": at("12:30"), "end_time": at("14:00")});
                call(&app, "/renos/time_entries/record", input).await
            }
        })
        .await;
        let status = row(&app, "time_corrections", &correction).await["status"].as_str().unwrap().to_owned();
        let sql = "select count(*) from renos.time_entries where team_member_id = ";
        let entries: i64 = api.query(&format!("{sql}'{}'", staff.ann_member)).await;
        assert_eq!(entries, if status == "approved" { 1 } else { 2 }, "{status}");
        api.execute(&format!(
            "delete from renos.time_corrections where id = '{correction}';
             delete from renos.time_entries where team_member_id = '{0}' and id <> '{1}';
             update renos.time_entries set end_time = '2026-01-31T12:00:00Z', break_duration = 30 where id = '{1}'",
            staff.ann_member, staff.entry
        ))
        .await;
    }
}

#[tokio::test]
async fn a_correction_that_is_rejected_leaves_the_entry_and_makes_room_for_another() {
    let (api, app) = backend().await;
    let staff = staff(&api, &app).await;
    let correction = ask(&staff).await;
    let before = row(&app, "time_entries", &staff.entry).await;
    let reject = format!("/renos/time_corrections/{correction}/reject");
    let why = json!({"rejection_reason": " No "});
    assert_eq!(call(&app, &reject, why.clone()).await.expect(403).json()["code"], "operation.forbidden");
    assert_eq!(
        faults(&call(&staff.bob, &reject, json!({"rejection_reason": " "})).await.expect(400)),
        ["rejection_reason"]
    );
    let statuses = at_once(32, async |_| call(&staff.bob, &reject, why.clone()).await).await;
    assert_eq!((statuses[0], &statuses[1..]), (200, &[409; 31][..]));
    let rejected = row(&app, "time_corrections", &correction).await;
    assert_eq!(
        [&rejected["status"], &rejected["rejected_by"], &rejected["rejection_reason"]],
        [&json!("rejected"), &json!(staff.bob_id), &json!("No")]
    );
    refused_in(call(&staff.bob, &reject, why.clone()).await, &json!("rejected"), &json!(["pending"]));
    refused_in(call(&staff.bob, &approve(&correction), json!({})).await, &json!("rejected"), &json!(["pending"]));
    assert_eq!(row(&app, "time_entries", &staff.entry).await, before);
    call(&staff.bob, "/renos/time_corrections/no/reject", why).await.expect(404);
    ask(&staff).await;
}

#[tokio::test]
async fn corrections_are_listed_with_all_who_have_to_do_with_them() {
    let (api, app) = backend().await;
    let staff = staff(&api, &app).await;
    let first = ask(&staff).await;
    call(&staff.bob, &approve(&first), json!({})).await.expect(200);
    api.execute(&format!("update renos.time_corrections set created_at = '2031-01-31T22:59:00Z' where id = '{first}'"))
        .await;
    let second = ask(&staff).await;
    api.execute(&format!(
        "update renos.time_corrections set created_at = '2031-01-31T23:00:00Z' where id = '{second}'"
    ))
    .await;
    let list = async |query: &str| {
        let path = format!("/renos/time_corrections/overview?team_member_id={}{query}", staff.ann_member);
        read(&app, &path).await.expect(200).json()
    };
    let ids = |list: &Value| -> Vec<String> {
        list.as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect()
    };
    let all = list("").await;
    assert_eq!(ids(&all), [second.as_str(), first.as_str()]);
    let person = |id: &str, name: &str| json!({"id": id, "name": name, "email": format!("{name}@rendetalje.dk")});
    assert_eq!(
        [&all[1]["user"], &all[1]["submitter"], &all[1]["approver"], &all[1]["rejecter"], &all[0]["approver"]],
        [
            &person(&staff.ann_id, "ann"),
            &person(&staff.ann_id, "ann"),
            &person(&staff.bob_id, "bob"),
            &Value::Null,
            &Value::Null
        ]
    );
    assert_eq!(all[0]["time_entry"], row(&app, "time_entries", &staff.entry).await);
    assert_eq!(all[0]["team_member"]["id"], json!(staff.ann_member));
    assert_eq!(ids(&list("&status=approved").await), [first.as_str()]);
    assert_eq!(ids(&list("&start_date=2031-02-01&end_date=2031-02-01").await), [second.as_str()]);
    assert_eq!(ids(&list("&end_date=2031-01-31").await), [first.as_str()]);
    assert_eq!(ids(&list("&limit=1&offset=1").await), [first.as_str()]);
    let everything = read(&app, "/renos/time_corrections/overview").await.expect(200);
    assert!(!everything.text().contains("password"), "no secret");
    for (query, field) in
        [("status=open", "status"), ("limit=0", "limit"), ("limit=1001", "limit"), ("offset=-1", "offset")]
    {
        let path = format!("/renos/time_corrections/overview?{query}");
        assert_eq!(faults(&read(&app, &path).await.expect(400)), [field]);
    }
}
