//! Privacy policies and incidents.

use super::*;

/// The backend of an organisation.
async fn organised() -> (Api, Person) {
    let api = tekup_with(|_| {}).await;
    let app = api.person("renos_app", Some("org-1"), "backend");
    (api, app)
}

async fn count(api: &Api, table: &str) -> i64 {
    api.query(&format!("select count(*) from {table}")).await
}

#[tokio::test]
async fn one_privacy_policy_is_in_force_however_many_are_published_at_once() {
    let (api, app) = organised().await;
    let ann = api.person("authenticated", Some("org-1"), "ann");
    api.execute("delete from renos.privacy_policies").await;
    let active = "/renos/privacy_policies/active";
    read(&ann, active).await.expect(404);
    let path = "/renos/privacy_policies/publish";
    let first = call(&app, path, json!({"version": " 1 ", "content": "x"})).await.expect(201).json();
    assert_eq!((&first["version"], &first["active"]), (&json!("1"), &json!(true)));
    assert_eq!(read(&ann, active).await.expect(200).json(), first);
    call(&app, path, json!({"version": "1", "content": "y"})).await.expect(409);
    assert_eq!(read(&ann, active).await.json()["content"], "x");
    let statuses = at_once(32, async |number| {
        call(&app, path, json!({"version": format!("2.{}", number / 2), "content": "x"})).await
    })
    .await;
    assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 16, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == 409).count(), 16, "{statuses:?}");
    let policies =
        (count(&api, "renos.privacy_policies").await, count(&api, "renos.privacy_policies where active").await);
    assert_eq!(policies, (17, 1));
    let outsider = api.person("crm_app", None, "x");
    assert_eq!(outsider.get(active).await.status, 403);
}

#[tokio::test]
async fn an_incident_is_on_record_resolved_once_and_counted() {
    let (api, app) = organised().await;
    let path = "/renos/security_events/report";
    let event = |severity: &str| {
        json!({"event_type": "failed_login", "severity": severity, "description": " d ", "user_id": "ann",
            "metadata": {"tries": 5}, "ip_address": "203.0.113.7"})
    };
    let made = call(&app, path, event("high")).await.expect(201).json();
    let id = made["id"].as_str().unwrap().to_owned();
    assert_eq!(
        (&made["organization_id"], &made["resolved"], &made["description"]),
        (&json!("org-1"), &json!(false), &json!("d"))
    );
    let trail: Value = serde_json::from_str(
        &api.query::<String>(&format!("select to_json(l)::text from renos.audit_logs l where entity_id = '{id}'"))
            .await,
    )
    .unwrap();
    assert_eq!(
        (&trail["action"], &trail["entity_type"], &trail["organization_id"], &trail["new_values"]["severity"]),
        (&json!("security_event"), &json!("security"), &json!("org-1"), &json!("high"))
    );
    let mut foreign = event("low");
    foreign["organization_id"] = json!("org-2");
    call(&app, path, foreign.clone()).await.expect(404);
    assert_eq!(faults(&call(&api.service, path, event("low")).await.expect(400)), ["organization_id"]);
    call(&app, path, event("fatal")).await.expect(400);
    assert_eq!(count(&api, "renos.security_events where organization_id in ('org-1', 'org-2')").await, 1);
    call(&api.service, path, foreign).await.expect(201);

    let resolve = format!("/renos/security_events/{id}/resolve");
    let other = api.person("renos_app", Some("org-2"), "backend");
    call(&other, &resolve, json!({})).await.expect(404);
    let statuses = at_once(32, async |_| call(&app, &resolve, json!({"resolved_by": "bo"})).await).await;
    assert_eq!((statuses[0], statuses[1]), (200, 409));
    assert_eq!(row(&app, "security_events", &id).await["resolved_by"], "bo");
    refused_in(call(&app, &resolve, json!({})).await, &json!({"resolved": true}), &json!({"resolved": false}));

    api.execute(
        "insert into renos.security_events (organization_id, event_type, severity, description, created_at) values
            ('org-1', 'x', 'low', 'x', now() - interval '8 days'),
            ('org-1', 'x', 'low', 'x', now() - interval '40 days')",
    )
    .await;
    let figures = async |person: &Person, query: &str| {
        read(person, &format!("/renos/security_events/statistics{query}")).await.expect(200).json()
    };
    let by = |low: i64, high: i64| json!({"low": low, "medium": 0, "high": high, "critical": 0});
    let of = |days: i64, total: i64, by_severity: Value| {
        let mut figures = json!({"days": days, "total": total, "unresolved": 2});
        figures["by_severity"] = by_severity;
        figures
    };
    assert_eq!(figures(&app, "").await, of(30, 2, by(1, 1)));
    assert_eq!(figures(&app, "?days=7").await, of(7, 1, by(0, 1)));
    assert_eq!(figures(&api.service, "?organization_id=org-1&days=90").await, of(90, 3, by(2, 1)));
    assert_eq!(figures(&other, "?organization_id=org-1").await["total"], 0);
}
