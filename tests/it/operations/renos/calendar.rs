//! Planning intelligence.

use super::*;

#[tokio::test]
async fn what_is_given_of_a_customer_is_remembered_and_the_rest_stays() {
    let (api, app) = backend().await;
    let customer = customer(&api).await;
    let path = format!("/renos/customer_intelligence/{customer}");
    let first = json!({"access_notes": " Under the mat ", "risk_score": 20,
        "preferences": {"preferredDays": ["friday"]}, "risk_factors": ["late"],
        "satisfaction_score": 4.5, "last_booking_date": "2031-01-31T09:00:00Z"});
    let made = put(&app, &path, first).await.expect(201).json();
    let of = |row: &Value, names: [&str; 4]| names.map(|name| row[name].clone());
    assert_eq!(
        of(&made, ["customer_name", "access_notes", "risk_score", "payment_history"]),
        [json!("Ann Dahl"), json!("Under the mat"), json!(20), json!("good")]
    );
    let change =
        json!({"access_notes": null, "complaints": 2, "fixed_schedule": {"dayOfWeek": 5}, "last_booking_date": null});
    let changed = put(&app, &path, change).await.expect(200).json();
    assert_eq!(
        of(&changed, ["access_notes", "complaints", "risk_score", "last_booking_date"]),
        [Value::Null, json!(2), json!(20), Value::Null]
    );
    assert_eq!(
        of(&changed, ["id", "preferences", "risk_factors", "satisfaction_score"]),
        of(&made, ["id", "preferences", "risk_factors", "satisfaction_score"])
    );
    assert_eq!(changed["fixed_schedule"], json!({"dayOfWeek": 5}));
    assert_eq!(
        put(&app, &path, json!({"fixed_schedule": null})).await.expect(200).json()["fixed_schedule"],
        Value::Null
    );
    assert_eq!(
        faults(&put(&app, &path, json!({"risk_score": 101, "praises": null})).await.expect(400)),
        ["risk_score", "praises"]
    );
    let unknown = "/renos/customer_intelligence/slug-1";
    assert_eq!(faults(&put(&app, unknown, json!({"risk_score": 1})).await.expect(400)), ["customer_name"]);

    let fields = ["total_bookings", "completed_bookings", "canceled_bookings", "outstanding_invoices"];
    let statuses = at_once(32, async |number| {
        let mut input = json!({"customer_name": "Slug"});
        input[fields[number % 4]] = json!(7);
        put(&app, unknown, input).await
    })
    .await;
    assert_eq!((statuses[0], statuses[30], statuses[31]), (200, 200, 201));
    let rows = app.get("/renos/customer_intelligence?customer_id=eq.slug-1").await.json();
    assert_eq!(of(&rows[0], fields), [7; 4].map(|seven| json!(seven)), "none undoes another's");
}

