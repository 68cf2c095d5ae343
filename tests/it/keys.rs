//! Keys for the header `X-API-Key`.

use axum::http::Method;
use serde_json::{Value, json};
use tekup_db::config::{EncryptionConfig, Secret};

use crate::support::{Answer, Api, Person, serve, tekup_with};

async fn api() -> Api {
    tekup_with(|config| {
        let secret = || Secret::new("development-only");
        config.encryption = Some(EncryptionConfig { key: secret(), salt: secret() });
    })
    .await
}

/// A key for that role, with what else is given: its answer.
async fn made(api: &Api, role: &str, more: Value) -> Value {
    let mut input = json!({"name": "Tests", "role": role});
    input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    api.service.post("/shared/api_keys/create", input).await.expect(201).json()
}

async fn with(nobody: &Person, made: &Value, method: Method, path: &str, more: &[(&str, &str)]) -> Answer {
    let mut headers = vec![("x-api-key", made["key"].as_str().unwrap())];
    headers.extend(more);
    nobody.send(method, path, &headers, "").await
}

async fn get(nobody: &Person, made: &Value, path: &str) -> Answer {
    with(nobody, made, Method::GET, path, &[]).await
}

/// What is known of a key holds for ten seconds: another service knows nothing yet.
async fn anew(api: &Api) -> Person {
    let url = api.running.app().config.database.url.clone().unwrap();
    Person::new(serve(&[("DATABASE_URL", url.expose())]).await.unwrap(), None)
}

#[tokio::test]
async fn a_key_is_shown_once_and_kept_as_a_hash() {
    let api = api().await;
    let key = made(&api, "renos_app", json!({"name": " Backend ", "person": "p1"})).await;
    let text = key["key"].as_str().unwrap();
    assert!(text.starts_with("tekup_") && text.len() == 70 && text.starts_with(key["key_start"].as_str().unwrap()));
    assert_eq!(
        (&key["name"], &key["role"], &key["read_only"]),
        (&json!("Backend"), &json!("renos_app"), &json!(false))
    );
    let kept: String = api.query("select row_to_json(k)::text from shared.api_keys k").await;
    assert!(!kept.contains(text));
    let listed = api.service.get("/shared/api_keys").await.expect(200);
    assert_eq!(listed.json()[0]["name"], "Backend");
    assert!(!listed.text().contains("hash") && !listed.text().contains(text));
    api.person("renos_app", None, "x").get("/shared/api_keys").await.expect(403);
    let trail: i64 = api.query("select count(*) from shared.audit_logs where action = 'create_key'").await;
    assert_eq!(trail, 1);
    for wrong in [
        json!({"name": " ", "role": "renos_app"}),
        json!({"name": "a", "role": "postgres"}),
        json!({"name": "a", "role": "renos_operator"}),
        json!({"name": "a", "role": "anon", "expires_at": "2020-01-01T00:00:00Z"}),
        json!({"name": "a", "role": "renos_app", "expires_at": "2020-01-01T00:00:00Z"}),
        json!({"name": "a", "role": "renos_app", "organizations": [" "]}),
    ] {
        api.service.post("/shared/api_keys/create", wrong).await.expect(400);
    }
    assert_eq!(api.query::<i64>("select count(*) from shared.api_keys").await, 1);
}

#[tokio::test]
async fn a_key_lets_in_as_what_it_stands_for() {
    let api = api().await;
    let key = made(&api, "renos_app", json!({})).await;
    get(&api.anonymous, &key, "/renos/leads?limit=1").await.expect(200);
    get(&api.anonymous, &key, "/crm/contacts?limit=1").await.expect(403);
    with(&api.anonymous, &key, Method::POST, "/renos/bookings/nobody/start_timer", &[]).await.expect(404);
    with(&api.anonymous, &key, Method::POST, "/admin/maintenance", &[]).await.expect(403);
    let used: bool = api.query("select last_used_at > now() - interval '1 minute' from shared.api_keys").await;
    assert!(used);
    let operator = made(&api, "service_role", json!({})).await;
    get(&api.anonymous, &operator, "/health/detail").await.expect(200);
    for (headers, status) in [
        (vec![("x-api-key", "tekup_none")], 401),
        (vec![("x-api-key", "")], 401),
        (vec![("x-api-key", key["key"].as_str().unwrap()), ("authorization", "Bearer x")], 400),
    ] {
        let refused = api.anonymous.send(Method::GET, "/renos/leads", &headers, "").await.expect(status);
        assert!(refused.json()["code"].as_str().unwrap().starts_with("auth."));
    }
}

