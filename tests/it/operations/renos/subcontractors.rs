//! Jobs that are handed to subcontractors, reviews and papers.

use super::*;

const ALFA: &str = "aaaaaaaa-0000-4000-8000-000000000001";
const BETA: &str = "aaaaaaaa-0000-4000-8000-000000000002";
const GAMMA: &str = "aaaaaaaa-0000-4000-8000-000000000003";

/// Three subcontractors and no other; a Friday's booking of two hours from nine, in Copenhagen.
async fn three() -> (Api, Person, String) {
    let (api, app) = backend().await;
    api.execute(&format!(
        "delete from renos.subcontractors;
        insert into renos.subcontractors (id, company_name, contact_name, email, phone, rating) values
            ('{ALFA}', 'Alfa', 'A', 'a@sub.dk', '1', 3), ('{BETA}', 'Beta', 'B', 'b@sub.dk', '2', 4),
            ('{GAMMA}', 'Gamma', 'C', 'c@sub.dk', '3', 4)"
    ))
    .await;
    let booking = booking(&api).await;
    (api, app, booking)
}

async fn booking(api: &Api) -> String {
    api.query(
        "insert into renos.bookings (customer_id, service_type, scheduled_at, estimated_duration)
        values ((select id from renos.customers limit 1), 'Vinduer', '2031-01-31 08:00+00', 120) returning id",
    )
    .await
}

const ASSIGN: &str = "/renos/task_assignments/assign";

/// Whom a booking of now goes to, and back it is.
async fn best(api: &Api, app: &Person, booking: &str) -> Value {
    let made = call(app, ASSIGN, json!({"booking_id": booking, "smart": true})).await;
    api.execute(&format!("delete from renos.task_assignments where booking_id = '{booking}'")).await;
    match made.status.as_u16() {
        201 => made.json()["subcontractor_id"].clone(),
        422 => Value::Null,
        _ => panic!("{}", made.text()),
    }
}

#[tokio::test]
async fn a_booking_is_in_one_pair_of_hands() {
    let (api, app, booking) = three().await;
    let to = |subcontractor: &str| json!({"booking_id": booking, "subcontractor_id": subcontractor, "notes": " key "});
    let statuses =
        at_once(32, async |number| call(&app, ASSIGN, to(if number % 2 == 0 { ALFA } else { BETA })).await).await;
    assert_eq!((statuses[0], statuses[1]), (201, 409), "{statuses:?}");
    let rows = app.get(&format!("/renos/task_assignments?booking_id=eq.{booking}")).await.json();
    assert_eq!(
        (rows.as_array().unwrap().len(), &rows[0]["status"], &rows[0]["notes"]),
        (1, &json!("assigned"), &json!("key"))
    );
    let taken = call(&app, ASSIGN, to(GAMMA)).await.expect(409).json();
    assert_eq!(taken["details"]["task_assignment_id"], rows[0]["id"]);
    app.post("/renos/task_assignments", json!({"booking_id": booking})).await.expect(409);

    api.execute("update renos.task_assignments set status = 'rejected'").await;
    let again = call(&app, ASSIGN, to(BETA)).await.expect(201).json();
    assert_eq!(again["subcontractor_id"], BETA);

    let other = self::booking(&api).await;
    let refused = async |input: Value, status: u16| call(&app, ASSIGN, input).await.expect(status).json();
    let field = |problem: Value| problem["details"]["field"].clone();
    assert_eq!(field(refused(json!({"booking_id": "none", "smart": true}), 422).await), "booking_id");
    let nobody = "bbbbbbbb-0000-4000-8000-000000000001";
    assert_eq!(field(refused(json!({"booking_id": other, "subcontractor_id": nobody}), 422).await), "subcontractor_id");
    refused(json!({"booking_id": other, "subcontractor_id": ALFA, "assigned_by": "nobody"}), 422).await;
    refused(json!({"booking_id": other}), 400).await;
    refused(json!({"booking_id": other, "subcontractor_id": ALFA, "smart": true}), 400).await;
    api.execute(&format!("update renos.subcontractors set status = 'suspended' where id = '{ALFA}'")).await;
    assert_eq!(field(refused(json!({"booking_id": other, "subcontractor_id": ALFA}), 422).await), "subcontractor_id");
    api.execute(&format!("update renos.bookings set status = 'cancelled' where id = '{other}'")).await;
    let over = refused(json!({"booking_id": other, "subcontractor_id": BETA}), 409).await;
    assert_eq!((&over["code"], &over["details"]["current"]), (&json!("operation.invalid_state"), &json!("cancelled")));
    assert_eq!(app.get(&format!("/renos/task_assignments?booking_id=eq.{other}")).await.json(), json!([]));
}

