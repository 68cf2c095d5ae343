//! Secrets in clear, for whom they are; and webhooks, whose secret is compared.

use serde_json::{Value, json};
use tekup_db::{
    auth::{Grant, mint},
    config::{Config, Secret},
    domain::Sealer,
};

use super::{at_once, call, faults, opened, read, sealing};
use crate::support::{Answer, Api, Person, SECRET, tekup_with};

const PERSON: &str = "11111111-1111-4111-8111-111111111111";

/// A caller whose token has a claim more.
fn claiming(api: &Api, role: &str, name: &str, value: Value) -> Person {
    let config =
        Config::read(&[("JWT_SECRET", SECRET)].into_iter().collect::<std::collections::BTreeMap<_, _>>()).unwrap();
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    let claims = [(name.to_owned(), value)].into_iter().collect();
    let grant = Grant { role, person: Some(PERSON), lifetime: Some(3600), claims, ..Grant::default() };
    Person::new(api.running.clone(), Some(mint(&config.auth, grant, now).unwrap()))
}

/// How many entries of an action there are, and of how many something came.
async fn trail(api: &Api, action: &str, id: &str) -> String {
    api.query(&format!(
        "select count(*) || ' ' || count(*) filter (where success)
         from shared.audit_logs where action = '{action}' and resource_id = '{id}'"
    ))
    .await
}

async fn organization(api: &Api, billy_id: &str) -> String {
    api.query(&format!("select id::text from billy.organizations where billy_organization_id = '{billy_id}'")).await
}

#[tokio::test]
async fn a_key_is_revealed_to_its_own_connector_and_replaced_by_it() {
    let api = sealing().await;
    let id = organization(&api, "fjordklar-demo").await;
    let other = organization(&api, "test-org-123").await;
    let app = api.person("billy_app", Some(&id), PERSON);
    let reveal = format!("/billy/organizations/{id}/reveal_api_key");
    let rotate = format!("/billy/organizations/{id}/rotate_api_key");
    let revealed = call(&app, &reveal, json!({})).await.expect(200);
    assert_eq!(revealed.json()["billy_api_key"], "demo-billy-key");
    assert_eq!(revealed.header("cache-control"), "no-store");
    assert_eq!(trail(&api, "reveal_secret", &id).await, "1 1");
    let by: String = api
        .query(&format!("select user_id || (metadata ->> 'role') from shared.audit_logs where action = 'reveal_secret' and resource_id = '{id}'"))
        .await;
    assert_eq!(by, format!("{PERSON}billy_app"));

    let before: String =
        api.query(&format!("select api_key_rotated_at::text from billy.organizations where id = '{id}'")).await;
    let rotated = call(&app, &rotate, json!({"billy_api_key": " new-key\n"})).await.expect(200);
    assert!(!rotated.text().contains("new-key"));
    assert_ne!(rotated.json()["api_key_rotated_at"], json!(before));
    let stored: String = api.query(&format!("select billy_api_key from billy.organizations where id = '{id}'")).await;
    assert_eq!(opened(&stored), "new-key");
    assert_eq!(call(&api.service, &reveal, json!({})).await.expect(200).json()["billy_api_key"], "new-key");
    assert_eq!(
        (trail(&api, "rotate_secret", &id).await, trail(&api, "reveal_secret", &id).await),
        ("1 1".into(), "2 2".into())
    );

    let stranger = api.person("billy_app", Some(&other), PERSON);
    call(&stranger, &reveal, json!({})).await.expect(404);
    call(&stranger, &rotate, json!({"billy_api_key": "theirs"})).await.expect(404);
    assert_eq!(faults(&call(&app, &rotate, json!({"billy_api_key": " "})).await.expect(400)), ["billy_api_key"]);
    let off = organization(&api, "havtornen-demo").await;
    let refused =
        call(&api.service, &format!("/billy/organizations/{off}/reveal_api_key"), json!({})).await.expect(409);
    assert_eq!(refused.json()["details"]["current"], json!({"is_active": false}));
    assert_eq!(
        (trail(&api, "reveal_secret", &off).await, trail(&api, "reveal_secret", &id).await),
        ("0 0".into(), "2 2".into())
    );
    assert_eq!(
        opened(&api.query::<String>(&format!("select billy_api_key from billy.organizations where id = '{id}'")).await),
        "new-key"
    );
}

