//! Organisations, copies of what Billy.dk holds, figures and limits.

mod cache;

use serde_json::{Value, json};

use super::{at_once, call, delete, faults, opened, put, read, sealing};
use crate::support::{Api, Person, tekup_with};

const KEY: &str = "edf1e60a4af7fecc2064c31bfceef2b5:497c55e38fc5d68502f1213f3a135420:7eb706de9ddbcdf034d28b9b7f9e";

/// The organisation of that id at Billy.dk.
async fn organization(api: &Api, billy_id: &str) -> String {
    api.query(&format!("select id::text from billy.organizations where billy_organization_id = '{billy_id}'")).await
}

/// An organisation, another and one that is switched off, each with its connector.
async fn connectors(api: &Api) -> [(String, Person); 3] {
    let mut found = Vec::new();
    for billy_id in ["fjordklar-demo", "test-org-123", "havtornen-demo"] {
        let id = organization(api, billy_id).await;
        let person = api.person("billy_app", Some(&id), "connector");
        found.push((id, person));
    }
    found.try_into().unwrap_or_else(|_| panic!("three"))
}

fn is_switched_off(answer: &Value) {
    assert_eq!(answer["code"], "operation.invalid_state");
    assert_eq!(answer["details"]["current"], json!({"is_active": false}));
}

#[tokio::test]
async fn an_organisation_is_registered_once_and_its_key_never_answered() {
    let api = sealing().await;
    let path = "/billy/organizations/register";
    let input = json!({"name": " Ny ApS ", "billy_api_key": " clear-key ", "billy_organization_id": "ny", "settings": {"a": 1}});
    let statuses = at_once(32, async |_| call(&api.service, path, input.clone()).await).await;
    assert_eq!((statuses[0], &statuses[1..]), (201, &[409; 31][..]));
    let refused = call(&api.service, path, input).await.expect(409).json();
    assert_eq!(
        (&refused["code"], &refused["details"]["columns"]),
        (&json!("operation.conflict"), &json!(["billy_organization_id"]))
    );
    // Data that moves in brings its keys as they are stored.
    let other = json!({"name": "To", "billy_api_key_encrypted": KEY, "billy_organization_id": "to"});
    let answer = call(&api.service, path, other).await.expect(201);
    assert!(!answer.text().contains(KEY));
    assert_eq!((&answer.json()["has_billy_api_key"], &answer.json()["settings"]), (&json!(true), &json!({})));
    let stored =
        |id: &str| format!("select billy_api_key from billy.organizations where billy_organization_id = '{id}'");
    assert_eq!(opened(&api.query::<String>(&stored("ny")).await), "clear-key");
    assert_eq!(api.query::<String>(&stored("to")).await, KEY);
    let trail = "select count(*) from shared.audit_logs a join billy.organizations o on o.id::text = a.resource_id
        where a.action = 'create' and o.billy_organization_id in ('ny', 'to')";
    assert_eq!(api.query::<i64>(trail).await, 2);

    for (more, wrong) in [
        (json!({"billy_api_key_encrypted": "k".repeat(70)}), vec!["billy_api_key_encrypted"]),
        (json!({"billy_api_key_encrypted": KEY, "name": " "}), vec!["name"]),
        (json!({"billy_api_key_encrypted": KEY, "settings": {"a": "x".repeat(262_144)}}), vec!["settings"]),
        (json!({"billy_api_key_encrypted": KEY, "billy_api_key": "clear-key"}), vec!["billy_api_key"]),
        (json!({}), vec!["billy_api_key"]),
        (json!({"billy_api_key": " "}), vec!["billy_api_key"]),
        (json!({"billy_api_key": "x".repeat(501)}), vec!["billy_api_key"]),
    ] {
        let mut input = json!({"name": "a", "billy_organization_id": "tre"});
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let refused = call(&api.service, path, input).await.expect(400);
        assert_eq!(faults(&refused), wrong);
        assert!(!refused.text().contains("clear-key"));
    }
    let none = "select count(*) from billy.organizations where billy_organization_id = 'tre'";
    assert_eq!(api.query::<i64>(none).await, 0);
}

