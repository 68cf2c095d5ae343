//! Jobs that are confirmed, moved and cancelled, and the time they took.

use super::*;

/// A booking of that state, its timer too, for a lead of a customer.
async fn booking(api: &Api, customer: &str, status: &str, timer: &str) -> String {
    let lead = lead(api, customer).await;
    api.query(&format!(
        "insert into renos.bookings (lead_id, scheduled_at, status, timer_status)
         values ('{lead}', '2026-12-07T08:00:00Z', '{status}', '{timer}') returning id"
    ))
    .await
}

#[tokio::test]
async fn a_booking_is_cancelled_from_any_open_state_and_not_counted_any_more() {
    let (api, app) = backend().await;
    let customer = customer(&api).await;
    for (number, status) in ["pending", "scheduled", "confirmed", "in_progress", "rescheduled"].iter().enumerate() {
        let booking = booking(&api, &customer, status, "not_started").await;
        api.execute(&format!("update renos.bookings set notes = 'key at the door' where id = '{booking}'")).await;
        let path = format!("/renos/bookings/{booking}/cancel");
        let cancelled = call(&app, &path, json!({"reason": " ill "})).await.expect(200).json();
        assert_eq!(
            [&cancelled["status"], &cancelled["notes"]],
            [&json!("cancelled"), &json!("key at the door\nCancelled: ill")]
        );
        assert_eq!(figures(&app, &customer).await, json!([number + 1, 0, 0.0]));
    }
    let plain = booking(&api, &customer, "scheduled", "completed").await;
    let cancelled = call(&app, &format!("/renos/bookings/{plain}/cancel"), json!({})).await.expect(200).json();
    assert_eq!(cancelled["notes"], Value::Null);
    call(&app, "/renos/bookings/no/cancel", json!({})).await.expect(404);
    let refused = call(&app, &format!("/renos/bookings/{plain}/cancel"), json!({"reason": " "})).await.expect(400);
    assert_eq!(faults(&refused), ["reason"]);
}

#[tokio::test]
async fn a_booking_that_is_done_or_at_work_is_not_cancelled() {
    let (api, app) = backend().await;
    let customer = customer(&api).await;
    for (status, timer) in [
        ("completed", "completed"),
        ("cancelled", "not_started"),
        ("in_progress", "running"),
        ("in_progress", "paused"),
    ] {
        let booking = booking(&api, &customer, status, timer).await;
        let before = row(&app, "bookings", &booking).await;
        let answer = call(&app, &format!("/renos/bookings/{booking}/cancel"), json!({"reason": "x"})).await;
        let allowed = json!({
            "status": ["pending", "scheduled", "confirmed", "in_progress", "rescheduled"],
            "timer_status": ["not_started", "completed"]
        });
        refused_in(answer, &json!({"status": status, "timer_status": timer}), &allowed);
        assert_eq!(row(&app, "bookings", &booking).await, before);
    }
}

#[tokio::test]
async fn of_32_who_cancel_or_start_a_booking_one_does() {
    let (api, app) = backend().await;
    let customer = customer(&api).await;
    let booking = booking(&api, &customer, "scheduled", "not_started").await;
    let path = |number: usize| format!("/renos/bookings/{booking}/{}", ["cancel", "start_timer"][number % 2]);
    let statuses = at_once(32, async |number| call(&app, &path(number), json!({})).await).await;
    assert_eq!((statuses[0], statuses[1]), (200, 409), "{statuses:?}");
    let after = row(&app, "bookings", &booking).await;
    let state = (after["status"].as_str().unwrap(), after["timer_status"].as_str().unwrap());
    assert!([("cancelled", "not_started"), ("in_progress", "running")].contains(&state), "{state:?}");
}