#[tokio::test]
async fn the_best_is_free_performs_the_service_and_is_well_rated() {
    let (api, app, booking) = three().await;
    api.execute("delete from renos.services where name = 'Vinduer'").await;
    assert_eq!(best(&api, &app, &booking).await, BETA, "the rating, then the name");
    // Ten reviews are worth four points, as half a star is.
    api.execute(&format!(
        "insert into renos.task_assignments (id, subcontractor_id, status)
            select gen_random_uuid(), '{GAMMA}', 'completed' from generate_series(1, 10);
        insert into renos.subcontractor_reviews (task_assignment_id, subcontractor_id, rating)
            select id, '{GAMMA}', 4 from renos.task_assignments where subcontractor_id = '{GAMMA}'"
    ))
    .await;
    assert_eq!(best(&api, &app, &booking).await, GAMMA, "as well rated, by more");
    api.execute(&format!("update renos.subcontractors set rating = 4.6 where id = '{BETA}'")).await;
    assert_eq!(best(&api, &app, &booking).await, BETA, "better rated by more than the reviews are worth");

    api.execute(&format!(
        "insert into renos.services (id, name) values ('windows', 'vinduer');
        insert into renos.subcontractor_services (subcontractor_id, service_id)
            values ('{ALFA}', 'windows'), ('{GAMMA}', 'windows')"
    ))
    .await;
    assert_eq!(best(&api, &app, &booking).await, GAMMA, "Beta does no windows");
    let says = async |who: &str, entry: &str| {
        api.execute(&format!(
            "delete from renos.subcontractor_availability where subcontractor_id = '{who}';
            insert into renos.subcontractor_availability
                (subcontractor_id, date, start_time, end_time, is_available, recurring, recurring_pattern)
            values {}",
            entry.replace("who", &format!("'{who}'"))
        ))
        .await;
        best(&api, &app, &booking).await
    };
    assert_eq!(says(GAMMA, "(who, '2031-01-31', null, null, false, false, null)").await, ALFA, "blocked all day");
    assert_eq!(
        says(GAMMA, "(who, '2031-01-31', '10:30', '12:00', false, false, null)").await,
        ALFA,
        "blocked at the end"
    );
    assert_eq!(
        says(GAMMA, "(who, '2031-01-31', '09:00', '10:00', true, false, null)").await,
        ALFA,
        "free for half of it"
    );
    assert_eq!(
        says(GAMMA, "(who, '2031-01-31', '08:00', '11:00', true, false, null)").await,
        GAMMA,
        "free for all of it"
    );
    let both = "(who, '2031-01-31', '08:00', '11:00', true, false, null),
        (who, '2031-01-31', '11:00', null, false, false, null)";
    assert_eq!(says(GAMMA, both).await, GAMMA, "blocked afterwards");
    assert_eq!(says(GAMMA, "(who, '2031-01-30', null, null, false, false, null)").await, GAMMA, "another day");
    assert_eq!(says(GAMMA, "(who, '2031-01-24', null, null, false, true, 'weekly')").await, ALFA, "every Friday");
    assert_eq!(says(GAMMA, "(who, '2031-01-24', null, null, false, true, 'biweekly')").await, GAMMA, "every other one");
    assert_eq!(
        says(GAMMA, "(who, '2030-12-31', null, null, false, true, 'monthly')").await,
        ALFA,
        "that day of the month"
    );
    assert_eq!(says(ALFA, "(who, '2031-01-31', null, null, false, false, null)").await, Value::Null, "nobody is left");
}