#[tokio::test]
async fn of_many_who_replace_a_key_one_is_the_last_and_it_opens() {
    let api = sealing().await;
    let id = organization(&api, "fjordklar-demo").await;
    let path = format!("/billy/organizations/{id}/rotate_api_key");
    let statuses =
        at_once(32, async |number| call(&api.service, &path, json!({"billy_api_key": format!("key {number}")})).await)
            .await;
    assert_eq!(statuses, [200; 32]);
    let stored: String = api.query(&format!("select billy_api_key from billy.organizations where id = '{id}'")).await;
    assert!(opened(&stored).starts_with("key "));
    assert_eq!(trail(&api, "rotate_secret", &id).await, "32 32");
}

#[tokio::test]
async fn without_a_key_or_with_another_a_secret_is_neither_taken_nor_given() {
    let api = tekup_with(|_| {}).await;
    let id = organization(&api, "fjordklar-demo").await;
    let reveal = format!("/billy/organizations/{id}/reveal_api_key");
    let variable = json!({"key": "k", "value": "hidden", "is_secret": true});
    let webhook = json!({"workflow_id": "c1", "name": "a", "generate_secret": true});
    for refused in [
        call(&api.service, &reveal, json!({})).await,
        call(&api.service, &format!("/billy/organizations/{id}/rotate_api_key"), json!({"billy_api_key": "hidden"}))
            .await,
        call(&api.service, "/flow/variables/set", variable).await,
        call(&api.service, "/flow/webhooks/register", webhook).await,
        read(&api.service, "/flow/variables/value?key=mail_token&reveal=true").await,
    ] {
        let refused = refused.expect(501);
        assert_eq!(refused.json()["code"], "operation.no_encryption_key");
        assert!(
            refused.json()["hint"].as_str().unwrap().contains("ENCRYPTION_KEY") && !refused.text().contains("hidden")
        );
    }
    assert_eq!(trail(&api, "reveal_secret", &id).await, "0 0");
    // What is no secret needs none.
    call(&api.service, "/flow/variables/set", json!({"key": "k", "value": "shown"})).await.expect(200);
    assert_eq!(read(&api.service, "/flow/variables/value?key=k").await.expect(200).json()["value"], "shown");

    let other = tekup_with(|config| {
        let secret = || Secret::new("another");
        config.encryption = Some(tekup_db::config::EncryptionConfig { key: secret(), salt: secret() });
    })
    .await;
    let refused = call(&other.service, &reveal, json!({})).await.expect(500).json();
    assert_eq!(refused["code"], "operation.secret_unreadable");
    assert_eq!((&refused["details"], &refused["hint"]), (&Value::Null, &Value::Null));
}

#[tokio::test]
async fn a_configuration_is_revealed_to_whom_the_token_says() {
    let api = sealing().await;
    let app = claiming(&api, "flow_app", "reveal_secrets", json!(true));
    let config = json!({"token": "xoxb-1", "nested": {"a": [1, null, "æ"]}});
    let input = json!({"name": "Channel", "type": "slack", "owner": "c1", "config": config});
    let made = call(&app, "/flow/integrations/connect", input).await.expect(201).json();
    let id = made["id"].as_str().unwrap();
    let path = format!("/flow/integrations/{id}/reveal");
    for caller in [&app, &api.service] {
        let revealed = call(caller, &path, json!({})).await.expect(200);
        assert_eq!((&revealed.json()["config"], &revealed.json()["name"]), (&config, &json!("Channel")));
        assert_eq!(revealed.header("cache-control"), "no-store");
    }
    for without in [
        api.person("flow_app", None, PERSON),
        claiming(&api, "flow_app", "reveal_secrets", json!("true")),
        claiming(&api, "flow_app", "reveal_secrets", json!(false)),
    ] {
        let refused = call(&without, &path, json!({})).await.expect(403);
        assert_eq!(refused.json()["code"], "operation.forbidden");
        assert!(!refused.text().contains("xoxb-1"));
    }
    assert_eq!(trail(&api, "reveal_secret", id).await, "5 2");
    call(&app, "/flow/integrations/nobody/reveal", json!({})).await.expect(404);
    // The encrypted text alone, and what moved in before anything was encrypted.
    api.execute(&format!("update flow.integrations set config = config -> 'enc' where id = '{id}'")).await;
    assert_eq!(call(&app, &path, json!({})).await.expect(200).json()["config"], config);
    api.execute(&format!("update flow.integrations set config = '{{\"a\": 1}}' where id = '{id}'")).await;
    assert_eq!(call(&app, &path, json!({})).await.expect(200).json()["config"], json!({"a": 1}));
}

