//! Copies of many at a time, their deletion and their figures; and the trail, counted.

use super::*;

#[tokio::test]
async fn copies_of_a_list_are_stored_together() {
    let api = tekup_with(|_| {}).await;
    let [(id, app), (_, other), (off, switched_off)] = connectors(&api).await;
    for kind in ["invoices", "customers", "products"] {
        let path = format!("/billy/organizations/{id}/cache/{kind}");
        put(&app, &format!("{path}/new-1"), json!({"data": {"a": 1}})).await.expect(201);
        let items = json!([
            {"billy_id": "new-3", "data": {"n": 3}}, {"billy_id": "new-1", "data": {"n": 1}},
            {"billy_id": "new-2", "data": {"n": 2}},
        ]);
        let answer = put(&app, &path, json!({"items": items, "ttl_minutes": 5})).await.expect(200).json();
        let told: Vec<_> = answer["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| (one["billy_id"].as_str().unwrap(), one["outcome"].as_str().unwrap()))
            .collect();
        assert_eq!(told, [("new-3", "inserted"), ("new-1", "updated"), ("new-2", "inserted")]);
        let stored = format!(
            "select string_agg(concat_ws(' ', billy_id, data ->> 'n', expires_at - cached_at), ',' order by billy_id)
             from billy.cached_{kind} where organization_id = '{id}' and billy_id like 'new-%'"
        );
        assert_eq!(api.query::<String>(&stored).await, "new-1 1 00:05:00,new-2 2 00:05:00,new-3 3 00:05:00");

        let large = json!({"a": "x".repeat(262_144)});
        for (wrong, field) in [
            (json!([{"billy_id": "new-1", "data": {"n": 9}}, {"billy_id": "new-1", "data": {}}]), "items[1].billy_id"),
            (json!([{"billy_id": "new-1", "data": large}]), "items[0].data"),
            (json!([]), "items"),
        ] {
            assert_eq!(faults(&put(&app, &path, json!({"items": wrong})).await.expect(400)), [field]);
        }
        put(&other, &path, json!({"items": items})).await.expect(404);
        let path = format!("/billy/organizations/{off}/cache/{kind}");
        is_switched_off(&put(&switched_off, &path, json!({"items": items})).await.expect(409).json());
        assert_eq!(api.query::<String>(&stored).await, "new-1 1 00:05:00,new-2 2 00:05:00,new-3 3 00:05:00");
        let none = format!(
            "select count(*) from billy.cached_{kind} where organization_id = '{off}' and billy_id like 'new-%'"
        );
        assert_eq!(api.query::<i64>(&none).await, 0);
    }
    let path = format!("/billy/organizations/{id}/cache/invoices");
    let statuses = at_once(32, async |n| {
        let mut items: Vec<_> = (0..20).map(|k| json!({"billy_id": format!("raced-{k}"), "data": {"n": n}})).collect();
        if n % 2 == 0 {
            items.reverse();
        }
        put(&app, &path, json!({"items": items})).await
    })
    .await;
    assert_eq!(statuses, [200; 32]);
    let raced = "select concat(count(*), ' ', count(distinct data ->> 'n')) from billy.cached_invoices where billy_id like 'raced-%'";
    assert_eq!(api.query::<String>(raced).await, "20 1", "one call's copies are there, all of them");
}

#[tokio::test]
async fn copies_are_deleted_one_those_of_a_kind_or_all() {
    let api = tekup_with(|_| {}).await;
    let [(id, app), (other_id, other), _] = connectors(&api).await;
    let path = format!("/billy/organizations/{id}/cache");
    let others = format!("select count(*) from billy.cached_customers where organization_id = '{other_id}'");
    let others_before: i64 = api.query(&others).await;
    assert!(others_before > 0);
    for kind in ["invoices", "customers", "products"] {
        put(&app, &format!("{path}/{kind}/one"), json!({"data": {}})).await.expect(201);
        put(&app, &format!("{path}/{kind}/two"), json!({"data": {}})).await.expect(201);
    }
    let count = async |kind: &str| -> i64 {
        api.query(&format!("select count(*) from billy.cached_{kind} where organization_id = '{id}'")).await
    };
    for path in [format!("{path}/invoices/one"), format!("{path}/invoices"), path.clone()] {
        let before = count("invoices").await;
        delete(&other, &path).await.expect(404);
        assert_eq!(count("invoices").await, before);
    }
    let (invoices, customers, products) = (count("invoices").await, count("customers").await, count("products").await);
    for _ in 0..2 {
        assert!(delete(&app, &format!("{path}/invoices/one")).await.expect(204).body.is_empty());
        assert_eq!(count("invoices").await, invoices - 1);
    }
    assert_eq!(count("customers").await, customers, "the same id of another kind stays");
    let deleted = delete(&app, &format!("{path}/customers")).await.expect(200).json();
    assert_eq!(deleted, json!({"invoices": 0, "customers": customers, "products": 0}));
    let deleted = delete(&app, &path).await.expect(200).json();
    assert_eq!(deleted, json!({"invoices": invoices - 1, "customers": 0, "products": products}));
    let deleted = delete(&app, &path).await.expect(200).json();
    assert_eq!(deleted, json!({"invoices": 0, "customers": 0, "products": 0}));
    assert_eq!(api.query::<i64>(&others).await, others_before);
    delete(&app, &format!("{path}/bills")).await.expect(400);
}

#[tokio::test]
async fn copies_are_counted_by_kind() {
    let api = tekup_with(|_| {}).await;
    let [(id, app), (_, other), _] = connectors(&api).await;
    api.execute(&format!(
        "delete from billy.cached_invoices where organization_id = '{id}';
         delete from billy.cached_products where organization_id = '{id}';
         insert into billy.cached_invoices (organization_id, billy_id, data, cached_at, expires_at)
         select '{id}', n, '{{}}', '2026-01-01T00:00:00Z'::timestamptz + n * interval '1 hour',
             now() + case when n <= 2 then interval '-1 minute' else interval '1 minute' end
         from generate_series(1, 5) n"
    ))
    .await;
    let path = format!("/billy/organizations/{id}/cache/stats");
    let stats = read(&app, &path).await.expect(200).json();
    let newest = json!("2026-01-01T05:00:00+00:00");
    let invoices = json!({"total_cached": 5, "active_cached": 3, "expired_cached": 2, "last_cached_at": newest});
    assert_eq!(stats["invoices"], invoices);
    let none = json!({"total_cached": 0, "active_cached": 0, "expired_cached": 0, "last_cached_at": null});
    assert_eq!(stats["products"], none);
    read(&other, &path).await.expect(404);
    assert_eq!(read(&api.person("authenticated", Some(&id), "ann"), &path).await.expect(200).json(), stats);
}

#[tokio::test]
async fn the_trail_is_counted_by_day_tool_and_action() {
    let api = tekup_with(|_| {}).await;
    let [(id, app), (_, other), _] = connectors(&api).await;
    api.execute(&format!(
        "insert into billy.audit_logs (organization_id, tool_name, action, success, duration_ms, created_at)
         values ('{id}', 'list', 'read', true, 10, '2020-01-01T23:59:59Z'),
             ('{id}', 'list', 'read', false, 15, '2020-01-01T00:00:00Z'),
             ('{id}', 'list', 'read', true, null, '2020-01-01T12:00:00Z'),
             ('{id}', 'list', 'update', true, 3, '2020-01-01T12:00:00Z'),
             ('{id}', 'make', 'create', true, null, '2020-01-02T00:00:00Z'),
             ('{id}', 'make', 'create', true, null, '2020-01-03T00:00:00Z')"
    ))
    .await;
    let path = format!("/billy/audit_logs/summary?organization_id={id}&from=2020-01-01&to=2020-01-02");
    let summary = read(&app, &path).await.expect(200).json()["summary"].clone();
    let lines: Vec<_> = summary
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            format!(
                "{} {} {} {}",
                one["day"].as_str().unwrap(),
                one["tool_name"].as_str().unwrap(),
                one["action"].as_str().unwrap(),
                one["total"]
            )
        })
        .collect();
    assert_eq!(lines, ["2020-01-02 make create 1", "2020-01-01 list read 3", "2020-01-01 list update 1"]);
    let read_ones = &summary[1];
    assert_eq!((&read_ones["successes"], &read_ones["failures"]), (&json!(2), &json!(1)));
    assert_eq!(read_ones["mean_duration_ms"], json!(12.5));
    assert_eq!((&read_ones["least_duration_ms"], &read_ones["greatest_duration_ms"]), (&json!(10), &json!(15)));
    assert_eq!((&summary[0]["mean_duration_ms"], &summary[0]["least_duration_ms"]), (&json!(null), &json!(null)));
    let second = read(&app, &format!("{path}&limit=1&offset=1")).await.expect(200).json();
    assert_eq!(second["summary"], json!([read_ones]));
    assert_eq!(read(&api.service, &path).await.expect(200).json()["summary"], summary);
    read(&other, &path).await.expect(404);
    let own = "/billy/audit_logs/summary?from=2020-01-01&to=2020-01-02";
    assert_eq!(read(&app, own).await.expect(200).json()["summary"], summary);
    assert_eq!(read(&other, own).await.expect(200).json()["summary"], json!([]));
    let wrong = read(&app, "/billy/audit_logs/summary?from=2020-01-02&to=2020-01-01").await.expect(400);
    assert_eq!(faults(&wrong), ["to"]);
}
