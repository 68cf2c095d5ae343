//! The customers of threads.

use super::*;

/// A thread with those participants and that snippet, that nobody looked at yet.
async fn thread(api: &Api, participants: &str, snippet: &str) -> String {
    api.query(&format!(
        "insert into renos.email_threads (gmail_thread_id, subject, last_message_at, participants, snippet)
         values (gen_random_uuid()::text, 's', now(), '{participants}', '{snippet}') returning id"
    ))
    .await
}

async fn message(api: &Api, thread: &str, direction: &str, from: &str, to: &str) {
    api.execute(&format!(
        "insert into renos.email_messages (gmail_thread_id, thread_id, \"from\", \"to\", body, direction, sent_at)
         values ('g', '{thread}', '{from}', '{to}', 'b', '{direction}', now())"
    ))
    .await;
}

async fn match_it(app: &Person, thread: &str, input: Value) -> Answer {
    call(app, &format!("/renos/email_threads/{thread}/match"), input).await
}

/// How a thread was matched, and to whom.
fn how(thread: &Value) -> [Value; 4] {
    ["customer_id", "is_matched", "matched_by", "confidence"].map(|name| thread[name].clone())
}

#[tokio::test]
async fn a_thread_is_matched_the_surest_way_there_is() {
    let (api, app) = backend().await;
    let ann = customer(&api).await;
    let bo: String =
        api.query("insert into renos.customers (name, email) values ('Bo', 'bo@gmail.com') returning id").await;
    let way = |customer: &str, by: &str, confidence: Value| [json!(customer), json!(true), json!(by), confidence];
    let found = async |thread: &str| how(&match_it(&app, thread, json!({})).await.expect(200).json());

    let by_participant = thread(&api, "{x@dahl.dk,Ann <ANN@dahl.dk>}", "bo@gmail.com").await;
    message(&api, &by_participant, "inbound", "bo@gmail.com", "{}").await;
    assert_eq!(found(&by_participant).await, way(&ann, "exact_email", json!(1)));
    let by_message = thread(&api, "{x@nowhere.dk}", "bo@gmail.com").await;
    message(&api, &by_message, "inbound", "x@nowhere.dk", "{\"Ann Dahl <ann@dahl.dk>\"}").await;
    assert_eq!(found(&by_message).await, way(&ann, "message_email", json!(0.9)));
    let by_snippet = thread(&api, "{}", "Write to Bo@gmail.com, please").await;
    assert_eq!(found(&by_snippet).await, way(&bo, "snippet_email", json!(0.8)));
    let by_domain = thread(&api, "{other@dahl.dk}", "bo@gmail.com").await;
    assert_eq!(
        found(&by_domain).await,
        way(&ann, "domain", json!(0.8)),
        "a snippet counts where there are no participants"
    );
    let set_before = thread(&api, "{ann@dahl.dk}", "").await;
    api.execute(&format!("update renos.email_threads set customer_id = '{bo}' where id = '{set_before}'")).await;
    assert_eq!(found(&set_before).await, way(&bo, "manual", json!(1)));
    let after = row(&app, "email_threads", &by_domain).await;
    assert!(after["matched_at"].is_string());
    assert_eq!(match_it(&app, &by_domain, json!({})).await.expect(200).json(), after, "a match stays");
}

#[tokio::test]
async fn a_thread_of_nobody_or_of_many_stays_as_it_is() {
    let (api, app) = backend().await;
    customer(&api).await;
    api.execute(
        "insert into renos.customers (name, email) values ('A', 'a@holm.dk'), ('B', 'b@holm.dk'), ('C', 'c@gmail.com')",
    )
    .await;
    for (participants, snippet) in [
        ("{x@holm.dk}", ""),
        ("{x@gmail.com}", ""),
        ("{x@nowhere.dk}", "ann@dahl.dk"),
        ("{}", "no address at all @ dahl"),
    ] {
        let thread = thread(&api, participants, snippet).await;
        let before = row(&app, "email_threads", &thread).await;
        assert_eq!(match_it(&app, &thread, json!({})).await.expect(200).json(), before, "{participants}");
        assert_eq!(row(&app, "email_threads", &thread).await, before);
    }
    match_it(&app, "no", json!({})).await.expect(404);
}

