//! Messages to leads.

use std::collections::BTreeMap;

use axum::http::Method;
use tekup_db::config::Config;

use super::{
    leads::{lead_that_is, tenants},
    *,
};
use crate::operations::read;

fn message(lead: &str) -> Value {
    json!({"lead_id": lead, "phone_number": " +4520123456 ", "message_id": "m1", "base_url": " https://flow.example/s/ "})
}

#[tokio::test]
async fn a_link_is_made_that_nobody_can_guess() {
    let api = tekup_with(|_| {}).await;
    let [(tenant, app), (_, other)] = tenants(&api).await;
    let lead = lead_that_is(&api, &tenant, "new").await;
    let path = "/flow/sms_tracking/track";
    let made = call(&app, path, message(&lead)).await.expect(201).json();
    let token = made["tracking_id"].as_str().unwrap();
    assert!(token.len() == 64 && token.bytes().all(|byte| byte.is_ascii_hexdigit()), "{token}");
    assert_eq!(made["tracking_url"], format!("https://flow.example/s/{token}"));
    assert_eq!((&made["tenant_id"], &made["phone_number"]), (&json!(tenant), &json!("+4520123456")));
    assert_eq!((&made["clicked_at"], &made["converted_at"]), (&Value::Null, &Value::Null));
    let another = call(&app, path, message(&lead)).await.expect(201).json();
    assert_ne!(another["tracking_id"], made["tracking_id"]);
    assert_eq!(call(&other, path, message(&lead)).await.expect(422).json()["details"]["field"], "lead_id");
    for url in ["ftp://a", "https://", "https://a b", "https://a?x=1", "javascript:alert(1)"] {
        let mut input = message(&lead);
        input["base_url"] = json!(url);
        assert_eq!(faults(&call(&app, path, input).await.expect(400)), ["base_url"], "{url}");
    }
    let count = format!("select count(*) from flow.sms_tracking where lead_id = '{lead}'");
    assert_eq!(api.query::<i64>(&count).await, 2);
}

#[tokio::test]
async fn whoever_follows_a_link_needs_no_token_and_is_counted_once() {
    let api = tekup_with(|_| {}).await;
    let [(tenant, app), _] = tenants(&api).await;
    let lead = lead_that_is(&api, &tenant, "new").await;
    let made = call(&app, "/flow/sms_tracking/track", message(&lead)).await.expect(201);
    let path = format!("/flow/sms_tracking/{}/click", text(&made, "tracking_id"));
    let statuses = at_once(32, async |_| call(&api.anonymous, &path, json!({})).await).await;
    assert_eq!(counted(&statuses), [(200, 32)]);
    let after = async |lead: &str| -> String {
        api.query(&format!(
            "select concat_ws(' ', l.status, m.clicked_at is not null, (
                 select count(*) from shared.audit_logs where resource_id = l.id::text))
             from flow.leads l join flow.sms_tracking m on m.lead_id = l.id where l.id = '{lead}'"
        ))
        .await
    };
    assert_eq!(after(&lead).await, "contacted t 1");
    let first: String =
        api.query(&format!("select clicked_at::text from flow.sms_tracking where lead_id = '{lead}'")).await;
    let answer = call(&api.anonymous, &path, json!({})).await.expect(200).json();
    assert_eq!(answer, json!({"target_url": "https://flow.example/s"}));
    let again: String =
        api.query(&format!("select clicked_at::text from flow.sms_tracking where lead_id = '{lead}'")).await;
    assert_eq!(first, again);

    let unknown = call(&api.anonymous, "/flow/sms_tracking/nothing/click", json!({})).await.expect(200).json();
    assert_eq!(unknown, json!({"target_url": "/"}));
    for status in ["qualified", "converted", "lost"] {
        let lead = lead_that_is(&api, &tenant, status).await;
        let made = call(&app, "/flow/sms_tracking/track", message(&lead)).await.expect(201);
        let path = format!("/flow/sms_tracking/{}/click", text(&made, "tracking_id"));
        call(&app, &path, json!({})).await.expect(200);
        assert_eq!(after(&lead).await, format!("{status} t 0"));
    }
    // The link is all that is open.
    api.anonymous.get("/flow/sms_tracking").await.expect(401);
    api.anonymous.get("/flow/leads").await.expect(401);
}

#[tokio::test]
async fn a_booking_converts_the_newest_message_and_the_lead_once() {
    let api = tekup_with(|_| {}).await;
    let [(tenant, app), (_, other)] = tenants(&api).await;
    let lead = lead_that_is(&api, &tenant, "qualified").await;
    let path = "/flow/sms_tracking/convert";
    let input = json!({"lead_id": lead});
    let refused = call(&app, path, input.clone()).await.expect(422).json();
    assert_eq!(refused["message"], "No message was sent to the lead");
    let older = text(&call(&app, "/flow/sms_tracking/track", message(&lead)).await.expect(201), "id");
    let newest = text(&call(&app, "/flow/sms_tracking/track", message(&lead)).await.expect(201), "id");
    api.execute(&format!("update flow.sms_tracking set sent_at = now() - interval '1 day' where id = '{older}'")).await;
    call(&other, path, input.clone()).await.expect(404);
    let state = format!(
        "select concat_ws(' ', status, (select count(*) from shared.audit_logs where resource_id = l.id::text)) from flow.leads l where id = '{lead}'"
    );
    assert_eq!(api.query::<String>(&state).await, "qualified 0");
    let first = call(&app, path, input.clone()).await.expect(200).json();
    assert_eq!((&first["id"], first["converted_at"].is_string()), (&json!(newest), true));
    let statuses = at_once(32, async |_| {
        let answer = call(&app, path, input.clone()).await;
        assert_eq!(answer.json()["converted_at"], first["converted_at"]);
        answer
    })
    .await;
    assert_eq!(counted(&statuses), [(200, 32)]);
    assert_eq!(api.query::<String>(&state).await, "converted 1");
    let converted = format!("select count(converted_at) from flow.sms_tracking where lead_id = '{lead}'");
    assert_eq!(api.query::<i64>(&converted).await, 1);
}