#[tokio::test]
async fn an_assignment_goes_the_ways_that_there_are() {
    let (api, app, booking) = three().await;
    let made = call(&app, ASSIGN, json!({"booking_id": booking, "subcontractor_id": ALFA})).await.expect(201).json();
    let id = made["id"].as_str().unwrap();
    let path = format!("/renos/task_assignments/{id}/status");
    let to = |status: &str| json!({"status": status});
    refused_in(call(&app, &path, to("in_progress")).await, &json!("assigned"), &json!(["accepted"]));
    refused_in(call(&app, &path, to("completed")).await, &json!("assigned"), &json!(["accepted", "in_progress"]));
    call(&app, &path, to("assigned")).await.expect(400);
    call(&app, &path, json!({"status": "accepted", "subcontractor_id": BETA})).await.expect(404);
    let own = json!({"status": "accepted", "subcontractor_id": ALFA, "notes": " n "});
    let statuses = at_once(32, async |_| call(&app, &path, own.clone()).await).await;
    assert_eq!((statuses[0], statuses[1]), (200, 409));
    let accepted = row(&app, "task_assignments", id).await;
    assert_eq!(
        (&accepted["status"], &accepted["notes"], &accepted["started_at"]),
        (&json!("accepted"), &json!("n"), &Value::Null)
    );
    let working = call(&app, &path, to("in_progress")).await.expect(200).json();
    assert!(working["started_at"].is_string() && working["completed_at"].is_null());
    let done = call(&app, &path, json!({"status": "completed", "actual_hours": 3.256})).await.expect(200).json();
    assert_eq!(
        (&done["actual_hours"], &done["started_at"], &done["notes"]),
        (&json!(3.26), &working["started_at"], &json!("n"))
    );
    assert!(done["completed_at"].is_string());
    let all = json!(["assigned", "accepted", "in_progress"]);
    refused_in(call(&app, &path, to("cancelled")).await, &json!("completed"), &all);
    call(&app, &format!("/renos/task_assignments/{GAMMA}/status"), to("accepted")).await.expect(404);

    let state = async |from: &str, to: &str| {
        api.execute(&format!(
            "update renos.task_assignments set status = '{from}', started_at = null where id = '{id}'"
        ))
        .await;
        call(&app, &path, json!({"status": to})).await
    };
    for (from, to) in
        [("assigned", "rejected"), ("assigned", "cancelled"), ("accepted", "cancelled"), ("in_progress", "cancelled")]
    {
        assert_eq!(state(from, to).await.expect(200).json()["started_at"], Value::Null, "{from} {to}");
    }
    assert!(state("accepted", "completed").await.expect(200).json()["started_at"].is_string(), "it began, then");
    for (from, to) in [("rejected", "accepted"), ("cancelled", "in_progress"), ("accepted", "rejected")] {
        state(from, to).await.expect(409);
    }
}

/// An assignment that Alfa has completed.
async fn completed(api: &Api) -> String {
    api.query(&format!(
        "insert into renos.task_assignments (subcontractor_id, status) values ('{ALFA}', 'completed')
        returning id::text"
    ))
    .await
}

