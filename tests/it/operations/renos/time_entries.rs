//! Time that team members work.

use super::*;

const RECORD: &str = "/renos/time_entries/record";

/// A time of that day, in Europe/Copenhagen.
fn at(hour: &str) -> String {
    format!("2026-01-31T{hour}:00+01:00")
}

async fn entries(api: &Api, member: &str) -> i64 {
    api.query(&format!("select count(*) from renos.time_entries where team_member_id = '{member}'")).await
}

#[tokio::test]
async fn time_is_recorded_from_now_or_from_then_and_stopped_once() {
    let (api, app) = backend().await;
    let (_, ann) = member(&api, &app, "ann").await;
    let input = json!({"team_member_id": ann, "start_time": at("08:00"), "end_time": at("12:00"), "break_duration": 30,
        "notes": " n ", "location": {"lat": 56.15, "lng": 10.2}});
    let recorded = call(&app, RECORD, input).await.expect(201).json();
    let of = |name: &str| recorded[name].clone();
    assert_eq!(
        [of("start_time"), of("end_time"), of("break_duration"), of("notes"), of("location")],
        [
            json!("2026-01-31T07:00:00+00:00"),
            json!("2026-01-31T11:00:00+00:00"),
            json!(30),
            json!("n"),
            json!({"lat": 56.15, "lng": 10.2})
        ]
    );
    let open = call(&app, RECORD, json!({"team_member_id": ann})).await.expect(201).json();
    assert_eq!([&open["end_time"], &open["break_duration"]], [&Value::Null, &json!(0)]);
    let stop = format!("/renos/time_entries/{}/stop", open["id"].as_str().unwrap());
    let statuses = at_once(32, async |_| call(&app, &stop, json!({})).await).await;
    assert_eq!((statuses[0], &statuses[1..]), (200, &[409; 31][..]));
    let stopped = row(&app, "time_entries", open["id"].as_str().unwrap()).await;
    refused_in(
        call(&app, &stop, json!({})).await,
        &json!({"end_time": stopped["end_time"]}),
        &json!({"end_time": null}),
    );
    assert_eq!(row(&app, "time_entries", open["id"].as_str().unwrap()).await, stopped);
    let later = json!({"team_member_id": ann, "start_time": "2099-01-01T08:00:00Z"});
    let later = call(&app, RECORD, later).await.expect(201).json()["id"].as_str().unwrap().to_owned();
    let early = call(&app, &format!("/renos/time_entries/{later}/stop"), json!({})).await.expect(422).json();
    assert_eq!(early["details"]["field"], "start_time");
    call(&app, "/renos/time_entries/no/stop", json!({})).await.expect(404);
}

#[tokio::test]
async fn an_entry_overlaps_no_other_of_its_member_however_they_lie() {
    let (api, app) = backend().await;
    let ((_, ann), (_, bob)) = (member(&api, &app, "ann").await, member(&api, &app, "bob").await);
    let record = async |member: &str, start: &str, end: Option<&str>| {
        let mut input = json!({"team_member_id": member, "start_time": at(start)});
        if let Some(end) = end {
            input["end_time"] = json!(at(end));
        }
        call(&app, RECORD, input).await
    };
    let first = record(&ann, "08:00", Some("10:00")).await.expect(201).json();
    for (start, end) in [
        ("08:30", Some("09:00")),
        ("07:00", Some("11:00")),
        ("09:30", Some("11:00")),
        ("07:00", Some("08:30")),
        ("07:00", None),
    ] {
        let refused = record(&ann, start, end).await.expect(409).json();
        assert_eq!(
            (&refused["code"], &refused["details"]["time_entry_id"]),
            (&json!("operation.conflict"), &first["id"])
        );
    }
    record(&bob, "08:30", Some("09:00")).await.expect(201);
    record(&ann, "07:00", Some("08:00")).await.expect(201);
    let open = record(&ann, "10:00", None).await.expect(201).json();
    let refused = record(&ann, "18:00", Some("19:00")).await.expect(409).json();
    assert_eq!(refused["details"]["time_entry_id"], open["id"], "an open entry lasts for ever");
    assert_eq!(entries(&api, &ann).await, 3);
}