#[tokio::test]
async fn a_booking_is_moved_with_its_slot() {
    let (api, app) = backend().await;
    let customer = customer(&api).await;
    let when = "2026-12-08T09:00:00+01:00";
    for status in ["pending", "scheduled", "confirmed", "rescheduled"] {
        let booking = booking(&api, &customer, status, "not_started").await;
        let path = format!("/renos/bookings/{booking}/reschedule");
        let moved = call(&app, &path, json!({"scheduled_at": when})).await.expect(200).json();
        assert_eq!(
            [&moved["scheduled_at"], &moved["start_time"], &moved["end_time"], &moved["status"]],
            ["2026-12-08T08:00:00+00:00", "2026-12-08T08:00:00+00:00", "2026-12-08T10:00:00+00:00", "rescheduled"]
        );
        assert_eq!(moved["estimated_duration"], 120);
    }
    let confirmed = booking(&api, &customer, "confirmed", "not_started").await;
    let path = format!("/renos/bookings/{confirmed}/reschedule");
    let input = json!({"scheduled_at": when, "estimated_duration": 45, "keep_status": true});
    let moved = call(&app, &path, input).await.expect(200).json();
    assert_eq!(
        [&moved["status"], &moved["end_time"], &moved["estimated_duration"]],
        [&json!("confirmed"), &json!("2026-12-08T08:45:00+00:00"), &json!(45)]
    );
    for (input, field) in [
        (json!({}), "scheduled_at"),
        (json!({"scheduled_at": "2026-12-08"}), "scheduled_at"),
        (json!({"scheduled_at": when, "estimated_duration": 1441}), "estimated_duration"),
        (json!({"scheduled_at": when, "status": "pending"}), "status"),
    ] {
        assert_eq!(faults(&call(&app, &path, input).await.expect(400)), [field]);
    }
    assert_eq!(row(&app, "bookings", &confirmed).await, moved);
    call(&app, "/renos/bookings/no/reschedule", json!({"scheduled_at": when})).await.expect(404);
    for status in ["in_progress", "completed", "cancelled"] {
        let booking = booking(&api, &customer, status, "not_started").await;
        let before = row(&app, "bookings", &booking).await;
        let answer = call(&app, &format!("/renos/bookings/{booking}/reschedule"), json!({"scheduled_at": when})).await;
        refused_in(answer, &json!(status), &json!(["pending", "scheduled", "confirmed", "rescheduled"]));
        assert_eq!(row(&app, "bookings", &booking).await, before);
    }
}

#[tokio::test]
async fn a_booking_is_confirmed_once() {
    let (api, app) = backend().await;
    let customer = customer(&api).await;
    for status in ["pending", "scheduled", "rescheduled"] {
        let booking = booking(&api, &customer, status, "not_started").await;
        let path = format!("/renos/bookings/{booking}/confirm");
        let statuses = at_once(32, async |_| call(&app, &path, json!({})).await).await;
        assert_eq!((statuses[0], statuses[1]), (200, 409), "{statuses:?}");
        assert_eq!(row(&app, "bookings", &booking).await["status"], "confirmed");
    }
    for status in ["confirmed", "in_progress", "completed", "cancelled"] {
        let booking = booking(&api, &customer, status, "not_started").await;
        let answer = call(&app, &format!("/renos/bookings/{booking}/confirm"), json!({})).await;
        refused_in(answer, &json!(status), &json!(["pending", "scheduled", "rescheduled"]));
        assert_eq!(row(&app, "bookings", &booking).await["status"], status);
    }
    call(&app, "/renos/bookings/no/confirm", json!({})).await.expect(404);
}

#[tokio::test]
async fn a_timer_is_read_as_it_would_stop_now() {
    let (api, app) = backend().await;
    let customer = customer(&api).await;
    let booking = booking(&api, &customer, "scheduled", "not_started").await;
    let path = format!("/renos/bookings/{booking}/timer");
    let timer = async || read(&app, &path).await.expect(200).json();
    let fresh = timer().await;
    assert_eq!(
        fresh,
        json!({
            "booking_id": booking, "status": "scheduled", "timer_status": "not_started", "estimated_duration": 120,
            "actual_start_time": null, "actual_end_time": null, "actual_duration": null, "elapsed_minutes": 0,
            "time_variance": null, "efficiency_score": null, "time_notes": null, "breaks": [], "active_break": null,
            "is_running": false, "is_paused": false, "is_completed": false
        })
    );
    api.execute(&format!(
        "update renos.bookings set status = 'in_progress', timer_status = 'paused',
            actual_start_time = now() - interval '100 minutes' where id = '{booking}';
         insert into renos.breaks (booking_id, start_time, end_time, duration)
            values ('{booking}', now() - interval '90 minutes', now() - interval '60 minutes', 30);
         insert into renos.breaks (booking_id, start_time) values ('{booking}', now() - interval '10 minutes')"
    ))
    .await;
    let paused = timer().await;
    let of = |name: &str| paused[name].clone();
    assert_eq!(
        [of("elapsed_minutes"), of("is_paused"), of("is_running"), of("is_completed"), of("time_variance")],
        [json!(60), json!(true), json!(false), json!(false), Value::Null]
    );
    assert_eq!([&paused["breaks"][0], &paused["breaks"][2]], [&paused["active_break"], &Value::Null]);
    assert_eq!([&paused["active_break"]["end_time"], &paused["breaks"][1]["duration"]], [&Value::Null, &json!(30)]);

    let stopped = call(&app, &format!("/renos/bookings/{booking}/stop_timer"), json!({})).await.expect(200).json();
    let done = timer().await;
    assert_eq!([&done["elapsed_minutes"], &done["actual_duration"]], [&stopped["actual_duration"]; 2]);
    assert_eq!(
        [&done["time_variance"], &done["active_break"], &done["is_completed"]],
        [&json!(-60), &Value::Null, &json!(true)]
    );
    assert_eq!(done["efficiency_score"], 2.0);
    read(&app, "/renos/bookings/no/timer").await.expect(404);
}