#[tokio::test]
async fn a_rating_is_the_mean_of_the_reviews_whoever_changes_them() {
    let (api, app, _) = three().await;
    let path = "/renos/subcontractor_reviews/submit";
    let rating = async |who: &str| row(&app, "subcontractors", who).await["rating"].clone();
    let assignment = completed(&api).await;
    let input = json!({"task_assignment_id": assignment, "rating": 5, "timeliness_score": 4, "would_recommend": true,
        "comments": " Thorough work ", "photos": ["https://x.dk/1.jpg"]});
    let made = call(&app, path, input.clone()).await.expect(201).json();
    assert_eq!(
        (&made["subcontractor_id"], &made["comments"], &made["photos"]),
        (&json!(ALFA), &json!("Thorough work"), &input["photos"])
    );
    assert_eq!(rating(ALFA).await, 5.0);
    let again = call(&app, path, input.clone()).await.expect(409).json();
    assert_eq!(again["details"]["review_id"], made["id"]);
    for (field, value) in
        [("rating", json!(0)), ("rating", json!(6)), ("comments", json!("short")), ("quality_score", json!(9))]
    {
        let mut bad = input.clone();
        bad[field] = value;
        assert_eq!(faults(&call(&app, path, bad).await.expect(400)), [field]);
    }
    let open: String = api
        .query(&format!("insert into renos.task_assignments (subcontractor_id) values ('{ALFA}') returning id::text"))
        .await;
    refused_in(
        call(&app, path, json!({"task_assignment_id": open, "rating": 1})).await,
        &json!("assigned"),
        &json!(["completed"]),
    );
    call(&app, path, json!({"task_assignment_id": GAMMA, "rating": 1})).await.expect(422);
    assert_eq!(rating(ALFA).await, 5.0);

    let second = json!({"task_assignment_id": completed(&api).await, "rating": 2});
    let statuses = at_once(32, async |_| call(&app, path, second.clone()).await).await;
    assert_eq!((statuses[0], statuses[1]), (201, 409));
    assert_eq!(rating(ALFA).await, 3.5);
    let third =
        call(&app, path, json!({"task_assignment_id": completed(&api).await, "rating": 3})).await.expect(201).json();
    assert_eq!(rating(ALFA).await, 3.33);

    let of = |review: &Value| format!("/renos/subcontractor_reviews?id=eq.{}", review["id"].as_str().unwrap());
    app.patch(&of(&third), json!({"rating": 5})).await.expect(200);
    assert_eq!(rating(ALFA).await, 4.0);
    app.patch(&of(&third), json!({"subcontractor_id": GAMMA})).await.expect(200);
    assert_eq!([rating(ALFA).await, rating(GAMMA).await], [3.5, 5.0]);
    app.delete(&of(&made)).await.expect(200);
    assert_eq!(rating(ALFA).await, 2.0);
    app.delete(&of(&third)).await.expect(200);
    assert_eq!(rating(GAMMA).await, 0.0, "none is left");
    app.patch(&format!("/renos/subcontractors?id=eq.{ALFA}"), json!({"rating": 5})).await.expect(403);
}

#[tokio::test]
async fn reviews_at_once_are_all_in_the_rating() {
    let (api, app, _) = three().await;
    let mut assignments = Vec::new();
    for _ in 0..32 {
        assignments.push(completed(&api).await);
    }
    let statuses = at_once(32, async |number| {
        let input = json!({"task_assignment_id": assignments[number], "rating": number % 5 + 1});
        call(&app, "/renos/subcontractor_reviews/submit", input).await
    })
    .await;
    assert_eq!(statuses, [201; 32]);
    let wrong: i64 = api
        .query(
            "select count(*) from renos.subcontractors s
            where rating <> (
                select round(avg(r.rating), 2) from renos.subcontractor_reviews r where r.subcontractor_id = s.id)",
        )
        .await;
    assert_eq!((wrong, row(&app, "subcontractors", ALFA).await["rating"].clone()), (0, json!(2.91)));
}

