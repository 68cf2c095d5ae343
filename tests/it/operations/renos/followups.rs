//! Leads that are followed up.

use super::*;

/// A lead of that status, made and followed up so many days ago.
async fn aged(api: &Api, status: &str, made: u32, followed_up: Option<f64>, attempts: u32) -> String {
    let followed_up = followed_up.map_or("null".to_owned(), |days| format!("now() - interval '{days} days'"));
    api.query(&format!(
        "insert into renos.leads (source, status, created_at, last_follow_up_date, follow_up_attempts)
         values ('phone', '{status}', now() - interval '{made} days', {followed_up}, {attempts}) returning id"
    ))
    .await
}

/// The database without leads that are to be followed up, or were.
async fn nobody_waits(api: &Api) {
    api.execute("update renos.leads set status = 'new', follow_up_attempts = 0, last_follow_up_date = null").await;
}

#[tokio::test]
async fn a_follow_up_is_counted_and_an_offer_awaits_a_response_then() {
    let (api, app) = backend().await;
    let lead = aged(&api, "quote_sent", 6, None, 0).await;
    let path = format!("/renos/leads/{lead}/follow_up");
    let first = call(&app, &path, json!({})).await.expect(200).json();
    assert_eq!([&first["follow_up_attempts"], &first["status"]], [&json!(1), &json!("awaiting_response")]);
    assert!(first["last_follow_up_date"].is_string());
    assert_eq!(first, row(&app, "leads", &lead).await);
    let other = aged(&api, "contacted", 6, None, 2).await;
    let third = call(&app, &format!("/renos/leads/{other}/follow_up"), json!({})).await.expect(200).json();
    assert_eq!([&third["follow_up_attempts"], &third["status"]], [&json!(3), &json!("contacted")]);
    call(&app, "/renos/leads/no/follow_up", json!({})).await.expect(404);
    assert_eq!(faults(&call(&app, &path, json!({"force": 1})).await.expect(400)), ["force"]);
    assert_eq!(row(&app, "leads", &lead).await, first);
}

#[tokio::test]
async fn of_32_follow_ups_three_are_counted_and_more_by_hand() {
    let (api, app) = backend().await;
    let lead = aged(&api, "quote_sent", 6, None, 0).await;
    let path = format!("/renos/leads/{lead}/follow_up");
    let statuses = at_once(32, async |_| call(&app, &path, json!({})).await).await;
    assert_eq!((&statuses[..3], statuses[3]), (&[200; 3][..], 409), "{statuses:?}");
    let after = row(&app, "leads", &lead).await;
    assert_eq!(after["follow_up_attempts"], 3);
    let current = json!({"follow_up_attempts": 3});
    refused_in(call(&app, &path, json!({})).await, &current, &json!({"follow_up_attempts": [0, 1, 2]}));
    assert_eq!(row(&app, "leads", &lead).await, after);
    let statuses = at_once(32, async |_| call(&app, &path, json!({"force": true})).await).await;
    assert_eq!(statuses, [200; 32]);
    assert_eq!(row(&app, "leads", &lead).await["follow_up_attempts"], 35, "none is lost");
}

#[tokio::test]
async fn the_queue_has_whose_turn_it_is_the_longest_wait_first() {
    let (api, app) = backend().await;
    nobody_waits(&api).await;
    let never = aged(&api, "quote_sent", 12, None, 0).await;
    let never_younger = aged(&api, "quote_sent", 5, None, 0).await;
    let long = aged(&api, "awaiting_response", 30, Some(8.5), 2).await;
    let offer = aged(&api, "quote_sent", 30, Some(5.0), 1).await;
    let soon = aged(&api, "awaiting_response", 30, Some(3.0), 1).await;
    let customer = customer(&api).await;
    api.execute(&format!("update renos.leads set customer_id = '{customer}' where id = '{long}'")).await;
    for (status, made, followed_up, attempts) in [
        ("quote_sent", 4, None, 0),
        ("quote_sent", 30, Some(4.0), 1),
        ("awaiting_response", 30, None, 0),
        ("awaiting_response", 30, Some(2.9), 1),
        ("awaiting_response", 30, Some(9.0), 3),
        ("converted", 30, Some(9.0), 1),
    ] {
        aged(&api, status, made, followed_up, attempts).await;
    }
    let queue = read(&app, "/renos/leads/follow_ups").await.expect(200).json();
    let ids: Vec<_> = queue.as_array().unwrap().iter().map(|lead| lead["id"].as_str().unwrap()).collect();
    assert_eq!(ids, [&never, &never_younger, &long, &offer, &soon]);
    let of = |name: &str| -> Vec<_> { queue.as_array().unwrap().iter().map(|lead| lead[name].clone()).collect() };
    assert_eq!(of("days_since_contact"), [12, 5, 8, 5, 3]);
    assert_eq!(of("urgency"), ["high", "low", "medium", "low", "low"]);
    assert_eq!(of("next_attempt_number"), [1, 1, 3, 2, 2]);
    let ann = json!({"id": customer, "name": "Ann Dahl", "email": "ann@dahl.dk"});
    assert_eq!(of("customer"), [Value::Null, Value::Null, ann, Value::Null, Value::Null]);
    let page = read(&app, "/renos/leads/follow_ups?limit=2&offset=1").await.expect(200).json();
    assert_eq!((&page[0]["id"], &page[1]["id"], page[2].is_null()), (&json!(never_younger), &json!(long), true));
    for wrong in ["limit=0", "limit=1001", "offset=-1", "limit=x"] {
        read(&app, &format!("/renos/leads/follow_ups?{wrong}")).await.expect(400);
    }
}

#[tokio::test]
async fn figures_of_follow_ups_are_of_the_last_days() {
    let (api, app) = backend().await;
    nobody_waits(&api).await;
    let none = read(&app, "/renos/leads/follow_up_stats").await.expect(200).json();
    assert_eq!(
        none,
        json!({
            "days": 30, "followed_up": 0, "converted": 0, "success_rate": null, "mean_attempts": null,
            "by_attempts": {"one": 0, "two": 0, "three_or_more": 0}
        })
    );
    for (status, followed_up, attempts) in [
        ("converted", 29.0, 1),
        ("converted", 1.0, 4),
        ("lost", 2.0, 2),
        ("awaiting_response", 10.0, 1),
        ("awaiting_response", 10.0, 3),
        ("converted", 31.0, 2),
    ] {
        aged(&api, status, 60, Some(followed_up), attempts).await;
    }
    let stats = read(&app, "/renos/leads/follow_up_stats").await.expect(200).json();
    assert_eq!(
        stats,
        json!({
            "days": 30, "followed_up": 5, "converted": 2, "success_rate": 40.0, "mean_attempts": 2.5,
            "by_attempts": {"one": 2, "two": 1, "three_or_more": 2}
        })
    );
    let all = read(&app, "/renos/leads/follow_up_stats?days=40").await.expect(200).json();
    assert_eq!([&all["followed_up"], &all["converted"], &all["success_rate"]], [&json!(6), &json!(3), &json!(50.0)]);
    read(&app, "/renos/leads/follow_up_stats?days=0").await.expect(400);
}
