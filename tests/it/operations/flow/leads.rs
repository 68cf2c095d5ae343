//! Leads: how they come in, and their way.

use super::*;

/// Two tenants, each with its Flow API.
pub(super) async fn tenants(api: &Api) -> [(String, Person); 2] {
    let mut found = Vec::new();
    for slug in ["fjordklar", "ostby-service"] {
        let id: String = api.query(&format!("select id::text from crm.tenants where slug = '{slug}'")).await;
        let person = api.person("flow_app", Some(&id), "11111111-1111-4111-8111-111111111111");
        found.push((id, person));
    }
    found.try_into().unwrap_or_else(|_| panic!("two"))
}

const TAKE_IN: &str = "/flow/leads/take_in";

fn lead(payload: Value) -> Value {
    json!({"source": " form ", "payload": payload})
}

/// A lead of that tenant, in that stage.
pub(super) async fn lead_that_is(api: &Api, tenant: &str, status: &str) -> String {
    api.query(&format!(
        "insert into flow.leads (tenant_id, source, status) values ('{tenant}', 'test', '{status}') returning id::text"
    ))
    .await
}

#[tokio::test]
async fn a_lead_that_repeats_another_refers_to_it_and_gives_what_it_had_not() {
    let api = tekup_with(|_| {}).await;
    let [(tenant, app), (_, other)] = tenants(&api).await;
    let first = json!({"name": " Mette ", "email": "Mette@New.example", "m2": 80, "city": null});
    let first = call(&app, TAKE_IN, lead(first)).await.expect(201).json();
    assert_eq!(first["duplicate"], false);
    for (field, value) in [
        ("tenant_id", json!(tenant)),
        ("source", json!("form")),
        ("name", json!("Mette")),
        ("phone", json!(null)),
        ("email", json!("mette@new.example")),
        ("status", json!("new")),
        ("duplicate_of", json!(null)),
        ("sla_deadline", json!(null)),
        ("auto_actionable", json!(false)),
    ] {
        assert_eq!(first["lead"][field], value, "{field}");
    }
    let second = json!({"email": "METTE@new.example ", "phone": "+45 20 12-34 56", "m2": 90, "city": "Aarhus"});
    let second = call(&app, TAKE_IN, lead(second)).await.expect(201).json();
    assert_eq!((&second["duplicate"], &second["lead"]["duplicate_of"]), (&json!(true), &first["lead"]["id"]));
    assert_eq!((&second["lead"]["phone"], &second["lead"]["payload"]["m2"]), (&json!("4520123456"), &json!(90)));
    let id = first["lead"]["id"].as_str().unwrap();
    let kept: String = api
        .query(&format!(
            "select concat_ws('|', payload - 'name' - 'email', phone, duplicate_of) from flow.leads where id = '{id}'"
        ))
        .await;
    assert_eq!(kept, r#"{"m2": 80, "city": "Aarhus", "phone": "+45 20 12-34 56"}|4520123456"#);
    // By the phone alone; and it is the first again that it repeats.
    let third = call(&app, TAKE_IN, lead(json!({"phone": 4_520_123_456_i64}))).await.expect(201).json();
    assert_eq!(third["lead"]["duplicate_of"], first["lead"]["id"]);
    let theirs = call(&other, TAKE_IN, lead(json!({"phone": "4520123456"}))).await.expect(201).json();
    assert_eq!(theirs["duplicate"], false, "another tenant's leads are others");
    for nothing in [json!({}), json!({"email": " ", "phone": "-"}), json!({"email": ["x"], "phone": null})] {
        let nobody = call(&app, TAKE_IN, lead(nothing)).await.expect(201).json();
        assert_eq!((&nobody["duplicate"], &nobody["lead"]["email"]), (&json!(false), &Value::Null));
    }
}

#[tokio::test]
async fn a_lead_repeats_only_what_came_in_the_tenants_time() {
    let api = tekup_with(|_| {}).await;
    let [(tenant, app), _] = tenants(&api).await;
    let age = async |hours: i32| {
        api.execute(&format!(
            "update flow.leads set created_at = now() - interval '{hours} hours' where email = 'a@new.example'"
        ))
        .await;
    };
    let is_duplicate = async || {
        let answer = call(&app, TAKE_IN, lead(json!({"email": "a@new.example"}))).await.expect(201).json();
        answer["duplicate"].as_bool().unwrap()
    };
    for (setting, hours, expected) in [
        ("{}", 167, true),
        ("{}", 169, false),
        ("{\"duplicate_window_hours\": 10}", 11, false),
        ("{\"duplicate_window_hours\": 10}", 9, true),
        ("{\"duplicate_window_hours\": \"x\"}", 167, true),
        ("{\"duplicate_window_hours\": 0}", 0, false),
    ] {
        api.execute("delete from flow.leads where email = 'a@new.example'").await;
        api.execute(&format!("update crm.tenants set settings = '{setting}' where id = '{tenant}'")).await;
        assert!(!is_duplicate().await);
        age(hours).await;
        assert_eq!(is_duplicate().await, expected, "{setting} {hours}");
    }
}

#[tokio::test]
async fn a_lead_is_to_be_answered_by_its_severity() {
    let api = tekup_with(|_| {}).await;
    let [_, (_, app)] = tenants(&api).await;
    for (severity, hours) in [("critical", 4), ("high", 24), ("medium", 72), ("low", 168)] {
        let mut input = lead(json!({"scan": 1}));
        input["severity"] = json!(severity);
        let made = call(&app, TAKE_IN, input).await.expect(201).json();
        let right = format!(
            "select sla_deadline = created_at + interval '{hours} hours' from flow.leads where id = '{}'",
            made["lead"]["id"].as_str().unwrap()
        );
        assert!(api.query::<bool>(&right).await, "{severity}");
    }
    let finding = json!({"source": "scan", "payload": {}, "compliance_type": "nis2_finding", "severity": "low",
        "scan_id": "s1", "finding_category": "Adgang", "recommendation": "To-faktor", "auto_actionable": true,
        "sla_deadline": "2099-01-01T00:00:00Z", "affected_systems": ["mail", " intranet "], "evidence": [1, {"a": 2}]});
    let made = call(&app, TAKE_IN, finding.clone()).await.expect(201).json()["lead"].clone();
    for field in [
        "source",
        "compliance_type",
        "severity",
        "scan_id",
        "finding_category",
        "recommendation",
        "auto_actionable",
        "evidence",
    ] {
        assert_eq!(made[field], finding[field], "{field}");
    }
    assert_eq!(made["affected_systems"], json!(["mail", "intranet"]));
    assert_eq!(made["sla_deadline"], "2099-01-01T00:00:00+00:00");
}

#[tokio::test]
async fn a_lead_that_cannot_be_is_not_taken_in() {
    let api = tekup_with(|_| {}).await;
    let [(tenant, app), (_, other)] = tenants(&api).await;
    let count = "select count(*) from flow.leads";
    let before: i64 = api.query(count).await;
    let large = json!({"a": "x".repeat(262_144)});
    for (input, wrong) in [
        (json!({}), vec!["source", "payload"]),
        (json!({"source": " ", "payload": []}), vec!["payload", "source"]),
        (json!({"source": "form", "payload": large}), vec!["payload"]),
        (lead(json!({"email": "x".repeat(321)})), vec!["payload.email"]),
        (json!({"source": "form", "payload": {}, "severity": "x", "status": "new"}), vec!["severity", "status"]),
    ] {
        let mut found = faults(&call(&app, TAKE_IN, input).await.expect(400));
        found.sort();
        let mut wrong = wrong;
        wrong.sort_unstable();
        assert_eq!(found, wrong);
    }
    let mut named = lead(json!({}));
    named["tenant_id"] = json!(tenant);
    let refused = call(&other, TAKE_IN, named.clone()).await.expect(422).json();
    assert_eq!(refused["details"]["field"], "tenant_id");
    assert_eq!(faults(&call(&api.service, TAKE_IN, lead(json!({}))).await.expect(400)), ["tenant_id"]);
    assert_eq!(api.query::<i64>(count).await, before);
    call(&api.service, TAKE_IN, named).await.expect(201);
}

#[tokio::test]
async fn of_equal_leads_at_once_one_is_the_first() {
    let api = tekup_with(|_| {}).await;
    let [(_, app), _] = tenants(&api).await;
    let statuses = at_once(32, async |n| {
        let mut payload = json!({"email": "raced@new.example", format!("field_{n}"): n});
        if n % 2 == 0 {
            payload["phone"] = json!("99887766");
        }
        call(&app, TAKE_IN, lead(payload)).await
    })
    .await;
    assert_eq!(statuses, [201; 32]);
    let found = "select concat_ws(' ', count(*), count(duplicate_of), count(distinct duplicate_of)) from flow.leads
        where email = 'raced@new.example'";
    assert_eq!(api.query::<String>(found).await, "32 31 1");
    let fields = "select (select count(*) from jsonb_object_keys(payload) k where k like 'field%') from flow.leads
        where email = 'raced@new.example' and duplicate_of is null";
    assert_eq!(api.query::<i64>(fields).await, 32, "the first has what each of the others had");
}

#[tokio::test]
async fn a_lead_goes_from_stage_to_stage_as_it_may_and_the_trail_knows() {
    let api = tekup_with(|_| {}).await;
    let [(tenant, app), (_, other)] = tenants(&api).await;
    const STAGES: [&str; 5] = ["new", "contacted", "qualified", "converted", "lost"];
    let may = |from: &str| match from {
        "new" => vec!["contacted", "lost"],
        "contacted" => vec!["qualified", "converted", "lost"],
        "qualified" => vec!["converted", "lost"],
        _ => vec![],
    };
    for from in STAGES {
        for to in STAGES {
            let id = lead_that_is(&api, &tenant, from).await;
            let path = format!("/flow/leads/{id}/status");
            call(&other, &path, json!({"status": to})).await.expect(404);
            let answer = call(&app, &path, json!({"status": to, "actor": " Mette ", "notes": "n"})).await;
            let expected = if from == to || may(from).contains(&to) { 200 } else { 409 };
            assert_eq!(answer.status, expected, "{from} to {to}");
            let trail: String = api
                .query(&format!(
                    "select coalesce(string_agg(concat_ws(' ', service, action, metadata, user_id), ','), '')
                     from shared.audit_logs where resource_type = 'lead' and resource_id = '{id}'"
                ))
                .await;
            if expected == 200 {
                assert_eq!(answer.json()["status"], to);
            }
            let entry = format!(
                r#"flow set_status {{"to": "{to}", "from": "{from}", "actor": "Mette", "notes": "n"}} 11111111-1111-4111-8111-111111111111"#
            );
            assert_eq!(trail, if expected == 200 && from != to { entry } else { String::new() });
        }
    }
    let id = lead_that_is(&api, &tenant, "contacted").await;
    let path = format!("/flow/leads/{id}/status");
    let (current, allowed) = states(call(&app, &path, json!({"status": "new"})).await);
    assert_eq!((current, allowed), (json!({"status": "contacted"}), json!({"status": []})));
    assert_eq!(faults(&call(&app, &path, json!({"status": "won"})).await.expect(400)), ["status"]);
    let statuses = at_once(32, async |n| {
        call(&app, &path, json!({"status": if n % 2 == 0 { "converted" } else { "lost" }})).await
    })
    .await;
    assert_eq!(counted(&statuses), [(200, 16), (409, 16)]);
    let changes = format!("select count(*) from shared.audit_logs where resource_id = '{id}'");
    assert_eq!(api.query::<i64>(&changes).await, 1);
}