#[tokio::test]
async fn a_variable_is_revealed_where_that_is_asked_for() {
    let api = sealing().await;
    let app = claiming(&api, "flow_app", "reveal_secrets", json!(true));
    let secret = json!({"key": "k", "value": "hidden", "is_secret": true});
    let id = call(&app, "/flow/variables/set", secret).await.expect(200).json()["id"].as_str().unwrap().to_owned();
    let path = "/flow/variables/value?key=k";
    let value = async |caller: &Person, more: &str| read(caller, &format!("{path}{more}")).await;
    assert_eq!(value(&app, "").await.expect(200).json()["value"], Value::Null);
    assert_eq!(value(&app, "&reveal=false").await.expect(200).json()["value"], Value::Null);
    assert_eq!(trail(&api, "reveal_secret", &id).await, "0 0");
    for caller in [&app, &api.service] {
        let revealed = value(caller, "&reveal=true").await.expect(200);
        assert_eq!((&revealed.json()["value"], revealed.header("cache-control")), (&json!("hidden"), "no-store"));
    }
    let without = api.person("flow_app", None, PERSON);
    value(&without, "&reveal=true").await.expect(403);
    assert_eq!(value(&without, "").await.expect(200).json()["value"], Value::Null);
    assert_eq!(trail(&api, "reveal_secret", &id).await, "3 2");
    // What is no secret needs no right, and leaves nothing.
    call(&app, "/flow/variables/set", json!({"key": "k", "value": "shown", "is_secret": false})).await.expect(200);
    assert_eq!(value(&without, "&reveal=true").await.expect(200).json()["value"], "shown");
    assert_eq!(trail(&api, "reveal_secret", &id).await, "3 2");
    // Of the sample data, under the key of the sample data.
    let sample = read(&api.service, "/flow/variables/value?key=mail_token&reveal=true").await.expect(200).json();
    assert!(sample["value"].as_str().unwrap().starts_with("demo"), "{sample}");
}

#[tokio::test]
async fn neither_a_secret_nor_a_name_of_it_is_kept_for_a_key() {
    let api = sealing().await;
    let workflow: String = api.query("select id from flow.workflows limit 1").await;
    let send = async |input: &Value| {
        let headers = [("idempotency-key", "one")];
        api.service.write(axum::http::Method::POST, "/flow/webhooks/register", &headers, input.clone()).await
    };
    let input = json!({"workflow_id": workflow, "name": "Made", "generate_secret": true});
    let first = send(&input).await.expect(201);
    let again = send(&input).await.expect(201);
    assert_eq!((again.header("idempotency-replayed"), again.text()), ("true", first.text()));
    let secret = first.json()["secret"].as_str().unwrap().to_owned();
    let kept: String = api
        .query("select string_agg(convert_from(body, 'UTF8') || headers::text, '') from shared.idempotency_keys")
        .await;
    assert!(!kept.contains(&secret) && kept.contains("sealed"), "{kept}");
    send(&json!({"workflow_id": workflow, "name": "Made", "secret": "given"})).await.expect(422);
}

