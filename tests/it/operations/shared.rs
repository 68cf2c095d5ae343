//! People, their sign-in sessions, and the trail of all applications.

use serde_json::{Value, json};

use super::{at_once, call, faults, put};
use crate::support::{Api, Person, tekup_with};

const NOBODY: &str = "11111111-1111-4111-8111-111111111111";

/// The service, an application and a person.
async fn start() -> (Api, Person, String) {
    let api = tekup_with(|_| {}).await;
    let app = api.person("crm_app", None, "22222222-2222-4222-8222-222222222222");
    let user = person(&api, "ann@new.example").await;
    (api, app, user)
}

async fn person(api: &Api, email: &str) -> String {
    api.query(&format!("insert into shared.users (email, name) values ('{email}', 'Ann') returning id::text")).await
}

/// A session of that person: its id and its token.
async fn session(app: &Person, user: &str) -> (String, String) {
    let answer = call(app, "/shared/sessions/open", json!({"user_id": user, "app": "crm"})).await.expect(201).json();
    let field = |value: &Value| value.as_str().unwrap().to_owned();
    (field(&answer["session"]["id"]), field(&answer["token"]))
}

/// The status of asking whose a token is.
async fn validate(app: &Person, token: &str) -> u16 {
    call(app, "/shared/sessions/validate", json!({"token": token})).await.status.as_u16()
}

/// Entries of the trail about a thing: application, verb and person of each.
async fn trail(api: &Api, resource: &str) -> String {
    api.query(&format!(
        "select coalesce(string_agg(concat_ws(' ', service, action, resource_type), ',' order by created_at, action), '')
         from shared.audit_logs where resource_id = '{resource}'"
    ))
    .await
}

#[tokio::test]
async fn a_session_shows_its_token_once_and_keeps_a_hash_of_it() {
    let (api, app, user) = start().await;
    let input = json!({"user_id": user, "app": " crm ", "ttl_hours": 8, "ip_address": "192.0.2.1", "user_agent": "x",
        "metadata": {"organization_id": "o"}});
    let answer = call(&app, "/shared/sessions/open", input).await.expect(201).json();
    let token = answer["token"].as_str().unwrap();
    assert!(token.len() == 64 && token.bytes().all(|byte| byte.is_ascii_hexdigit()), "{token}");
    let opened = &answer["session"];
    assert_eq!((&opened["app"], &opened["metadata"]), (&json!("crm"), &json!({"organization_id": "o"})));
    let id = opened["id"].as_str().unwrap();
    let kept = format!(
        "select (token_hash = encode(sha256('{token}'), 'hex') and expires_at = created_at + interval '8 hours')
             and not to_jsonb(s)::text like '%{token}%' from shared.sessions s where id = '{id}'"
    );
    assert!(api.query::<bool>(&kept).await);
    assert_eq!(trail(&api, id).await, "crm create session");
    let found = call(&app, "/shared/sessions/validate", json!({"token": token})).await.expect(200).json();
    assert_eq!((&found["session"], &found["user"]["id"]), (opened, &json!(user)));
    assert!(!found.to_string().contains("token"));
    let (_, other) = session(&app, &user).await;
    assert_ne!(other, token);

    let count = "select count(*) from shared.sessions";
    let before: i64 = api.query(count).await;
    let nobody = json!({"user_id": NOBODY, "app": "crm"});
    let refused = call(&app, "/shared/sessions/open", nobody).await.expect(422).json();
    assert_eq!(refused["details"]["field"], "user_id");
    for (more, field) in [
        (json!({"ttl_hours": 0}), "ttl_hours"),
        (json!({"ttl_hours": 8_761}), "ttl_hours"),
        (json!({"app": " "}), "app"),
        (json!({"metadata": {"a": "x".repeat(262_144)}}), "metadata"),
    ] {
        let mut input = json!({"user_id": user, "app": "crm"});
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        assert_eq!(faults(&call(&app, "/shared/sessions/open", input).await.expect(400)), [field]);
    }
    api.execute(&format!("update shared.users set is_active = false where id = '{user}'")).await;
    let off = call(&app, "/shared/sessions/open", json!({"user_id": user, "app": "crm"})).await.expect(409).json();
    assert_eq!(off["details"]["current"], json!({"is_active": false}));
    assert_eq!(api.query::<i64>(count).await, before);
    assert_eq!(validate(&app, &other).await, 404, "who is switched off has no session");
}