#[tokio::test]
async fn papers_expire_after_their_last_day_and_are_announced_before() {
    let (api, app, _) = three().await;
    let day = "(now() at time zone 'Europe/Copenhagen')::date";
    api.execute(&format!(
        "insert into renos.subcontractor_documents
            (subcontractor_id, document_type, document_name, storage_url, expiration_date, status)
        values
            ('{ALFA}', 'insurance', 'past', 'x', {day} - 1, 'valid'),
            ('{ALFA}', 'license', 'today', 'x', {day}, 'valid'),
            ('{BETA}', 'license', 'month', 'x', {day} + 30, 'valid'),
            ('{BETA}', 'license', 'later', 'x', {day} + 31, 'valid'),
            ('{BETA}', 'other', 'never', 'x', null, 'valid'),
            ('{BETA}', 'other', 'rejected', 'x', {day} - 1, 'rejected');
        insert into renos.subcontractor_agreements
            (subcontractor_id, agreement_type, terms, expiration_date, status)
        values
            ('{ALFA}', 'frame', 'x', {day} - 1, 'active'), ('{ALFA}', 'frame', 'x', {day}, 'active'),
            ('{ALFA}', 'frame', 'x', {day} - 1, 'pending')"
    ))
    .await;
    let soon = async |query: &str| {
        let rows = read(&app, &format!("/renos/subcontractor_documents/expiring{query}")).await.expect(200).json();
        let of = |row: &Value| [row["document_name"].clone(), row["days_left"].clone(), row["email"].clone()];
        rows.as_array().unwrap().iter().map(of).collect::<Vec<_>>()
    };
    let today = [json!("today"), json!(0), json!("a@sub.dk")];
    let month = [json!("month"), json!(30), json!("b@sub.dk")];
    assert_eq!(soon("").await, [today.clone(), month.clone()]);
    assert_eq!(soon("?days=29").await, [today]);
    assert_eq!(soon("?limit=1&offset=1").await, [month]);

    let path = "/renos/subcontractor_documents/expire";
    let answers = futures_util::future::join_all((0..32).map(|_| call(&app, path, json!({})))).await;
    let sum = |name: &str| -> i64 { answers.iter().map(|answer| answer.json()[name].as_i64().unwrap()).sum() };
    assert_eq!([sum("documents"), sum("agreements")], [1, 1]);
    let expired: String = api
        .query("select string_agg(document_name, ',') from renos.subcontractor_documents where status = 'expired'")
        .await;
    assert_eq!(expired, "past");
}

#[tokio::test]
async fn the_list_has_figures_and_who_is_taken_off_it_stays() {
    let (api, app, booking) = three().await;
    api.execute(&format!(
        "insert into renos.subcontractor_services (subcontractor_id, service_id)
            select '{ALFA}', id from renos.services limit 2"
    ))
    .await;
    let assignment = completed(&api).await;
    call(&app, ASSIGN, json!({"booking_id": booking, "subcontractor_id": ALFA})).await.expect(201);
    let summary = async |query: &str| {
        let rows = read(&app, &format!("/renos/subcontractors/summary{query}")).await.expect(200).json();
        let of = |row: &Value| {
            json!([row["company_name"], row["services"], row["assignments"], row["completed_assignments"]])
        };
        rows.as_array().unwrap().iter().map(of).collect::<Value>()
    };
    let alfa = json!(["Alfa", 2, 2, 1]);
    assert_eq!(summary("").await, json!([["Beta", 0, 0, 0], ["Gamma", 0, 0, 0], alfa]));
    assert_eq!(summary("?limit=1&offset=2").await, json!([alfa]));
    let path = format!("/renos/subcontractors/{ALFA}");
    delete(&app, &path).await.expect(204);
    delete(&app, &path).await.expect(204);
    assert_eq!(row(&app, "subcontractors", ALFA).await["status"], "inactive");
    assert_eq!(row(&app, "task_assignments", &assignment).await["subcontractor_id"], ALFA);
    assert_eq!(summary("").await, json!([["Beta", 0, 0, 0], ["Gamma", 0, 0, 0]]));
    delete(&app, "/renos/subcontractors/bbbbbbbb-0000-4000-8000-000000000001").await.expect(404);
    delete(&app, "/renos/subcontractors/x").await.expect(400);
}