#[tokio::test]
async fn what_answers_with_a_secret_takes_no_key_and_is_no_step() {
    let api = sealing().await;
    let person: String = api.query("select id::text from shared.users where is_active limit 1").await;
    let organisation: String = api.query("select id::text from billy.organizations limit 1").await;
    for (path, input) in [
        (format!("/billy/organizations/{organisation}/reveal_api_key"), json!({})),
        ("/shared/sessions/open".to_owned(), json!({"user_id": person, "app": "renos"})),
    ] {
        let keyed = [("idempotency-key", "one")];
        let sent = api.service.write(axum::http::Method::POST, &path, &keyed, input.clone()).await.expect(400).json();
        assert_eq!(sent["code"], "idempotency.secret", "{path}");
        let step = json!([{"method": "POST", "path": path, "body": input}]);
        let sent = api.service.write(axum::http::Method::POST, "/batch", &[], step).await.expect(400).json();
        assert_eq!(sent["details"]["body"]["code"], "operation.not_in_batch", "{path}");
        assert!(api.service.write(axum::http::Method::POST, &path, &[], input).await.status.is_success(), "{path}");
    }
    assert_eq!(api.query::<i64>("select count(*) from shared.idempotency_keys").await, 0);
}

/// A webhook of an active workflow, with that secret and what else is given: its id and address.
async fn webhook(api: &Api, more: Value) -> (String, String, String) {
    let workflow: String = api
        .query(
            "insert into flow.workflows (name, owner, status, trigger, nodes, edges)
             values ('Leads', 'c1', 'active', '{}', '[{\"id\": \"a\"}]', '[]') returning id",
        )
        .await;
    let mut input = json!({"workflow_id": workflow, "name": "Form", "secret": "Jefe"});
    input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    input.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    let made = call(&api.service, "/flow/webhooks/register", input).await.expect(201).json();
    let field = |name: &str| made[name].as_str().unwrap().to_owned();
    (field("id"), field("url"), workflow)
}

/// HMAC-SHA256 under the key `Jefe`: of RFC 4231's text, and of a JSON object.
const BODY: &str = "what do ya want for nothing?";
const SIGNATURE: &str = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";

async fn receive(api: &Api, url: &str, more: Value) -> Answer {
    let app = api.person("flow_app", None, PERSON);
    let mut input = json!({"url": url, "method": "POST", "ip": "192.0.2.7", "body": BODY, "signature": SIGNATURE});
    input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    input.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    call(&app, "/flow/webhooks/receive", input).await
}

/// Requests, runs and the workflow's count.
async fn counts(api: &Api, webhook: &str, workflow: &str) -> String {
    api.query(&format!(
        "select concat_ws(' ', h.request_count, (select count(*) from flow.executions where workflow_id = w.id),
             w.execution_count)
         from flow.webhooks h, flow.workflows w where h.id = '{webhook}' and w.id = '{workflow}'"
    ))
    .await
}

#[tokio::test]
async fn a_signed_call_begins_a_run() {
    let api = sealing().await;
    let (id, url, workflow) = webhook(&api, json!({"allowed_ips": ["192.0.2.0/24", "2001:db8::1"]})).await;
    let run = receive(&api, &url, json!({})).await.expect(201).json();
    assert_eq!(
        (&run["input"], &run["triggered_by"], &run["status"]),
        (&json!(BODY), &json!("webhook"), &json!("running"))
    );
    assert_eq!(run["metadata"], json!({"webhook_id": id, "method": "POST", "ip": "192.0.2.7"}));
    receive(
        &api,
        &url,
        json!({"method": "post", "ip": "::ffff:192.0.2.8", "signature": format!("sha256={SIGNATURE}")}),
    )
    .await
    .expect(201);
    receive(&api, &url, json!({"ip": "2001:db8::1", "signature": SIGNATURE.to_uppercase()})).await.expect(201);
    assert_eq!(counts(&api, &id, &workflow).await, "3 3 3");
    let (id, url, workflow) = webhook(&api, json!({"secret": null, "method": "GET"})).await;
    for (body, input) in [
        ("{\"lead\": {\"id\": 7}}", json!({"lead": {"id": 7}})),
        ("", Value::Null),
        ("null", Value::Null),
        ("a=1&b=2", json!("a=1&b=2")),
        ("\"\\u0000\"", json!("\"\\u0000\"")),
        ("1e999999", json!("1e999999")),
    ] {
        let more = json!({"method": "GET", "body": body, "signature": null});
        assert_eq!(receive(&api, &url, more).await.expect(201).json()["input"], input, "{body}");
    }
    assert_eq!(counts(&api, &id, &workflow).await, "6 6 6");
    let statuses = at_once(32, async |_| receive(&api, &url, json!({"method": "GET", "signature": null})).await).await;
    assert_eq!((statuses, counts(&api, &id, &workflow).await), (vec![201; 32], "38 38 38".to_owned()));
}