#[tokio::test]
async fn a_copy_of_each_kind_is_stored_replaced_and_found_until_it_expires() {
    let api = tekup_with(|_| {}).await;
    let [(id, app), (_, other), (off, switched_off)] = connectors(&api).await;
    for kind in ["invoices", "customers", "products"] {
        let path = format!("/billy/organizations/{id}/cache/{kind}/new");
        assert_eq!(read(&app, &path).await.expect(200).json(), json!({"hit": false}));
        let created = put(&app, &path, json!({"data": {"a": 1}})).await.expect(201).json();
        assert_eq!((&created["billy_id"], created.get("data")), (&json!("new"), None));
        put(&app, &path, json!({"data": {"a": 2}, "ttl_minutes": 1})).await.expect(200);
        let found = read(&api.person("renos_app", Some(&id), "b"), &path).await.expect(200).json();
        assert_eq!((&found["hit"], &found["data"]), (&json!(true), &json!({"a": 2})));
        let ttl = format!("select (expires_at - cached_at)::text from billy.cached_{kind} where billy_id = 'new'");
        assert_eq!(api.query::<String>(&ttl).await, "00:01:00");

        read(&other, &path).await.expect(404);
        put(&other, &path, json!({"data": {"a": 3}})).await.expect(404);
        assert_eq!(faults(&put(&app, &path, json!({"data": {}, "ttl_minutes": 0})).await.expect(400)), ["ttl_minutes"]);
        assert_eq!(faults(&put(&app, &path, json!({"data": [1]})).await.expect(400)), ["data"]);
        let large = json!({"data": {"a": "x".repeat(262_144)}});
        assert_eq!(faults(&put(&app, &path, large).await.expect(400)), ["data"]);
        assert_eq!(read(&app, &path).await.expect(200).json()["data"], json!({"a": 2}));

        api.execute(&format!("update billy.cached_{kind} set expires_at = now() where billy_id = 'new'")).await;
        assert_eq!(read(&app, &path).await.expect(200).json(), json!({"hit": false}));
        let path = format!("/billy/organizations/{off}/cache/{kind}/new");
        is_switched_off(&read(&switched_off, &path).await.expect(409).json());
        is_switched_off(&put(&switched_off, &path, json!({"data": {}})).await.expect(409).json());
        assert_eq!(
            api.query::<i64>(&format!("select count(*) from billy.cached_{kind} where billy_id = 'new'")).await,
            1
        );
    }
    assert_eq!(
        faults(&read(&app, "/billy/organizations/x/cache/bills/1").await.expect(400)),
        ["organization_id", "kind"]
    );
    let path = format!("/billy/organizations/{id}/cache/invoices/raced");
    let statuses = at_once(32, async |n| put(&app, &path, json!({"data": {"n": n}})).await).await;
    assert_eq!((&statuses[..31], statuses[31]), (&[200; 31][..], 201));
}

#[tokio::test]
async fn expired_copies_go_and_only_the_callers_own() {
    let api = tekup_with(|_| {}).await;
    let [(id, app), (other_id, other), _] = connectors(&api).await;
    api.execute(
        "update billy.cached_invoices set expires_at = now() + interval '1 day';
         update billy.cached_products set expires_at = now() + interval '1 day';
         update billy.cached_customers set expires_at = now() + case
             when billy_id in ('con-demo-1', 'con-demo-2', 'con-demo-24') then interval '-1 second'
             else interval '1 day'
         end",
    )
    .await;
    let path = "/billy/cache/clear_expired";
    let left = "select count(*) from billy.cached_customers where expires_at <= now()";
    call(&app, path, json!({"organization_id": other_id})).await.expect(404);
    assert_eq!(api.query::<i64>(left).await, 3);
    let cleared = call(&app, path, json!({})).await.expect(200).json();
    assert_eq!(cleared, json!({"invoices": 0, "customers": 2, "products": 0, "more": false}));
    let named = call(&api.service, path, json!({"organization_id": id})).await.expect(200).json();
    assert_eq!(named["customers"], 0);
    assert_eq!(call(&api.service, path, json!({})).await.expect(200).json()["customers"], 1);
    api.execute(&format!(
        "insert into billy.cached_products (organization_id, billy_id, data, expires_at)
         select '{other_id}', 'old-' || n, '{{}}', now() - interval '1 minute' from generate_series(1, 5001) n"
    ))
    .await;
    for (deleted, more) in [(5000, true), (1, false)] {
        let cleared = call(&other, path, json!({})).await.expect(200).json();
        assert_eq!((&cleared["products"], &cleared["more"]), (&json!(deleted), &json!(more)));
    }
}