#[tokio::test]
async fn customers_are_found_by_a_part_of_their_name_in_any_case() {
    let (api, app) = backend().await;
    api.execute("delete from renos.customer_intelligence").await;
    for name in ["Ann Dahl", "Bo DAHLGREN", "100 % Rent", "1000 Rent"] {
        let path = format!("/renos/customer_intelligence/{}", name.replace([' ', '%'], "-"));
        put(&app, &path, json!({"customer_name": name})).await.expect(201);
    }
    let names = async |query: &str| -> Vec<String> {
        let rows = read(&app, &format!("/renos/customer_intelligence/search?{query}")).await.expect(200).json();
        rows.as_array().unwrap().iter().map(|row| row["customer_name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names("name=dahl").await, ["Ann Dahl", "Bo DAHLGREN"]);
    assert_eq!(names("name=dahl&limit=1&offset=1").await, ["Bo DAHLGREN"]);
    assert_eq!(names("name=0%20%25").await, ["100 % Rent"]);
    assert_eq!(names("name=_").await, Vec::<String>::new());
    read(&app, "/renos/customer_intelligence/search").await.expect(400);
}

const LOG: &str = "/renos/overtime_logs/cal-1";

fn overtime() -> Value {
    json!({"customer_id": "c", "customer_name": " Ann ", "estimated_hours": 3, "actual_hours": 3.5,
        "start_time": "2031-01-31T08:00:00Z"})
}

#[tokio::test]
async fn a_job_over_its_time_has_one_log() {
    let (api, app) = backend().await;
    let missing = put(&app, LOG, json!({"customer_id": "c"})).await.expect(400);
    assert_eq!(faults(&missing), ["customer_name", "estimated_hours", "start_time"]);
    let made = put(&app, LOG, overtime()).await.expect(201).json();
    let of = |row: &Value| [row["customer_name"].clone(), row["actual_hours"].clone(), row["overtime_hours"].clone()];
    assert_eq!(of(&made), [json!("Ann"), json!(3.5), json!(0.5)]);
    let changed = put(&app, LOG, json!({"actual_hours": 4.25, "customer_response": "Fine"})).await.expect(200).json();
    assert_eq!(of(&changed), [json!("Ann"), json!(4.25), json!(1.25)], "counted anew");
    let corrected = put(&app, LOG, json!({"overtime_hours": 2, "customer_response": null})).await.expect(200).json();
    assert_eq!(
        (of(&corrected), &corrected["customer_response"]),
        ([json!("Ann"), json!(4.25), json!(2.0)], &Value::Null)
    );
    assert_eq!((&corrected["id"], &corrected["start_time"]), (&made["id"], &made["start_time"]));
    assert_eq!(faults(&put(&app, LOG, json!({"estimated_hours": null})).await.expect(400)), ["estimated_hours"]);
    let statuses = at_once(32, async |_| put(&app, "/renos/overtime_logs/cal-2", overtime()).await).await;
    assert_eq!((statuses[0], statuses[30], statuses[31]), (200, 200, 201), "{statuses:?}");
    let logs: i64 = api.query("select count(*) from renos.overtime_logs where booking_id like 'cal-_'").await;
    assert_eq!(logs, 2);
}

#[tokio::test]
async fn talks_are_all_kept_and_the_alert_goes_out_once() {
    let (_api, app) = backend().await;
    put(&app, LOG, overtime()).await.expect(201);
    let talk = format!("{LOG}/communication");
    let said = |text: String| json!({"type": "call", "direction": "outgoing", "content": text, "outcome": "agreed"});
    let statuses = at_once(32, async |number| call(&app, &talk, said(format!(" {number} "))).await).await;
    assert_eq!(statuses, [200; 32]);
    let log = app.get("/renos/overtime_logs?booking_id=eq.cal-1").await.json()[0]["communication_log"].clone();
    let mut texts: Vec<u32> =
        log.as_array().unwrap().iter().map(|entry| entry["content"].as_str().unwrap().parse().unwrap()).collect();
    texts.sort_unstable();
    assert_eq!(texts, (0..32).collect::<Vec<_>>());
    assert_eq!(
        (&log[0]["type"], &log[0]["direction"], &log[0]["outcome"]),
        (&json!("call"), &json!("outgoing"), &json!("agreed"))
    );
    assert!(log[0]["timestamp"].is_string());
    call(&app, &talk, json!({"type": "pigeon", "direction": "outgoing", "content": "x"})).await.expect(400);
    call(&app, "/renos/overtime_logs/none/communication", said("x".to_owned())).await.expect(404);

    let alert = format!("{LOG}/alert");
    let early = call(&app, &alert, json!({"method": "sms"})).await.expect(422).json();
    assert_eq!(early["details"]["overtime_hours"], 0.5);
    put(&app, LOG, json!({"actual_hours": 4})).await.expect(200);
    let answers = futures_util::future::join_all((0..32).map(|_| call(&app, &alert, json!({"method": "sms"})))).await;
    let sent = answers.into_iter().filter(|answer| answer.json()["already_sent"] == false).count();
    assert_eq!(sent, 1);
    let again = call(&app, &alert, json!({"method": "voice"})).await.expect(200).json();
    assert_eq!((&again["already_sent"], &again["alert_method"]), (&json!(true), &json!("sms")));
    call(&app, "/renos/overtime_logs/none/alert", json!({"method": "sms"})).await.expect(404);
    put(&app, "/renos/overtime_logs/cal-2", overtime()).await.expect(201);
    let forced = call(&app, "/renos/overtime_logs/cal-2/alert", json!({"method": "email", "force": true}))
        .await
        .expect(200)
        .json();
    assert_eq!((&forced["already_sent"], &forced["alert_method"]), (&json!(false), &json!("email")));
}

#[tokio::test]
async fn a_habit_that_is_seen_again_is_counted() {
    let (api, app) = backend().await;
    let path = "/renos/learned_patterns/observe";
    let seen = |time: &str, confidence: f64| {
        json!({"pattern_type": "customer_schedule", "entity_id": "cal",
            "pattern_data": {"time": time, "day": 5}, "confidence": confidence})
    };
    let statuses = at_once(32, async |_| call(&app, path, seen("09:00", 50.0)).await).await;
    assert_eq!((statuses[0], statuses[30], statuses[31]), (200, 200, 201));
    let again = call(&app, path, seen("09:00", 80.5)).await.expect(200).json();
    assert_eq!((&again["occurrences"], &again["confidence"]), (&json!(33), &json!(80.5)));
    let other = call(&app, path, seen("10:00", 10.0)).await.expect(201).json();
    assert_eq!(other["occurrences"], 1);
    api.execute(
        "insert into renos.learned_patterns (id, pattern_type, entity_id, pattern_data, confidence, last_observed)
        values ('newer', 'customer_schedule', 'cal', '{\"day\": 5, \"time\": \"09:00\"}', 1,
            now() + interval '1 hour')",
    )
    .await;
    assert_eq!(call(&app, path, seen("09:00", 60.0)).await.expect(200).json()["id"], "newer", "the newest of several");
    assert_eq!(faults(&call(&app, path, seen("09:00", 101.0)).await.expect(400)), ["confidence"]);
    let rows: i64 = api.query("select count(*) from renos.learned_patterns where entity_id = 'cal'").await;
    assert_eq!(rows, 3);
}

const RECORD: &str = "/renos/undo_actions/record";

fn action(id: &str, customer: &str, before: Value, after: Value) -> Value {
    json!({"id": id, "type": "customer_updated", "entity_type": "customer", "entity_id": customer,
        "before": before, "after": after, "performed_by": "ann"})
}

fn undo(id: &str) -> String {
    format!("/renos/undo_actions/{id}/undo")
}

#[tokio::test]
async fn an_action_is_taken_back_once_within_five_minutes() {
    let (api, app) = backend().await;
    let customer = customer(&api).await;
    let made = call(&app, RECORD, action("k1", &customer, json!({"phone": "1"}), json!({}))).await.expect(201).json();
    let lasts: bool = api
        .query("select expires_at - performed_at = interval '5 minutes' from renos.undo_actions where id = 'k1'")
        .await;
    assert!(lasts);
    assert_eq!(made["undone_at"], Value::Null);
    call(&app, RECORD, action("k1", &customer, json!({}), json!({}))).await.expect(409);
    let statuses = at_once(32, async |_| call(&app, &undo("k1"), json!({"undone_by": "bo"})).await).await;
    assert_eq!((statuses[0], statuses[1]), (200, 409));
    let again = row(&app, "undo_actions", "k1").await;
    assert_eq!((&again["undone_by"], &again["before"]), (&json!("bo"), &json!({"phone": "1"})));
    assert_eq!(row(&app, "customers", &customer).await["phone"], Value::Null, "the caller restores it");
    refused_in(call(&app, &undo("k1"), json!({"undone_by": "cy"})).await, &json!("undone"), &json!(["open"]));
    call(&app, &undo("none"), json!({"undone_by": "cy"})).await.expect(404);

    let mut unnamed = action("", &customer, json!({}), json!({}));
    unnamed.as_object_mut().unwrap().remove("id");
    let id = call(&app, RECORD, unnamed).await.expect(201).json()["id"].as_str().unwrap().to_owned();
    api.execute(&format!("update renos.undo_actions set expires_at = now() where id = '{id}'")).await;
    refused_in(call(&app, &undo(&id), json!({"undone_by": "cy"})).await, &json!("expired"), &json!(["open"]));
    api.execute(&format!("delete from renos.undo_actions where id not in ('k1', '{id}')")).await;
    let clear = "/renos/undo_actions/clear_expired";
    assert_eq!(call(&app, clear, json!({})).await.expect(200).json(), json!({"deleted": 0, "more": false}));
    api.execute(&format!("update renos.undo_actions set expires_at = now() - interval '25 hours' where id = '{id}'"))
        .await;
    assert_eq!(call(&app, clear, json!({})).await.expect(200).json(), json!({"deleted": 1, "more": false}));
}

#[tokio::test]
async fn a_row_that_nobody_changed_since_is_restored() {
    let (api, app) = backend().await;
    let customer = customer(&api).await;
    let before = json!({"phone": "+4511111111", "tags": ["vip"], "total_revenue": 99, "id": "other"});
    let after = json!({"phone": null, "email": "ann@dahl.dk", "tags": [], "updated_at": "2001-01-01T00:00:00Z"});
    call(&app, RECORD, action("k1", &customer, before.clone(), after.clone())).await.expect(201);
    let statuses =
        at_once(32, async |_| call(&app, &undo("k1"), json!({"undone_by": "bo", "apply": true})).await).await;
    assert_eq!((statuses[0], statuses[1]), (200, 409));
    let restored = row(&app, "customers", &customer).await;
    assert_eq!(
        (&restored["phone"], &restored["tags"], &restored["email"]),
        (&before["phone"], &before["tags"], &json!("ann@dahl.dk"))
    );
    assert_eq!(restored["total_revenue"], 0.0, "what a caller may not change stays");

    call(&app, RECORD, action("k2", &customer, before, after)).await.expect(201);
    let apply = json!({"undone_by": "bo", "apply": true});
    let changed = call(&app, &undo("k2"), apply.clone()).await.expect(409).json();
    assert_eq!((&changed["code"], &changed["details"]["entity_id"]), (&json!("operation.conflict"), &json!(customer)));
    assert_eq!(row(&app, "undo_actions", "k2").await["undone_at"], Value::Null, "it can still be taken back");
    assert_eq!(row(&app, "customers", &customer).await, restored);

    let mut created = action("k3", "none", json!({}), json!({}));
    created["type"] = json!("booking_created");
    created["entity_type"] = json!("booking");
    call(&app, RECORD, created).await.expect(201);
    call(&app, &undo("k3"), apply.clone()).await.expect(422);
    assert_eq!(call(&app, &undo("k3"), json!({"undone_by": "bo"})).await.expect(200).json()["applied"], false);

    let booking: String = api
        .query(&format!(
            "insert into renos.bookings (customer_id, notes, scheduled_at)
             values ('{customer}', 'new', '2031-02-01 09:00Z') returning id"
        ))
        .await;
    let mut moved = action(
        "k4",
        &booking,
        json!({"notes": "old", "scheduled_at": "2031-01-31T09:00:00Z", "status": "completed"}),
        json!({"notes": "new", "scheduled_at": "2031-02-01T09:00:00+00:00"}),
    );
    moved["entity_type"] = json!("booking");
    call(&app, RECORD, moved).await.expect(201);
    assert_eq!(call(&app, &undo("k4"), apply.clone()).await.expect(200).json()["applied"], true);
    let booking = row(&app, "bookings", &booking).await;
    assert_eq!(
        [&booking["notes"], &booking["scheduled_at"], &booking["status"]],
        [&json!("old"), &json!("2031-01-31T09:00:00+00:00"), &json!("scheduled")]
    );

    let invoice: String = api
        .query(&format!(
            "insert into renos.invoices
                (invoice_number, customer_id, customer_name, due_date, subtotal, vat_amount, total, notes)
            values ('U-1', '{customer}', 'Ann', now(), 100, 25, 125, 'new') returning id"
        ))
        .await;
    let mut noted = action("k5", &invoice, json!({"notes": "old", "total": 1}), json!({"notes": "new", "total": 125}));
    noted["entity_type"] = json!("invoice");
    call(&app, RECORD, noted).await.expect(201);
    assert_eq!(call(&app, &undo("k5"), apply).await.expect(200).json()["applied"], true);
    let invoice = row(&app, "invoices", &invoice).await;
    assert_eq!((&invoice["notes"], &invoice["total"]), (&json!("old"), &json!(125.0)));
}
