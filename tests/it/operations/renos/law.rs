//! Copies of one's data, being forgotten, and consents.

use super::*;

/// The backend, Ann who has an account, and Bo who has another.
async fn people() -> (Api, Person, Person, Person) {
    let api = tekup_with(|_| {}).await;
    api.execute(
        "delete from renos.data_export_requests; delete from renos.data_deletion_requests;
        insert into shared.users (id, email, name)
            values ('11111111-1111-4111-8111-111111111111', 'ann@law.dk', 'Ann');
        insert into renos.users (id, email, name, phone, password_hash, shared_user_id) values
            ('ann', 'ann@law.dk', 'Ann Lov', '+4511111111', 'secret-hash', '11111111-1111-4111-8111-111111111111'),
            ('bo', 'bo@law.dk', 'Bo Lov', null, 'secret-hash', null)",
    )
    .await;
    let app = api.person("renos_app", Some("org-1"), "backend");
    let ann = api.person("authenticated", Some("org-1"), "ann");
    let bo = api.person("authenticated", Some("org-1"), "bo");
    (api, app, ann, bo)
}

async fn count(api: &Api, table: &str) -> i64 {
    api.query(&format!("select count(*) from {table}")).await
}

const EXPORT: &str = "/renos/data_export_requests/open";

#[tokio::test]
async fn a_copy_of_ones_data_is_asked_for_once() {
    let (api, app, ann, _) = people().await;
    let statuses = at_once(32, async |_| call(&ann, EXPORT, json!({})).await).await;
    assert_eq!((statuses[0], statuses[30], statuses[31]), (200, 200, 201), "{statuses:?}");
    assert_eq!(count(&api, "renos.data_export_requests").await, 1);
    let again = call(&app, EXPORT, json!({"user_id": "ann"})).await.expect(200).json();
    assert_eq!((&again["email"], &again["status"]), (&json!("ann@law.dk"), &json!("pending")));
    call(&ann, EXPORT, json!({"user_id": "bo"})).await.expect(404);
    assert_eq!(
        call(&app, EXPORT, json!({"user_id": "nobody"})).await.expect(422).json()["details"]["field"],
        "user_id"
    );
    assert_eq!(count(&api, "renos.data_export_requests").await, 1);
}

