//! Work on a booking and its pauses.

use super::*;

/// A booking that work can start on.
async fn booking(api: &Api, customer: &str) -> String {
    let lead = lead(api, customer).await;
    api.query(&format!("insert into renos.bookings (lead_id, status) values ('{lead}', 'scheduled') returning id"))
        .await
}

/// A booking that has been worked on for that many minutes.
async fn running(api: &Api, customer: &str, minutes: u32) -> String {
    let booking = booking(api, customer).await;
    api.execute(&format!(
        "update renos.bookings set status = 'in_progress', timer_status = 'running',
         actual_start_time = now() - interval '{minutes} minutes' where id = '{booking}'"
    ))
    .await;
    booking
}

/// Moves the start of the open pause.
async fn begin_earlier(api: &Api, booking: &str, minutes: u32) {
    api.execute(&format!(
        "update renos.breaks set start_time = start_time - interval '{minutes} minutes'
         where booking_id = '{booking}' and end_time is null"
    ))
    .await;
}

#[tokio::test]
async fn a_timer_starts_once_whoever_starts_it() {
    let (api, app) = backend().await;
    let path = format!("/renos/bookings/{}/start_timer", booking(&api, &customer(&api).await).await);
    let statuses = at_once(32, async |_| call(&app, &path, json!({})).await).await;
    assert_eq!((statuses[0], statuses[1]), (200, 409), "{statuses:?}");
    let again = call(&app, &path, json!({})).await.expect(409).json();
    assert_eq!(again["code"], "operation.invalid_state");
    assert_eq!(again["details"]["current"], json!({"timer_status": "running", "status": "in_progress"}));
    assert_eq!(again["details"]["allowed"]["timer_status"], json!(["not_started"]));
    call(&app, "/renos/bookings/nobody/start_timer", json!({})).await.expect(404);
}

#[tokio::test]
async fn worked_minutes_are_those_without_the_pauses_the_open_one_too() {
    let (api, app) = backend().await;
    let customer = customer(&api).await;
    let booking = running(&api, &customer, 100).await;
    let breaks = format!("/renos/bookings/{booking}/breaks");
    let pause = call(&app, &breaks, json!({"reason": " lunch ", "notes": "n"})).await.expect(201).json();
    assert_eq!((&pause["reason"], &pause["notes"], &pause["end_time"]), (&json!("lunch"), &json!("n"), &Value::Null));
    begin_earlier(&api, &booking, 30).await;
    let end = format!("/renos/breaks/{}/end", pause["id"].as_str().unwrap());
    let ended = call(&app, &end, json!({})).await.expect(200).json();
    assert_eq!(ended["duration"], 30);
    assert_eq!(row(&app, "bookings", &booking).await["timer_status"], "running");

    assert_eq!(call(&app, &breaks, json!({"reason": " "})).await.expect(201).json()["reason"], "other");
    begin_earlier(&api, &booking, 5).await;
    let stop = format!("/renos/bookings/{booking}/stop_timer");
    let stopped = call(&app, &stop, json!({"time_notes": " slow "})).await.expect(200).json();
    let of = |name: &str| stopped[name].clone();
    assert_eq!(
        [of("timer_status"), of("status"), of("actual_duration"), of("time_variance"), of("time_notes")],
        [json!("completed"), json!("completed"), json!(65), json!(-55), json!("slow")]
    );
    assert!((of("efficiency_score").as_f64().unwrap() - 120.0 / 65.0).abs() < 1e-9);
    let open = app.get(&format!("/renos/breaks?booking_id=eq.{booking}&end_time=is.null")).await.json();
    assert_eq!(open, json!([]), "an open pause ends with the work");
    assert_eq!(figures(&app, &customer).await, json!([1, 1, 0.0]), "counted through the lead");

    refused_in(call(&app, &stop, json!({})).await, &json!("completed"), &json!(["running", "paused"]));
    refused_in(call(&app, &breaks, json!({})).await, &json!("completed"), &json!(["running"]));
    assert_eq!(row(&app, "bookings", &booking).await, stopped);
    let again = call(&app, &end, json!({})).await.expect(409).json();
    assert_eq!(again["details"], json!({"current": {"end_time": ended["end_time"]}, "allowed": {"end_time": null}}));
    assert_eq!(row(&app, "breaks", ended["id"].as_str().unwrap()).await, ended);
}