#[tokio::test]
async fn addresses_of_the_company_are_nobodys() {
    let (api, app) = backend().await;
    let ann = customer(&api).await;
    api.execute(
        "insert into renos.customers (name, email) values ('We', 'us@ours.dk'), ('They', 'info@ours.dk'), ('S', 's@staff.dk');
         insert into renos.users (email, password_hash, name, role) values ('boss@staff.dk', 'x', 'Boss', 'owner')",
    )
    .await;
    let given = thread(&api, "{us@ours.dk}", "").await;
    let input = json!({"own_addresses": ["Us@ours.dk"]});
    assert_eq!(match_it(&app, &given, input).await.expect(200).json()["is_matched"], false);
    let staff = thread(&api, "{s@staff.dk}", "see ann@dahl.dk").await;
    let matched = match_it(&app, &staff, json!({})).await.expect(200).json();
    assert_eq!(how(&matched)[..3], [json!(ann), json!(true), json!("snippet_email")], "so there are no participants");
    let sender = thread(&api, "{info@ours.dk}", "").await;
    message(&api, &sender, "outbound", "We <info@ours.dk>", "{x@nowhere.dk}").await;
    assert_eq!(match_it(&app, &sender, json!({})).await.expect(200).json()["is_matched"], false);
}

#[tokio::test]
async fn a_thread_is_matched_by_hand_whatever_was_found() {
    let (api, app) = backend().await;
    let ann = customer(&api).await;
    let bo: String = api.query("insert into renos.customers (name) values ('Bo') returning id").await;
    let thread = thread(&api, "{ann@dahl.dk}", "").await;
    assert_eq!(how(&match_it(&app, &thread, json!({})).await.expect(200).json())[0], json!(ann));
    let by_hand = match_it(&app, &thread, json!({"customer_id": bo})).await.expect(200).json();
    assert_eq!(how(&by_hand), [json!(bo), json!(true), json!("manual"), json!(1)]);
    let refused = match_it(&app, &thread, json!({"customer_id": "no"})).await.expect(422).json();
    assert_eq!(refused["details"]["field"], "customer_id");
    assert_eq!(row(&app, "email_threads", &thread).await, by_hand);
    match_it(&app, "no", json!({"customer_id": bo})).await.expect(404);
    assert_eq!(faults(&match_it(&app, &thread, json!({"customer_id": ""})).await.expect(400)), ["customer_id"]);
}

#[tokio::test]
async fn all_unmatched_threads_are_matched_once() {
    let (api, app) = backend().await;
    let ann = customer(&api).await;
    api.execute(&format!(
        "update renos.email_threads set is_matched = true,
            customer_id = coalesce(customer_id, (select id from renos.customers where id <> '{ann}' limit 1))"
    ))
    .await;
    let nobody = thread(&api, "{x@nowhere.dk}", "").await;
    for _ in 0..20 {
        thread(&api, "{ann@dahl.dk}", "").await;
        thread(&api, "{other@dahl.dk}", "").await;
    }
    let path = "/renos/email_threads/match";
    let first = call(&app, path, json!({"limit": 4})).await.expect(200).json();
    assert_eq!([&first["tried"], &first["matched"], &first["unmatched"]], [4, 4, 0]);
    let answers = futures_util::future::join_all((0..32).map(|_| async { call(&app, path, json!({})).await })).await;
    let of = |name: &str| -> u64 { answers.iter().map(|answer| answer.json()["by"][name].as_u64().unwrap()).sum() };
    assert!(answers.iter().all(|answer| answer.status == 200));
    let by = |name: &str| first["by"][name].as_u64().unwrap();
    assert_eq!([of("exact_email") + by("exact_email"), of("domain") + by("domain")], [20, 20]);
    assert_eq!(row(&app, "email_threads", &nobody).await["is_matched"], false);
    let matched: i64 =
        api.query(&format!("select count(*) from renos.email_threads where customer_id = '{ann}'")).await;
    assert_eq!(matched, 40);
    let last = call(&app, path, json!({})).await.expect(200).json();
    assert_eq!(
        last,
        json!({
            "tried": 1, "matched": 0, "unmatched": 1,
            "by": {"exact_email": 0, "message_email": 0, "snippet_email": 0, "domain": 0, "manual": 0}
        })
    );
    assert_eq!(call(&app, path, json!({"offset": 1})).await.expect(200).json()["tried"], 0);
    assert_eq!(faults(&call(&app, path, json!({"limit": 1001})).await.expect(400)), ["limit"]);
}