#[tokio::test]
async fn messages_are_counted_by_what_came_of_them() {
    let api = tekup_with(|_| {}).await;
    let [(tenant, app), (other_tenant, other)] = tenants(&api).await;
    let lead = lead_that_is(&api, &tenant, "new").await;
    api.execute(&format!(
        "insert into flow.sms_tracking (lead_id, tenant_id, phone_number, message_id, tracking_url, sent_at, clicked_at, converted_at)
         select '{lead}', '{tenant}', '1', n, 'https://x', at::timestamptz, clicked::timestamptz, converted::timestamptz
         from (values
             (1, '2019-12-31 23:00Z', '2020-01-02', '2020-01-03'), (2, '2020-01-01 10:00Z', '2020-01-02', null),
             (3, '2020-01-01 11:00Z', null, '2020-01-03'), (4, '2020-01-02 22:59Z', '2020-01-04', null),
             (5, '2020-01-02 23:00Z', '2020-01-04', null), (6, '2020-01-02 10:00Z', null, null),
             (7, '2019-12-31 22:59Z', null, null)
         ) as m (n, at, clicked, converted)"
    ))
    .await;
    let path = "/flow/sms_tracking/analytics?from=2020-01-01&to=2020-01-02";
    let figures = json!({"sent": 5, "clicked": 3, "converted": 2, "click_rate": 60.0, "conversion_rate": 40.0,
        "click_to_conversion_rate": 33.33});
    let same = |found: Value, wanted: &Value| {
        for (field, value) in wanted.as_object().unwrap() {
            assert_eq!(found[field].as_f64(), value.as_f64(), "{field}");
        }
    };
    same(read(&app, path).await.expect(200).json(), &figures);
    same(read(&api.service, &format!("{path}&tenant_id={tenant}")).await.expect(200).json(), &figures);
    let nothing = json!({"sent": 0, "clicked": 0, "converted": 0, "click_rate": 0, "conversion_rate": 0,
        "click_to_conversion_rate": 0});
    same(read(&other, path).await.expect(200).json(), &nothing);
    read(&app, &format!("{path}&tenant_id={other_tenant}")).await.expect(404);
    let wrong = read(&app, "/flow/sms_tracking/analytics?from=2020-01-02&to=2020-01-01").await.expect(400);
    assert_eq!(faults(&wrong), ["to"]);
}

#[tokio::test]
async fn an_address_follows_sixty_links_a_minute_and_a_backend_as_many_as_it_likes() {
    let trusted = || [("TRUSTED_PROXIES", "10.0.0.0/8")];
    let api = tekup_with(move |config| {
        config.server.trusted_proxies = Config::read(&BTreeMap::from(trusted())).unwrap().server.trusted_proxies;
    })
    .await;
    let [(_, app), _] = tenants(&api).await;
    let path = "/flow/sms_tracking/nothing/click";
    let click = async |peer: &str, forwarded: &str| {
        let headers = [("x-forwarded-for", forwarded), ("content-type", "application/json")];
        api.anonymous.send_from(peer, Method::POST, path, &headers, "{}").await
    };
    let mut counts = BTreeMap::new();
    for _ in 0..3 {
        for status in at_once(32, async |_| click("10.0.0.9", "192.0.2.66, 198.51.100.7").await).await {
            *counts.entry(status).or_insert(0) += 1;
        }
    }
    assert_eq!(counts, BTreeMap::from([(200, 60), (429, 36)]), "never over by one");
    let refused = click("10.0.0.9", "198.51.100.7").await.expect(429);
    let seconds: u64 = refused.header("retry-after").parse().unwrap();
    assert!((1..=60).contains(&seconds), "{seconds}");
    assert_eq!(refused.json()["code"], "operation.rate_limited");
    assert_eq!(refused.json()["details"], json!({"limit": 60, "retry_after_seconds": seconds}));
    // Another address behind the same proxy; the proxy's own; and one who is not behind it, whatever it says.
    click("10.0.0.9", "198.51.100.8").await.expect(200);
    click("10.0.0.9", "nonsense").await.expect(200);
    click("203.0.113.1", "198.51.100.7").await.expect(200);
    click("198.51.100.7", "198.51.100.8").await.expect(429);
    // A token that any browser has makes nobody of the caller.
    let headers = [("x-forwarded-for", "198.51.100.7"), ("content-type", "application/json")];
    let public = api.person("anon", None, "");
    public.send_from("10.0.0.9", Method::POST, path, &headers, "{}").await.expect(429);
    // A step of a batch is a call as well.
    let steps = json!([{"method": "POST", "path": path, "body": {}}]).to_string();
    let batch = api.anonymous.send_from("10.0.0.9", Method::POST, "/batch", &headers, steps).await.expect(429);
    assert_eq!(batch.json()["details"]["body"]["code"], "operation.rate_limited");
    assert!(!batch.header("retry-after").is_empty());
    let statuses = at_once(80, async |_| call(&app, path, json!({})).await).await;
    assert_eq!(counted(&statuses), [(200, 80)]);
}