#[tokio::test]
async fn time_is_recorded_for_members_who_are_active() {
    let (api, app) = backend().await;
    let (_, ann) = member(&api, &app, "ann").await;
    call(&app, &format!("/renos/team_members/{ann}/deactivate"), json!({})).await.expect(200);
    for member in [ann.as_str(), "nobody"] {
        let refused = call(&app, RECORD, json!({"team_member_id": member})).await.expect(422).json();
        assert_eq!(refused["details"]["field"], "team_member_id");
    }
    call(&app, &format!("/renos/team_members/{ann}/activate"), json!({})).await.expect(200);
    for (change, status, field) in [
        (json!({"start_time": at("08:00"), "end_time": at("08:00")}), 400, "end_time"),
        (json!({"start_time": "8 o'clock"}), 400, "start_time"),
        (json!({"break_duration": -1}), 400, "break_duration"),
        (json!({"location": {"lat": 91, "lng": 0}}), 400, "location.lat"),
        (json!({"booking_id": "no"}), 422, ""),
        (json!({"lead_id": "no"}), 422, ""),
    ] {
        let mut input = json!({"team_member_id": ann});
        input.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let answer = call(&app, RECORD, input).await.expect(status);
        match status {
            400 => assert_eq!(faults(&answer), [field]),
            _ => assert_eq!(answer.json()["code"], "operation.unprocessable"),
        }
    }
    assert_eq!(entries(&api, &ann).await, 0);
}

#[tokio::test]
async fn of_32_entries_at_once_that_overlap_one_is_recorded() {
    let (api, app) = backend().await;
    let (_, ann) = member(&api, &app, "ann").await;
    let statuses = at_once(32, async |n| {
        let end = (n % 2 == 0).then(|| at("20:00"));
        let mut input = json!({"team_member_id": ann, "start_time": at(&format!("08:{n:02}"))});
        if let Some(end) = end {
            input["end_time"] = json!(end);
        }
        call(&app, RECORD, input).await
    })
    .await;
    assert_eq!((statuses[0], &statuses[1..]), (201, &[409; 31][..]));
    assert_eq!(entries(&api, &ann).await, 1);
}

#[tokio::test]
async fn a_change_of_an_entry_is_held_against_the_others_too() {
    let (api, app) = backend().await;
    let (_, ann) = member(&api, &app, "ann").await;
    let customer = customer(&api).await;
    let lead = lead(&api, &customer).await;
    let record = async |start: &str, end: &str| {
        let input = json!({"team_member_id": ann, "start_time": at(start), "end_time": at(end), "notes": "n"});
        call(&app, RECORD, input).await.expect(201).json()["id"].as_str().unwrap().to_owned()
    };
    let (morning, noon) = (record("08:00", "10:00").await, record("12:00", "13:00").await);
    let path = format!("/renos/time_entries/{morning}");
    let input = json!({"start_time": at("07:00"), "break_duration": 15, "lead_id": lead, "notes": null});
    let changed = patch(&app, &path, input).await.expect(200).json();
    assert_eq!(
        [
            &changed["start_time"],
            &changed["end_time"],
            &changed["break_duration"],
            &changed["lead_id"],
            &changed["notes"]
        ],
        [
            &json!("2026-01-31T06:00:00+00:00"),
            &json!("2026-01-31T09:00:00+00:00"),
            &json!(15),
            &json!(lead),
            &Value::Null
        ]
    );
    for end in [json!(at("12:01")), json!(null)] {
        let refused = patch(&app, &path, json!({"end_time": end})).await.expect(409).json();
        assert_eq!(refused["details"]["time_entry_id"], json!(noon));
    }
    for (input, field) in [
        (json!({}), ""),
        (json!({"end_time": at("07:00")}), "end_time"),
        (json!({"start_time": at("10:00")}), "end_time"),
        (json!({"team_member_id": "x"}), "team_member_id"),
    ] {
        assert_eq!(faults(&patch(&app, &path, input).await.expect(400)), [field]);
    }
    patch(&app, &path, json!({"booking_id": "no"})).await.expect(422);
    patch(&app, "/renos/time_entries/no", json!({"notes": "x"})).await.expect(404);
    assert_eq!(row(&app, "time_entries", &morning).await, changed);
    let opened =
        patch(&app, &format!("/renos/time_entries/{noon}"), json!({"end_time": null})).await.expect(200).json();
    assert_eq!(opened["end_time"], Value::Null);
}

#[tokio::test]
async fn of_32_entries_moved_to_one_hour_one_gets_there() {
    let (api, app) = backend().await;
    let (_, ann) = member(&api, &app, "ann").await;
    api.execute(&format!(
        "insert into renos.time_entries (team_member_id, start_time, end_time)
         select '{ann}', at, at + interval '1 hour'
         from (select timestamptz '2026-01-01 08:00Z' + n * interval '1 day' as at from generate_series(1, 32) n) days"
    ))
    .await;
    let ids = app.get(&format!("/renos/time_entries?team_member_id=eq.{ann}&select=id")).await.expect(200).json();
    let statuses = at_once(32, async |n| {
        let input = json!({"start_time": "2026-03-01T08:00:00Z", "end_time": "2026-03-01T09:00:00Z"});
        patch(&app, &format!("/renos/time_entries/{}", ids[n]["id"].as_str().unwrap()), input).await
    })
    .await;
    assert_eq!((statuses[0], &statuses[1..]), (200, &[409; 31][..]));
}