/// A job that was worked on so many minutes, from that time on: whose it is, and of which kind.
async fn worked(api: &Api, (column, id): (&str, &str), kind: Option<&str>, start: &str, minutes: u32) {
    let kind = kind.map_or("null".to_owned(), |kind| format!("'{kind}'"));
    api.execute(&format!(
        "insert into renos.bookings ({column}, service_type, status, timer_status, actual_start_time, actual_duration,
            time_variance, efficiency_score)
         values ('{id}', {kind}, 'completed', 'completed', '{start}', {minutes}, {minutes} - 120,
            120.0 / nullif({minutes}, 0))"
    ))
    .await;
}

#[tokio::test]
async fn worked_time_is_summed_over_days_and_kinds() {
    let (api, app) = backend().await;
    let ann = customer(&api).await;
    let lead = lead(&api, &ann).await;
    let of_ann = ("customer_id", ann.as_str());
    // The first began on 1 January in Copenhagen, an hour before midnight of Greenwich; the last after the month.
    worked(&api, of_ann, Some("Vinduer"), "2030-12-31T23:00:00Z", 240).await;
    worked(&api, ("lead_id", &lead), Some("Vinduer"), "2031-01-10T08:00:00Z", 60).await;
    worked(&api, of_ann, Some("Airbnb"), "2031-01-31T22:59:59Z", 0).await;
    worked(&api, of_ann, None, "2031-01-15T08:00:00Z", 120).await;
    worked(&api, of_ann, Some("Vinduer"), "2031-01-31T23:00:00Z", 600).await;
    api.execute(&format!(
        "insert into renos.bookings (customer_id, timer_status, actual_start_time, time_variance)
         values ('{ann}', 'running', '2031-01-10T08:00:00Z', 999)"
    ))
    .await;
    let path = "/renos/bookings/time_analytics";
    let month = read(&app, &format!("{path}?start_date=2031-01-01&end_date=2031-01-31")).await.expect(200).json();
    assert_eq!(
        month,
        json!({
            "jobs": 4, "mean_efficiency": 3.5 / 3.0, "overtime_minutes": 120, "undertime_minutes": 180,
            "by_service_type": [
                {"service_type": "Vinduer", "jobs": 2, "mean_efficiency": 1.25, "overtime_minutes": 120, "undertime_minutes": 60},
                {"service_type": "Airbnb", "jobs": 1, "mean_efficiency": null, "overtime_minutes": 0, "undertime_minutes": 120},
                {"service_type": null, "jobs": 1, "mean_efficiency": 1, "overtime_minutes": 0, "undertime_minutes": 0},
            ]
        })
    );
    let of = async |query: &str| read(&app, &format!("{path}?{query}")).await.expect(200).json()["jobs"].clone();
    assert_eq!(of(&format!("customer_id={ann}")).await, 5);
    assert_eq!(of(&format!("customer_id={ann}&service_type=Vinduer&end_date=2031-01-31")).await, 2);
    assert_eq!(of("start_date=2031-02-01").await, 1);
    let none = read(&app, &format!("{path}?customer_id=no")).await.expect(200).json();
    assert_eq!(
        none,
        json!({"jobs": 0, "mean_efficiency": null, "overtime_minutes": 0, "undertime_minutes": 0, "by_service_type": []})
    );
    read(&app, &format!("{path}?start_date=January")).await.expect(400);
}