#[tokio::test]
async fn a_call_that_may_not_begins_nothing() {
    let api = sealing().await;
    let (id, url, workflow) = webhook(&api, json!({"allowed_ips": ["192.0.2.0/24"]})).await;
    let refused = async |more: Value, status: u16| receive(&api, &url, more).await.expect(status).json();
    for signature in [json!(null), json!(""), json!("00"), json!(&SIGNATURE[..62]), json!(SIGNATURE.replace('5', "6"))]
    {
        assert_eq!(refused(json!({"signature": signature}), 401).await["code"], "operation.unauthenticated");
    }
    assert_eq!(refused(json!({"body": format!("{BODY} ")}), 401).await["code"], "operation.unauthenticated");
    assert_eq!(refused(json!({"ip": "198.51.100.7"}), 403).await["code"], "operation.forbidden");
    assert_eq!(trail(&api, "refuse_request", &id).await, "7 0");
    let reasons: String = api
        .query(&format!(
            "select string_agg(distinct (metadata ->> 'reason') || (metadata ->> 'ip'), ' ') from shared.audit_logs
             where action = 'refuse_request' and resource_id = '{id}'"
        ))
        .await;
    assert_eq!(reasons, "stranger198.51.100.7 unsigned192.0.2.7");
    // The entry stays whether or not the call has a key.
    let input = json!({"url": url, "method": "POST", "ip": "192.0.2.7", "body": BODY, "signature": "00"});
    let headers = [("idempotency-key", "one")];
    api.service.write(axum::http::Method::POST, "/flow/webhooks/receive", &headers, input).await.expect(401);
    assert_eq!(trail(&api, "refuse_request", &id).await, "8 0");

    assert_eq!(refused(json!({"method": "PUT"}), 422).await["message"], "The webhook takes POST");
    assert_eq!(faults(&receive(&api, &url, json!({"ip": "home"})).await.expect(400)), ["ip"]);
    assert_eq!(faults(&receive(&api, &url, json!({"body": "x".repeat(262_145)})).await.expect(400)), ["body"]);
    receive(&api, "/hooks/nobody", json!({})).await.expect(404);
    api.execute(&format!("update flow.workflows set status = 'paused' where id = '{workflow}'")).await;
    assert_eq!(refused(json!({}), 409).await["details"]["current"], json!({"status": "paused", "is_template": false}));
    api.execute(&format!("update flow.webhooks set is_active = false where id = '{id}'")).await;
    assert_eq!(refused(json!({}), 409).await["details"]["current"], json!({"is_active": false}));
    assert_eq!(
        (counts(&api, &id, &workflow).await, trail(&api, "refuse_request", &id).await),
        ("0 0 0".into(), "8 0".into())
    );
}

#[tokio::test]
async fn a_webhooks_secret_of_the_sample_data_is_good_for_signatures() {
    let api = sealing().await;
    let (url, sealed): (String, String) = {
        let both: String = api
            .query("select url || ' ' || secret from flow.webhooks where is_active and allowed_ips = '{}' limit 1")
            .await;
        let (url, sealed) = both.split_once(' ').unwrap();
        (url.to_owned(), sealed.to_owned())
    };
    let sealer = Sealer::new("development-only", "development-only");
    assert!(sealer.open(&sealed).is_ok());
    receive(&api, &url, json!({})).await.expect(401);
}