#[tokio::test]
async fn a_token_is_good_until_it_expires_and_its_use_is_noted_once_a_minute() {
    let (api, app, user) = start().await;
    let (id, token) = session(&app, &user).await;
    let set = async |what: &str| api.execute(&format!("update shared.sessions set {what} where id = '{id}'")).await;
    let seen = format!("select (now() - last_seen_at < interval '10 seconds') from shared.sessions where id = '{id}'");
    set("last_seen_at = now() - interval '50 seconds'").await;
    assert_eq!(validate(&app, &token).await, 200);
    assert!(!api.query::<bool>(&seen).await, "less than a minute ago");
    set("last_seen_at = now() - interval '61 seconds'").await;
    let found = call(&app, "/shared/sessions/validate", json!({"token": token})).await.expect(200).json();
    assert!(api.query::<bool>(&seen).await);
    let told = found["session"]["last_seen_at"].as_str().unwrap();
    let is_told = format!("select last_seen_at = '{told}' from shared.sessions where id = '{id}'");
    assert!(api.query::<bool>(&is_told).await);
    let statuses = at_once(32, async |_| call(&app, "/shared/sessions/validate", json!({"token": token})).await).await;
    assert_eq!(statuses, [200; 32]);
    for wrong in [&token[1..], "x"] {
        assert_eq!(validate(&app, wrong).await, 404);
    }
    set("expires_at = now()").await;
    assert_eq!(validate(&app, &token).await, 404);
}

#[tokio::test]
async fn sessions_are_ended_one_or_all_of_a_person() {
    let (api, app, user) = start().await;
    let (id, token) = session(&app, &user).await;
    let path = format!("/shared/sessions/{id}/revoke");
    let first = call(&app, &path, json!({})).await.expect(200).json();
    assert!(first["revoked_at"].is_string());
    let statuses = at_once(32, async |_| {
        let again = call(&app, &path, json!({})).await;
        assert_eq!(again.json()["revoked_at"], first["revoked_at"]);
        again
    })
    .await;
    assert_eq!((statuses, validate(&app, &token).await), (vec![200; 32], 404));
    assert_eq!(trail(&api, &id).await, "crm create session,crm revoke session");
    call(&app, &format!("/shared/sessions/{NOBODY}/revoke"), json!({})).await.expect(404);

    let (_, one) = session(&app, &user).await;
    let (old, _) = session(&app, &user).await;
    api.execute(&format!("update shared.sessions set expires_at = now() where id = '{old}'")).await;
    let (_, others) = session(&app, &person(&api, "bo@new.example").await).await;
    let path = format!("/shared/users/{user}/revoke_sessions");
    assert_eq!(call(&app, &path, json!({})).await.expect(200).json(), json!({"revoked": 1}));
    assert_eq!(call(&app, &path, json!({})).await.expect(200).json(), json!({"revoked": 0}));
    assert_eq!((validate(&app, &one).await, validate(&app, &others).await), (404, 200));
    assert_eq!(trail(&api, &user).await, "crm revoke_sessions user");
    call(&app, &format!("/shared/users/{NOBODY}/revoke_sessions"), json!({})).await.expect(404);
}

#[tokio::test]
async fn a_person_is_found_by_address_or_made_once() {
    let (api, _, user) = start().await;
    let path = "/shared/users/by_email";
    let found = put(&api.service, path, json!({"email": "Ann@New.example", "name": "Other"})).await.expect(200).json();
    assert_eq!((&found["id"], &found["name"]), (&json!(user), &json!("Ann")));
    let new = json!({"email": "Bo@New.example", "name": " Bo ", "role": "admin", "metadata": {"a": 1}});
    let statuses = at_once(32, async |_| put(&api.service, path, new.clone()).await).await;
    assert_eq!((&statuses[..31], statuses[31]), (&[200; 31][..], 201));
    let made = put(&api.service, path, new).await.expect(200).json();
    assert_eq!(
        (&made["email"], &made["name"], &made["role"], &made["metadata"]),
        (&json!("bo@new.example"), &json!("Bo"), &json!("admin"), &json!({"a": 1}))
    );
    assert_eq!(trail(&api, made["id"].as_str().unwrap()).await, "shared create user");
    let wrong = json!({"email": "x", "name": " ", "is_active": false});
    assert_eq!(faults(&put(&api.service, path, wrong).await.expect(400)), ["email", "name", "is_active"]);
}

#[tokio::test]
async fn who_is_switched_off_has_no_session_whenever_it_was_opened() {
    let (api, app, user) = start().await;
    let (_, token) = session(&app, &user).await;
    let path = format!("/shared/users/{user}/deactivate");
    let off = call(&api.service, &path, json!({})).await.expect(200).json();
    assert_eq!((&off["id"], &off["is_active"]), (&json!(user), &json!(false)));
    assert_eq!(validate(&app, &token).await, 404);
    call(&api.service, &path, json!({})).await.expect(200);
    assert_eq!(trail(&api, &user).await, "shared deactivate user");
    call(&api.service, &format!("/shared/users/{NOBODY}/deactivate"), json!({})).await.expect(404);

    for n in 0..3 {
        let user = person(&api, &format!("raced-{n}@new.example")).await;
        let path = format!("/shared/users/{user}/deactivate");
        let open = json!({"user_id": user, "app": "crm"});
        at_once(32, async |n| match n {
            16 => call(&api.service, &path, json!({})).await.expect(200),
            _ => call(&app, "/shared/sessions/open", open.clone()).await,
        })
        .await;
        let live = format!("select count(*) from shared.sessions where user_id = '{user}' and revoked_at is null");
        assert_eq!(api.query::<i64>(&live).await, 0);
    }
}