#[tokio::test]
async fn a_key_that_reads_writes_nothing() {
    let api = api().await;
    let key = made(&api, "renos_app", json!({"read_only": true})).await;
    get(&api.anonymous, &key, "/renos/leads?limit=1").await.expect(200);
    for (method, path) in [
        (Method::POST, "/renos/leads"),
        (Method::PATCH, "/renos/leads?id=eq.x"),
        (Method::DELETE, "/renos/leads?id=eq.x"),
        (Method::POST, "/renos/bookings/x/start_timer"),
        (Method::POST, "/batch"),
    ] {
        assert_eq!(
            with(&api.anonymous, &key, method, path, &[]).await.expect(403).json()["code"],
            "auth.read_only",
            "{path}"
        );
    }
}

#[tokio::test]
async fn a_key_names_one_of_its_organisations() {
    let api = api().await;
    let ids: String = api.query("select string_agg(id::text, ',' order by name) from billy.organizations").await;
    let ids: Vec<_> = ids.split(',').collect();
    let rows = async |key: &Value, named: Option<&str>| {
        let headers: Vec<_> = named.iter().map(|id| ("x-organization-id", *id)).collect();
        with(&api.anonymous, key, Method::GET, "/billy/organizations?select=id", &headers).await
    };
    let one = made(&api, "billy_app", json!({"organizations": [ids[0]]})).await;
    assert_eq!(rows(&one, None).await.expect(200).json(), json!([{"id": ids[0]}]));
    assert_eq!(rows(&one, Some(ids[1])).await.expect(403).json()["code"], "auth.organization");
    let two = made(&api, "billy_app", json!({"organizations": [ids[0], ids[1]]})).await;
    assert_eq!(rows(&two, None).await.expect(200).json(), json!([]));
    assert_eq!(rows(&two, Some(ids[1])).await.expect(200).json(), json!([{"id": ids[1]}]));
}

#[tokio::test]
async fn a_key_that_was_replaced_revoked_or_has_expired_lets_nobody_in() {
    let first = api().await;
    let key = made(&first, "renos_app", json!({})).await;
    let id = key["id"].as_str().unwrap();
    let rotated = first.service.post(&format!("/shared/api_keys/{id}/rotate"), json!({})).await.expect(200).json();
    assert_ne!(rotated["key"], key["key"]);
    get(&first.anonymous, &key, "/renos/leads?limit=1").await.expect(401);
    get(&first.anonymous, &rotated, "/renos/leads?limit=1").await.expect(200);
    let revoke = format!("/shared/api_keys/{id}/revoke");
    let revoked = first.service.post(&revoke, json!({})).await.expect(200).json();
    assert_eq!(first.service.post(&revoke, json!({})).await.expect(200).json(), revoked);
    get(&anew(&first).await, &rotated, "/renos/leads?limit=1").await.expect(401);
    first.service.post(&format!("/shared/api_keys/{id}/rotate"), json!({})).await.expect(409);
    let nobody = "/shared/api_keys/11111111-1111-4111-8111-111111111111/revoke";
    first.service.post(nobody, json!({})).await.expect(404);
    let soon = made(&first, "renos_app", json!({"expires_at": "2099-01-01T00:00:00Z"})).await;
    get(&first.anonymous, &soon, "/renos/leads?limit=1").await.expect(200);
    first
        .execute("update shared.api_keys set expires_at = now() - interval '1 second' where expires_at is not null")
        .await;
    get(&anew(&first).await, &soon, "/renos/leads?limit=1").await.expect(401);
    let trail: String = first
        .query("select string_agg(action, ' ' order by action) from shared.audit_logs where resource_type = 'api_key'")
        .await;
    assert_eq!(trail, "create_key create_key revoke_key rotate_key");
}