#[tokio::test]
async fn calls_are_counted_and_none_is_lost() {
    let api = tekup_with(|_| {}).await;
    let [(id, app), (_, other), (off, switched_off)] = connectors(&api).await;
    let path = format!("/billy/organizations/{id}/usage");
    let statuses = at_once(32, async |n| {
        let (success, hit) = (n % 4 != 0, n % 8 == 0);
        let mut input = json!({"tool_name": "new_tool", "success": success, "cache_hit": hit});
        if n % 2 == 0 {
            input["duration_ms"] = json!(n);
        }
        call(&app, &path, input).await
    })
    .await;
    assert_eq!(statuses, [200; 32]);
    let sums = "select concat_ws(' ', sum(call_count), sum(success_count), sum(error_count), sum(timed_count),
        sum(total_duration_ms), sum(cache_hits)) from billy.usage_metrics where tool_name = 'new_tool'";
    assert_eq!(api.query::<String>(sums).await, "32 24 8 16 240 4");

    let calls = json!({"calls": [
        {"tool_name": "one", "success": true, "duration_ms": 10, "cache_hit": true},
        {"tool_name": "one", "success": false, "duration_ms": 15},
        {"tool_name": "one", "success": true},
        {"tool_name": "another", "success": true},
    ]});
    let metrics = call(&app, &path, calls).await.expect(200).json()["metrics"].clone();
    assert_eq!((&metrics[0]["tool_name"], &metrics[0]["avg_duration_ms"]), (&json!("another"), &json!(null)));
    let one = &metrics[1];
    assert_eq!((&one["call_count"], &one["error_count"], &one["timed_count"]), (&json!(3), &json!(1), &json!(2)));
    assert_eq!((&one["avg_duration_ms"], &one["cache_hit_rate"]), (&json!(13), &json!(33.33)));
    let again = json!({"tool_name": "one", "success": true, "duration_ms": 2});
    let again = call(&app, &path, again).await.expect(200).json();
    assert_eq!((&again["avg_duration_ms"], &again["cache_hit_rate"]), (&json!(9), &json!(25.00)));

    let count = "select count(*) from billy.usage_metrics where tool_name = 'refused'";
    for (input, expected) in [
        (json!({}), vec!["tool_name", "success"]),
        (json!({"tool_name": "refused", "calls": [{"tool_name": "refused", "success": true}]}), vec!["tool_name"]),
        (json!({"tool_name": "refused", "success": true, "duration_ms": -1}), vec!["duration_ms"]),
    ] {
        assert_eq!(faults(&call(&app, &path, input).await.expect(400)), expected);
    }
    let input = json!({"tool_name": "refused", "success": true});
    call(&other, &path, input.clone()).await.expect(404);
    is_switched_off(&call(&switched_off, &format!("/billy/organizations/{off}/usage"), input).await.expect(409).json());
    assert_eq!(api.query::<i64>(count).await, 0);
}

#[tokio::test]
async fn a_window_admits_as_many_as_it_may_and_not_one_more() {
    let api = tekup_with(|_| {}).await;
    let [(id, app), (_, other), (off, switched_off)] = connectors(&api).await;
    let path = format!("/billy/organizations/{id}/rate_limits/check");
    let input = json!({"endpoint": "new", "window_minutes": 1440, "max_requests": 10, "enforce": true});
    let statuses = at_once(32, async |_| call(&app, &path, input.clone()).await).await;
    assert_eq!((&statuses[..10], &statuses[10..]), (&[200; 10][..], &[429; 22][..]));
    assert_eq!(api.query::<i32>("select request_count from billy.rate_limits where endpoint = 'new'").await, 10);
    let refused = call(&app, &path, input).await.expect(429);
    assert_eq!(refused.json()["code"], "operation.rate_limited");
    let seconds = refused.json()["details"]["retry_after_seconds"].as_u64().unwrap();
    assert_eq!(refused.header("retry-after"), seconds.to_string());
    assert!((1..=86_400).contains(&seconds));
    let told = json!({"endpoint": "new", "window_minutes": 1440, "max_requests": 10});
    let told = call(&app, &path, told).await.expect(200).json();
    assert_eq!((&told["allowed"], &told["remaining"], &told["limit"]), (&json!(false), &json!(0), &json!(10)));
    let more = json!({"endpoint": "new", "window_minutes": 1440, "max_requests": 12});
    let more = call(&app, &path, more).await.expect(200).json();
    assert_eq!(
        (&more["allowed"], &more["remaining"], more.get("retry_after_seconds")),
        (&json!(true), &json!(1), None)
    );
    let aligned =
        "select extract(epoch from window_start)::bigint % 86400 from billy.rate_limits where endpoint = 'new'";
    assert_eq!(api.query::<i64>(aligned).await, 0);

    let first = call(&app, &path, json!({"endpoint": "default"})).await.expect(200).json();
    assert_eq!((&first["limit"], &first["remaining"]), (&json!(100), &json!(99)));
    let wrong = json!({"endpoint": "", "window_minutes": 0, "max_requests": 0});
    assert_eq!(faults(&call(&app, &path, wrong).await.expect(400)), ["endpoint", "window_minutes", "max_requests"]);
    call(&other, &path, json!({"endpoint": "refused"})).await.expect(404);
    let off = format!("/billy/organizations/{off}/rate_limits/check");
    is_switched_off(&call(&switched_off, &off, json!({"endpoint": "refused"})).await.expect(409).json());
    assert_eq!(api.query::<i64>("select count(*) from billy.rate_limits where endpoint = 'refused'").await, 0);
}