#[tokio::test]
async fn a_person_is_forgotten_and_the_row_stays() {
    let (api, app, user) = start().await;
    session(&app, &user).await;
    api.execute(&format!("update shared.users set metadata = '{{\"phone\": \"1\"}}' where id = '{user}'")).await;
    let path = format!("/shared/users/{user}/erase");
    let gone = call(&api.service, &path, json!({})).await.expect(200).json();
    assert_eq!(
        (&gone["id"], &gone["name"], &gone["metadata"], &gone["is_active"]),
        (&json!(user), &json!("Slettet bruger"), &json!({}), &json!(false))
    );
    assert_eq!(gone["email"], format!("deleted-{user}@invalid.local"));
    let left = format!("select count(*) from shared.sessions where user_id = '{user}'");
    assert_eq!(api.query::<i64>(&left).await, 0);
    assert_eq!(call(&api.service, &path, json!({})).await.expect(200).json(), gone);
    assert_eq!(trail(&api, &user).await, "shared erase user");
    call(&api.service, &format!("/shared/users/{NOBODY}/erase"), json!({})).await.expect(404);
}

#[tokio::test]
async fn the_trail_is_of_the_callers_application_and_without_secrets() {
    let (api, app, user) = start().await;
    let path = "/shared/audit_logs/record";
    let entry = json!({"user_id": NOBODY, "service": "billy", "action": " update ", "resource_type": "contact",
        "resource_id": "trail-1", "success": false,
        "metadata": {"api_Key": "s3cret", "list": [{"Authorization": "s3cret", "n": 1}], "nested": {"password": {"a": "s3cret"}}}});
    let made = call(&app, path, entry.clone()).await.expect(201).json();
    assert_eq!(
        (&made["service"], &made["action"], &made["user_id"], &made["success"]),
        (&json!("crm"), &json!("update"), &json!(NOBODY), &json!(false))
    );
    let clean = json!({"api_Key": "[removed]", "list": [{"Authorization": "[removed]", "n": 1}],
        "nested": {"password": "[removed]"}});
    assert_eq!(made["metadata"], clean);
    assert_eq!(call(&api.service, path, entry).await.expect(201).json()["service"], "billy");
    let least = json!({"action": "read", "resource_type": "contact", "resource_id": "trail-2"});
    assert_eq!(faults(&call(&api.service, path, least.clone()).await.expect(400)), ["service"]);
    let made = call(&app, path, least).await.expect(201).json();
    assert_eq!((&made["metadata"], &made["success"], &made["user_id"]), (&json!({}), &Value::Null, &Value::Null));
    let long = json!({"action": "read", "resource_type": "contact", "resource_id": "trail-3",
        "metadata": {"text": "\u{1}".repeat(70_000)}});
    let cut = call(&app, path, long).await.expect(201).json();
    assert_eq!(cut["metadata"]["cut"], true);
    assert!(cut["metadata"].to_string().len() < 65_536);

    let many: Vec<_> = (0..500)
        .map(|n| json!({"action": "read", "resource_type": "many", "resource_id": n.to_string(), "user_id": user}))
        .collect();
    let path = "/shared/audit_logs/record_many";
    assert_eq!(call(&app, path, json!({"entries": many})).await.expect(201).json(), json!({"recorded": 500}));
    let stored = "select concat_ws(' ', count(*), count(distinct resource_id), min(service)) from shared.audit_logs where resource_type = 'many'";
    assert_eq!(api.query::<String>(stored).await, "500 500 crm");
    let some = json!({"entries": [{"service": "crm", "action": "a", "resource_type": "b", "resource_id": "refused"},
        {"action": "a", "resource_type": "b", "resource_id": "refused"}]});
    assert_eq!(faults(&call(&api.service, path, some).await.expect(400)), ["entries[1].service"]);
    assert_eq!(trail(&api, "refused").await, "");
    assert_eq!(faults(&call(&app, path, json!({"entries": []})).await.expect(400)), ["entries"]);
}

#[tokio::test]
async fn an_application_writes_the_trail_in_its_own_name() {
    let api = tekup_with(|_| {}).await;
    let app = api.person("flow_app", None, "11111111-1111-4111-8111-111111111111");
    let entry = json!({
        "service": "renos", "action": "x", "resource_type": "t", "resource_id": "r", "success": true,
        "created_at": "2020-01-01T00:00:00Z", "metadata": {"password": "hunter2", "n": 1},
    });
    app.send(
        axum::http::Method::POST,
        "/shared/audit_logs",
        &[("content-type", "application/json")],
        entry.to_string(),
    )
    .await
    .expect(201);
    let kept: String = api
        .query(
            "select concat_ws(' ', service, created_at > now() - interval '1 minute', metadata::text like '%hunter2%', metadata ->> 'n')
             from shared.audit_logs where action = 'x'",
        )
        .await;
    assert_eq!(kept, "flow t f 1");
}