#[tokio::test]
async fn the_timer_of_a_cancelled_booking_does_not_complete_it() {
    let (api, app) = backend().await;
    let booking = running(&api, &customer(&api).await, 10).await;
    api.execute(&format!("update renos.bookings set status = 'cancelled' where id = '{booking}'")).await;
    let before = row(&app, "bookings", &booking).await;
    let refused = call(&app, &format!("/renos/bookings/{booking}/stop_timer"), json!({})).await.expect(409).json();
    assert_eq!(refused["code"], "operation.invalid_state");
    assert_eq!(refused["details"]["current"], json!({"timer_status": "running", "status": "cancelled"}));
    assert_eq!(row(&app, "bookings", &booking).await, before);
}

#[tokio::test]
async fn work_of_no_minutes_has_no_efficiency() {
    let (api, app) = backend().await;
    let customer = customer(&api).await;
    let booking = running(&api, &customer, 0).await;
    let stopped = call(&app, &format!("/renos/bookings/{booking}/stop_timer"), json!({})).await.expect(200).json();
    assert_eq!((&stopped["actual_duration"], &stopped["efficiency_score"]), (&json!(0), &Value::Null));
}

#[tokio::test]
async fn steps_of_nothing_are_not_found_and_faults_are_named() {
    let (_api, app) = backend().await;
    for path in ["bookings/no/stop_timer", "bookings/no/breaks", "breaks/no/end"] {
        call(&app, &format!("/renos/{path}"), json!({})).await.expect(404);
    }
    let long = "x".repeat(10_001);
    for (path, input, field) in [
        ("bookings/no/stop_timer", json!({"time_notes": long}), "time_notes"),
        ("bookings/no/breaks", json!({"reason": 1}), "reason"),
        ("breaks/no/end", json!({"when": 1}), "when"),
    ] {
        assert_eq!(faults(&call(&app, &format!("/renos/{path}"), input).await.expect(400)), [field]);
    }
}

#[tokio::test]
async fn of_32_who_pause_end_or_stop_one_does() {
    let (api, app) = backend().await;
    let customer = customer(&api).await;
    let booking = running(&api, &customer, 60).await;
    let one_does = |statuses: Vec<u16>, done: u16| {
        assert_eq!((statuses[0], statuses.iter().filter(|status| **status == 409).count()), (done, 31), "{statuses:?}");
    };
    let breaks = format!("/renos/bookings/{booking}/breaks");
    one_does(at_once(32, async |_| call(&app, &breaks, json!({})).await).await, 201);
    let pause: String = api.query(&format!("select id from renos.breaks where booking_id = '{booking}'")).await;
    let end = format!("/renos/breaks/{pause}/end");
    one_does(at_once(32, async |_| call(&app, &end, json!({})).await).await, 200);
    assert_eq!(row(&app, "bookings", &booking).await["timer_status"], "running");
    let stop = format!("/renos/bookings/{booking}/stop_timer");
    one_does(at_once(32, async |_| call(&app, &stop, json!({})).await).await, 200);
}

#[tokio::test]
async fn a_stop_among_pauses_leaves_none_open_and_counts_them_all() {
    let (api, app) = backend().await;
    let customer = customer(&api).await;
    for _ in 0..4 {
        let booking = running(&api, &customer, 60).await;
        at_once(32, async |number| {
            let path = format!("/renos/bookings/{booking}");
            if number == 16 {
                return call(&app, &format!("{path}/stop_timer"), json!({})).await;
            }
            let begun = call(&app, &format!("{path}/breaks"), json!({})).await;
            let Some(pause) = begun.json()["id"].as_str().map(str::to_owned) else { return begun };
            begin_earlier(&api, &booking, 1).await;
            call(&app, &format!("/renos/breaks/{pause}/end"), json!({})).await
        })
        .await;
        let paused = "select format('%s %s', count(*) filter (where end_time is null), 60 - sum(duration))
            from renos.breaks where booking_id = ";
        let paused: String = api.query(&format!("{paused}'{booking}'")).await;
        let stopped = row(&app, "bookings", &booking).await;
        assert_eq!(stopped["timer_status"], "completed");
        assert_eq!(paused, format!("0 {}", stopped["actual_duration"]));
    }
}