#[tokio::test]
async fn a_copy_has_all_that_there_is_of_the_person_and_no_secret() {
    let (api, _, ann, _) = people().await;
    api.execute(
        "insert into renos.customers (id, name, email) values ('c', 'Ann', 'ann@law.dk');
        insert into renos.leads (id, email) values ('l', 'Ann@Law.dk'), ('other', 'bo@law.dk');
        insert into renos.bookings (id, lead_id) values ('b', 'l'), ('b2', 'other');
        insert into renos.team_members (id, user_id, employee_id) values ('m', 'ann', 'E-4711');
        insert into renos.time_entries (id, team_member_id, start_time) values ('t', 'm', now());
        insert into renos.email_threads (id, gmail_thread_id, subject, last_message_at, participants)
            values ('th', 'g-law', 's', now(), array['ann@law.dk', 'bo@law.dk']);
        insert into renos.email_messages (id, thread_id, gmail_thread_id, \"from\", \"to\", body, sent_at) values
            ('m1', 'th', 'g-law', 'Ann <Ann@Law.dk>', array['info@r.dk'], 'x', now()),
            ('m2', 'th', 'g-law', 'bo@law.dk', array['info@r.dk'], 'x', now());
        insert into renos.chat_sessions (id, user_id, organization_id, context)
            values ('s', 'ann', 'org-1', 'x'), ('s2', '11111111-1111-4111-8111-111111111111', 'org-1', 'x');
        insert into renos.chat_messages (session_id, role, content) values ('s', 'user', 'x');
        insert into renos.notifications (organization_id, user_id, type, title, message)
            values ('org-1', 'ann', 'x', 'x', 'x'), ('org-1', 'bo', 'x', 'x', 'x')",
    )
    .await;
    let asked = call(&ann, EXPORT, json!({})).await.expect(201).json();
    let path = format!("/renos/data_export_requests/{}/process", asked["id"].as_str().unwrap());
    let url = json!({"download_url": "https://exports.example/1"});
    let done = futures_util::future::join_all((0..32).map(|_| call(&api.service, &path, url.clone()))).await;
    let copies: Vec<_> = done.iter().filter(|answer| answer.status == 200).collect();
    assert_eq!((copies.len(), done.iter().filter(|answer| answer.status == 409).count()), (1, 31));
    let copy = copies[0].json();
    let of = |list: &str| copy["data"][list].as_array().unwrap_or_else(|| panic!("{list}")).len();
    let lists = ["users", "customers", "leads", "bookings", "team_members", "time_entries", "email_threads"];
    assert_eq!(lists.map(of), [1; 7]);
    assert_eq!(["email_messages", "chat_sessions", "notifications", "invoices"].map(of), [1, 2, 1, 0]);
    assert_eq!(copy["data"]["chat_sessions"][0]["chat_messages"].as_array().unwrap().len(), 1);
    let text = copies[0].text();
    assert!(!text.contains("secret-hash") && !text.contains("password_hash"));
    assert_eq!(
        (&copy["request"]["status"], &copy["request"]["download_url"]),
        (&json!("completed"), &url["download_url"])
    );
    let kept: bool = api
        .query(
            "select expires_at between now() + interval '6 days 23 hours' and now() + interval '7 days'
            from renos.data_export_requests",
        )
        .await;
    assert!(kept);
    let trail: i64 =
        api.query("select count(*) from shared.audit_logs where action = 'export' and resource_id = 'ann'").await;
    assert_eq!(trail, 1);
    refused_in(call(&api.service, &path, json!({})).await, &json!("completed"), &json!(["pending"]));
    call(&api.service, "/renos/data_export_requests/none/process", json!({})).await.expect(404);
    call(&ann, EXPORT, json!({})).await.expect(201);
}

const ERASURE: &str = "/renos/data_deletion_requests/open";
const DUE: &str = "/renos/data_deletion_requests/process_due";

#[tokio::test]
async fn the_wish_to_be_forgotten_waits_thirty_days_and_can_be_taken_back() {
    let (api, app, ann, bo) = people().await;
    let statuses = at_once(32, async |_| call(&ann, ERASURE, json!({"reason": " moved "})).await).await;
    assert_eq!((statuses[0], statuses[30], statuses[31]), (200, 200, 201), "{statuses:?}");
    let asked = call(&app, ERASURE, json!({"user_id": "ann", "reason": "other"})).await.expect(200).json();
    assert_eq!((&asked["reason"], &asked["email"]), (&json!("moved"), &json!("ann@law.dk")));
    let waits: bool = api
        .query("select scheduled_deletion_date - request_date = interval '30 days' from renos.data_deletion_requests")
        .await;
    assert!(waits);
    call(&ann, ERASURE, json!({"user_id": "bo"})).await.expect(404);
    assert_eq!(
        call(&app, ERASURE, json!({"user_id": "nobody"})).await.expect(422).json()["details"]["field"],
        "user_id"
    );
    assert_eq!(count(&api, "renos.data_deletion_requests").await, 1);

    let path = format!("/renos/data_deletion_requests/{}/cancel", asked["id"].as_str().unwrap());
    call(&bo, &path, json!({})).await.expect(404);
    call(&app, &path, json!({"user_id": "bo"})).await.expect(404);
    api.execute("update renos.data_deletion_requests set status = 'processing'").await;
    refused_in(call(&ann, &path, json!({})).await, &json!("processing"), &json!(["pending"]));
    assert_eq!(call(&ann, ERASURE, json!({})).await.expect(200).json()["id"], asked["id"], "it is open");
    api.execute("update renos.data_deletion_requests set status = 'pending'").await;
    let statuses = at_once(32, async |_| call(&ann, &path, json!({"user_id": "ann"})).await).await;
    assert_eq!((statuses[0], statuses[1]), (200, 409));
    assert_eq!(call(&ann, ERASURE, json!({})).await.expect(201).json()["status"], "pending");
}

#[tokio::test]
async fn who_asked_to_be_forgotten_is_and_what_the_law_demands_stays() {
    let (api, _, ann, _) = people().await;
    api.execute(
        "insert into shared.sessions (user_id, app, token_hash, expires_at) values
            ('11111111-1111-4111-8111-111111111111', 'renos', 'h1', now()),
            ('11111111-1111-4111-8111-111111111111', 'crm', 'h2', now());
        insert into renos.chat_sessions (id, user_id, organization_id, context) values ('s', 'ann', 'org-1', 'x');
        insert into renos.chat_messages (session_id, role, content) values ('s', 'user', 'x');
        insert into renos.notifications (organization_id, user_id, type, title, message)
            values ('org-1', 'ann', 'x', 'x', 'x');
        insert into renos.subcontractors (id, company_name, contact_name, email, phone) values
            ('22222222-2222-4222-8222-222222222222', 'Ann ApS', 'Ann', 'ann@law.dk', '1');
        insert into renos.push_subscriptions (subcontractor_id, subscription)
            values ('22222222-2222-4222-8222-222222222222', '{}');
        insert into renos.consent_records (user_id, consent_type, granted, ip_address, user_agent)
            values ('ann', 'marketing', true, '203.0.113.7', 'Mozilla');
        insert into renos.team_members (id, user_id, employee_id, skills)
            values ('m', 'ann', 'E-4711', array['windows']);
        insert into renos.time_entries (id, team_member_id, start_time, location)
            values ('t', 'm', now(), '{\"lat\": 1}');
        insert into renos.audit_logs (organization_id, user_id, action, entity_type, entity_id, old_values, ip_address)
            values ('org-1', 'ann', 'update', 'lead', 'x', '{\"a\": 1}', '203.0.113.7'),
                ('org-1', 'bo', 'update', 'user', 'ann', '{\"a\": 1}', '203.0.113.8'),
                ('org-1', 'bo', 'update', 'lead', 'y', '{\"a\": 1}', '203.0.113.9')",
    )
    .await;
    call(&ann, EXPORT, json!({})).await.expect(201);
    let asked = call(&ann, ERASURE, json!({"reason": "private"})).await.expect(201).json();
    let none = call(&api.service, DUE, json!({})).await.expect(200).json();
    assert_eq!(none, json!({"request": null, "remaining": 0}), "not before the time");
    api.execute("update renos.data_deletion_requests set scheduled_deletion_date = now() - interval '1 hour'").await;
    let done = call(&api.service, DUE, json!({})).await.expect(200).json();
    assert_eq!((&done["remaining"], &done["request"]["id"]), (&json!(0), &asked["id"]));
    assert_eq!((&done["request"]["status"], &done["request"]["reason"]), (&json!("completed"), &Value::Null));
    let hash: String = api.query("select encode(sha256('ann@law.dk'), 'hex')").await;
    assert_eq!(done["request"]["email"], hash.as_str());

    let account = row(&api.service, "users", "ann").await;
    let of = |name: &str| account[name].clone();
    assert_eq!(
        [of("name"), of("email"), of("phone"), of("is_active"), of("shared_user_id")],
        [json!("Slettet bruger"), json!("deleted-ann@invalid.local"), Value::Null, json!(false), Value::Null]
    );
    for (left, sql) in [
        (0_i64, "select count(*) from renos.users where id = 'ann' and password_hash = 'secret-hash'"),
        (1, "select count(*) from shared.sessions where token_hash in ('h1', 'h2')"),
        (0, "select count(*) from renos.chat_sessions where user_id = 'ann'"),
        (0, "select count(*) from renos.chat_messages where session_id = 's'"),
        (0, "select count(*) from renos.notifications where user_id = 'ann'"),
        (
            0,
            "select count(*) from renos.push_subscriptions p join renos.subcontractors s on s.id = p.subcontractor_id
            where s.email = 'ann@law.dk'",
        ),
        (1, "select count(*) from renos.consent_records where user_id = 'ann' and ip_address = '' and user_agent = ''"),
        (
            1,
            "select count(*) from renos.team_members
            where user_id = 'ann' and skills = '{}' and not is_active and employee_id = 'E-4711'",
        ),
        (1, "select count(*) from renos.time_entries where id = 't' and location is null"),
        (
            2,
            "select count(*) from renos.audit_logs
            where (user_id = 'ann' or entity_id = 'ann') and old_values is null and ip_address is null",
        ),
        (1, "select count(*) from renos.audit_logs where entity_id = 'y' and ip_address = '203.0.113.9'"),
        (1, "select count(*) from renos.data_export_requests where status = 'failed' and email not like '%@%'"),
        (1, "select count(*) from shared.audit_logs where action = 'erase' and resource_id = 'ann' and success"),
    ] {
        assert_eq!(api.query::<i64>(sql).await, left, "{sql}");
    }
}

#[tokio::test]
async fn a_request_that_fails_leaves_no_half_and_the_next_goes_on() {
    let (api, app, ..) = people().await;
    api.execute(
        "create function public.refuse() returns trigger language plpgsql as $$ begin raise 'no'; end $$;
        create trigger refuse before update on renos.users for each row when (old.id = 'ann') execute function refuse();
        insert into renos.notifications (organization_id, user_id, type, title, message)
            values ('org-1', 'ann', 'x', 'x', 'x')",
    )
    .await;
    for user in ["ann", "bo"] {
        call(&app, ERASURE, json!({"user_id": user})).await.expect(201);
    }
    api.execute(
        "update renos.data_deletion_requests
        set scheduled_deletion_date =
            now() - case user_id when 'ann' then interval '2 hours' else interval '1 hour' end",
    )
    .await;
    let next = async || call(&api.service, DUE, json!({})).await.expect(200).json();
    let failed = next().await;
    assert_eq!((&failed["request"]["user_id"], &failed["request"]["status"]), (&json!("ann"), &json!("failed")));
    assert_eq!((&failed["request"]["email"], &failed["remaining"]), (&json!("ann@law.dk"), &json!(1)));
    assert_eq!(api.query::<i64>("select count(*) from renos.notifications where user_id = 'ann'").await, 1);
    let refused: i64 = api
        .query("select count(*) from shared.audit_logs where action = 'erase' and resource_id = 'ann' and not success")
        .await;
    assert_eq!(refused, 1);
    let done = next().await;
    assert_eq!((&done["request"]["user_id"], &done["request"]["status"]), (&json!("bo"), &json!("completed")));
    assert_eq!(next().await, json!({"request": null, "remaining": 0}));
}

#[tokio::test]
async fn of_many_that_carry_out_erasures_each_takes_another() {
    let (api, ..) = people().await;
    api.execute(
        "insert into renos.users (id, email, name, password_hash)
            select 'u' || n, n || '@many.dk', 'N', 'h' from generate_series(1, 20) n;
        insert into renos.data_deletion_requests (user_id, email, scheduled_deletion_date)
            select 'u' || n, n || '@many.dk', now() - interval '1 day' from generate_series(1, 20) n",
    )
    .await;
    let answers = futures_util::future::join_all((0..32).map(|_| call(&api.service, DUE, json!({})))).await;
    let mut done: Vec<_> = answers
        .into_iter()
        .filter_map(|answer| Some(answer.expect(200).json()["request"]["id"].as_str()?.to_owned()))
        .collect();
    done.sort_unstable();
    done.dedup();
    assert_eq!(done.len(), 20);
    assert_eq!(
        api.query::<i64>("select count(*) from renos.data_deletion_requests where status = 'completed'").await,
        20
    );
    assert_eq!(api.query::<i64>("select count(*) from shared.audit_logs where action = 'erase'").await, 20);
}

#[tokio::test]
async fn a_consent_in_force_is_one_and_its_history_stays() {
    let (api, app, ann, _) = people().await;
    api.execute(
        "delete from renos.privacy_policies;
        insert into renos.privacy_policies (version, content, active) values ('2.0', 'x', true)",
    )
    .await;
    let path = "/renos/consent_records/record";
    let said = |granted: bool| {
        json!({"consent_type": "marketing", "granted": granted, "ip_address": "203.0.113.7",
            "user_agent": "Mozilla"})
    };
    let versioned = |version: &str| {
        let mut input = said(true);
        input["version"] = json!(version);
        input
    };
    let statuses = at_once(32, async |_| call(&ann, path, said(true)).await).await;
    assert_eq!((statuses[0], statuses[30], statuses[31]), (200, 200, 201), "{statuses:?}");
    let in_force = async || -> i64 {
        api.query("select count(*) from renos.consent_records where user_id = 'ann' and granted and revoked_at is null")
            .await
    };
    let all = async || -> i64 { api.query("select count(*) from renos.consent_records where user_id = 'ann'").await };
    assert_eq!((in_force().await, all().await), (1, 1));
    assert_eq!(call(&ann, path, said(true)).await.expect(200).json()["version"], "2.0", "the active policy's");
    call(&ann, path, versioned("2.1")).await.expect(201);
    assert_eq!((in_force().await, all().await), (1, 2), "the newer version is in force");
    let refused = call(&app, path, {
        let mut input = said(false);
        input["user_id"] = json!("ann");
        input
    })
    .await
    .expect(201)
    .json();
    assert_eq!((&refused["granted"], &refused["revoked_at"]), (&json!(false), &Value::Null));
    assert_eq!((in_force().await, all().await), (0, 3));
    call(&ann, path, said(false)).await.expect(201);
    assert_eq!(all().await, 4, "each refusal is on record");

    let mut cookies = said(true);
    cookies["consent_type"] = json!("cookies");
    call(&ann, path, cookies).await.expect(201);
    let status = "/renos/consent_records/status";
    let now = read(&ann, status).await.expect(200).json();
    let kinds: Vec<_> =
        now.as_array().unwrap().iter().map(|row| (row["consent_type"].clone(), row["granted"].clone())).collect();
    assert_eq!(kinds, [(json!("cookies"), json!(true)), (json!("marketing"), json!(false))]);
    assert_eq!(read(&app, &format!("{status}?user_id=ann")).await.expect(200).json(), now);
    read(&ann, &format!("{status}?user_id=bo")).await.expect(404);

    let mut other = said(true);
    other["user_id"] = json!("bo");
    call(&ann, path, other.clone()).await.expect(404);
    other["user_id"] = json!("nobody");
    assert_eq!(call(&app, path, other).await.expect(422).json()["details"]["field"], "user_id");
    assert_eq!(count(&api, "renos.consent_records where user_id in ('ann', 'bo')").await, 5);
}
