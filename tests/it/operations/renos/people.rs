//! Notifications, and conversations with the assistant.

use super::*;

/// The backend and a person of one organisation, and the backend of another; the person has an account, and so has Bo.
struct People {
    api: Api,
    app: Person,
    ann: Person,
    bo: Person,
    other: Person,
}

async fn people() -> People {
    let api = tekup_with(|_| {}).await;
    api.execute(
        "insert into renos.users (id, email, name, password_hash, role, is_active) values
            ('ann', 'ann@people.dk', 'Ann', 'h', 'manager', true), ('bo', 'bo@people.dk', 'Bo', 'h', 'manager', true),
            ('cy', 'cy@people.dk', 'Cy', 'h', 'manager', false)",
    )
    .await;
    let person = |role, organisation, name| api.person(role, Some(organisation), name);
    People {
        app: person("renos_app", "org-1", "backend"),
        ann: person("authenticated", "org-1", "ann"),
        bo: person("authenticated", "org-1", "bo"),
        other: person("renos_app", "org-2", "backend"),
        api,
    }
}

async fn count(api: &Api, table: &str) -> i64 {
    api.query(&format!("select count(*) from renos.{table} where organization_id in ('org-1', 'org-2')")).await
}

fn message(to: &str, title: &str) -> Value {
    json!({"user_id": to, "type": "job_assigned", "title": title, "message": "Friday at 9", "data": {"job": 1}})
}

const SEND: &str = "/renos/notifications/send";

#[tokio::test]
async fn messages_are_made_all_or_none_and_answered_in_the_order_given() {
    let People { api, app, ann, .. } = people().await;
    let given = json!([message("bo", " one "), message("ann", "two"), message("bo", "three")]);
    let made = call(&app, SEND, json!({"notifications": given})).await.expect(201).json();
    let of = |at: usize, name: &str| made[at][name].clone();
    assert_eq!([of(0, "title"), of(1, "title"), of(2, "title")], [json!("one"), json!("two"), json!("three")]);
    assert_eq!(
        [of(1, "user_id"), of(1, "organization_id"), of(1, "is_read")],
        [json!("ann"), json!("org-1"), json!(false)]
    );
    assert_eq!(ann.get("/renos/notifications").await.json(), json!([made[1]]), "exactly the row that was made");

    let refused = async |input: Value, status: u16| call(&app, SEND, input).await.expect(status).json();
    let unknown = refused(json!({"notifications": [message("ann", "x"), message("nobody", "y")]}), 422).await;
    assert_eq!(unknown["details"]["field"], "notifications[1].user_id");
    refused(json!({"notifications": [message("ann", "x")], "organization_id": "org-2"}), 404).await;
    refused(json!({"notifications": []}), 400).await;
    refused(json!({"notifications": vec![message("ann", "x"); 501]}), 400).await;
    let mut long = message("ann", "x");
    long["data"] = json!({"text": "x".repeat(262_144)});
    assert_eq!(refused(json!({"notifications": [long]}), 400).await["details"][0]["field"], "notifications[0].data");
    assert_eq!(
        faults(&call(&api.service, SEND, json!({"notifications": [message("ann", "x")]})).await.expect(400)),
        ["organization_id"]
    );
    assert_eq!(count(&api, "notifications").await, 3);
    let elsewhere = json!({"notifications": [message("ann", "x")], "organization_id": "org-2"});
    call(&api.service, SEND, elsewhere).await.expect(201);
    assert_eq!(count(&api, "notifications").await, 4);
}

#[tokio::test]
async fn a_broadcast_reaches_the_active_accounts_of_a_role_or_among_those_named() {
    let People { api, app, .. } = people().await;
    let path = "/renos/notifications/broadcast";
    let text = |whom: Value| {
        let mut input = json!({"type": "schedule_change", "title": "t", "message": "m"});
        input.as_object_mut().unwrap().extend(whom.as_object().unwrap().clone());
        input
    };
    let managers: i64 = api.query("select count(*) from renos.users where role = 'manager' and is_active").await;
    let made = call(&app, path, text(json!({"roles": ["manager"]}))).await.expect(201).json();
    let made = made.as_array().unwrap();
    assert_eq!(made.len() as i64, managers);
    let addressees: Vec<_> = made.iter().filter_map(|row| row["user_id"].as_str()).collect();
    assert!(addressees.contains(&"ann") && addressees.contains(&"bo") && !addressees.contains(&"cy"));
    let made = call(&app, path, text(json!({"user_ids": ["bo", "cy", "bo"]}))).await.expect(201).json();
    assert_eq!((made.as_array().unwrap().len(), &made[0]["user_id"]), (1, &json!("bo")));
    assert_eq!(call(&app, path, text(json!({"user_ids": ["cy"]}))).await.expect(201).json(), json!([]));
    assert_eq!(count(&api, "notifications").await, managers + 1);

    let unknown = call(&app, path, text(json!({"user_ids": ["bo", "nobody"]}))).await.expect(422).json();
    assert_eq!(unknown["details"]["field"], "user_ids[1]");
    assert_eq!(faults(&call(&app, path, text(json!({}))).await.expect(400)), ["roles"]);
    assert_eq!(
        faults(&call(&app, path, text(json!({"roles": ["admin"], "user_ids": ["bo"]}))).await.expect(400)),
        ["roles"]
    );
    call(&app, path, text(json!({"roles": ["king"]}))).await.expect(400);
    call(&app, path, text(json!({"roles": ["manager"], "organization_id": "org-2"}))).await.expect(404);
    assert_eq!(count(&api, "notifications").await, managers + 1);
}

#[tokio::test]
async fn a_message_is_read_by_whom_it_is_for_and_once() {
    let People { app, ann, bo, other, .. } = people().await;
    let given = json!([message("ann", "one"), message("ann", "two"), message("ann", "three"), message("bo", "four")]);
    let made = call(&app, SEND, json!({"notifications": given})).await.expect(201).json();
    let path = format!("/renos/notifications/{}/read", made[0]["id"].as_str().unwrap());
    call(&bo, &path, json!({})).await.expect(404);
    call(&other, &path, json!({})).await.expect(404);
    call(&app, &path, json!({"user_id": "bo"})).await.expect(404);
    let unread = async |person: &Person, query: &str| {
        read(person, &format!("/renos/notifications/unread_count{query}")).await.expect(200).json()["unread"].clone()
    };
    assert_eq!([unread(&ann, "").await, unread(&app, "?user_id=ann").await, unread(&app, "").await], [3, 3, 0]);
    assert_eq!(unread(&app, "?user_id=ann&organization_id=org-2").await, 0);
    assert_eq!(unread(&other, "?user_id=ann").await, 0);
    read(&ann, "/renos/notifications/unread_count?user_id=bo").await.expect(404);

    let first = call(&ann, &path, json!({})).await.expect(200).json();
    assert_eq!(first["is_read"], true);
    assert!(first["read_at"].is_string());
    assert_eq!(call(&app, &path, json!({"user_id": "ann"})).await.expect(200).json(), first, "the first time stays");
    assert_eq!(unread(&ann, "").await, 2);

    let all = "/renos/notifications/read_all";
    call(&ann, all, json!({"user_id": "bo"})).await.expect(404);
    assert_eq!(call(&other, all, json!({"user_id": "ann"})).await.expect(200).json()["read"], 0);
    let calls = (0..32).map(|_| call(&app, all, json!({"user_id": "ann", "organization_id": "org-1"})));
    let answers = futures_util::future::join_all(calls).await;
    let read: i64 = answers.into_iter().map(|answer| answer.expect(200).json()["read"].as_i64().unwrap()).sum();
    assert_eq!(read, 2, "each is marked by one of them");
    assert_eq!([unread(&ann, "").await, unread(&bo, "").await], [0, 1]);
}

const OPEN: &str = "/renos/chat_sessions/open";

#[tokio::test]
async fn a_conversation_has_a_heading_and_is_the_persons_own() {
    let People { api, app, ann, .. } = people().await;
    let open = async |input: Value| call(&ann, OPEN, input).await.expect(201).json();
    let title = async |input: Value| open(input).await["title"].as_str().unwrap().to_owned();
    let from_page = title(json!({"context": "manager", "page": "Kalender"})).await;
    assert!(from_page.starts_with("Chat fra Kalender - ") && from_page.len() > "Chat fra Kalender - 1.1.2026".len());
    assert!(title(json!({"context": "manager"})).await.starts_with("Friday Chat - "));
    let named = open(json!({"context": " manager ", "title": " Plans ", "page": "x", "metadata": {"a": 1}})).await;
    let of = |name: &str| named[name].clone();
    assert_eq!([of("title"), of("user_id"), of("context")], [json!("Plans"), json!("ann"), json!("manager")]);
    assert_eq!((of("organization_id"), of("metadata")), (json!("org-1"), json!({"a": 1, "currentPage": "x"})));
    let by_backend = call(&app, OPEN, json!({"context": "x", "user_id": "bo"})).await.expect(201).json();
    assert_eq!(by_backend["user_id"], "bo");

    call(&ann, OPEN, json!({"context": "x", "user_id": "bo"})).await.expect(404);
    call(&ann, OPEN, json!({"context": "x", "organization_id": "org-2"})).await.expect(404);
    let nowhere = api.person("authenticated", None, "ann");
    assert_eq!(faults(&call(&nowhere, OPEN, json!({"context": "x"})).await.expect(400)), ["organization_id"]);
    assert_eq!(count(&api, "chat_sessions").await, 4);
}

#[tokio::test]
async fn what_is_said_last_comes_in_order_and_nothing_that_is_said_at_once_is_lost() {
    let People { api, app, ann, bo, other } = people().await;
    let session = call(&ann, OPEN, json!({"context": "manager"})).await.expect(201).json();
    let id = session["id"].as_str().unwrap();
    let path = format!("/renos/chat_sessions/{id}/messages");
    let said = |text: &str| json!({"role": "user", "content": text});
    for refused in [
        call(&bo, &path, said("x")).await,
        call(&other, &path, said("x")).await,
        call(&app, &path, json!({"role": "user", "content": "x", "user_id": "bo"})).await,
    ] {
        refused.expect(404);
    }
    call(&ann, &path, json!({"role": "king", "content": "x"})).await.expect(400);
    call(&ann, &path, json!({"role": "user", "content": " "})).await.expect(400);
    for text in ["one", "two", "three"] {
        call(&ann, &path, said(text)).await.expect(201);
    }
    let history = format!("/renos/chat_sessions/{id}/history");
    let texts = async |query: &str| -> Vec<String> {
        let rows = read(&ann, &format!("{history}{query}")).await.expect(200).json();
        rows.as_array().unwrap().iter().map(|row| row["content"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(texts("").await, ["one", "two", "three"]);
    assert_eq!(texts("?limit=2").await, ["two", "three"]);
    assert_eq!(texts("?limit=2&offset=2").await, ["one"]);
    read(&bo, &history).await.expect(404);
    read(&other, &history).await.expect(404);
    read(&ann, &format!("{history}?limit=1001")).await.expect(400);

    let answer = json!({"role": "assistant", "content": "four", "metadata": {"x": 1}, "user_id": "ann"});
    let made = call(&app, &path, answer).await.expect(201).json();
    assert_eq!((&made["session_id"], &made["metadata"]), (&json!(id), &json!({"x": 1})));
    let touched = ann.get(&format!("/renos/chat_sessions?id=eq.{id}")).await.json()[0]["updated_at"].clone();
    assert_eq!(touched, made["created_at"], "the conversation is as new as what was said last");

    let statuses = at_once(32, async |_| call(&ann, &path, said("x")).await).await;
    assert_eq!(statuses, [201; 32]);
    let messages: i64 = api.query(&format!("select count(*) from renos.chat_messages where session_id = '{id}'")).await;
    assert_eq!(messages, 36);
}

#[tokio::test]
async fn conversations_are_counted_by_day_context_and_who_talks() {
    let People { api, app, other, .. } = people().await;
    api.execute(
        "insert into renos.chat_sessions (id, user_id, organization_id, context, created_at) values
            ('s1', 'ann', 'org-1', 'manager', '2030-01-31 22:30+00'),
            ('s2', 'bo', 'org-1', 'manager', '2030-01-31 23:30+00'),
            ('s3', 'bo', 'org-1', 'employee', '2030-02-03 12:00+00'),
            ('s4', 'bo', 'org-2', 'owner', '2030-02-01 12:00+00');
        insert into renos.chat_messages (session_id, role, content) values
            ('s1', 'user', 'x'), ('s1', 'assistant', 'x'), ('s2', 'user', 'x'), ('s2', 'system', 'x'),
            ('s4', 'user', 'x')",
    )
    .await;
    let figures = async |person: &Person, query: &str| {
        read(person, &format!("/renos/chat_sessions/analytics{query}")).await.expect(200).json()
    };
    assert_eq!(
        figures(&app, "?from=2030-01-31&to=2030-02-03").await,
        json!({
            "sessions": 3, "messages": 4, "messages_by_role": {"user": 2, "assistant": 1, "system": 1},
            "mean_messages_per_session": 1.33,
            "sessions_by_context": [{"context": "manager", "sessions": 2}, {"context": "employee", "sessions": 1}],
            "sessions_per_day": [
                {"date": "2030-01-31", "sessions": 1}, {"date": "2030-02-01", "sessions": 1},
                {"date": "2030-02-03", "sessions": 1},
            ],
        })
    );
    let february = figures(&app, "?from=2030-02-01&to=2030-02-02").await;
    assert_eq!((&february["sessions"], &february["messages"]), (&json!(1), &json!(2)));
    assert_eq!(figures(&other, "?from=2030-01-01").await["sessions"], 1);
    assert_eq!(figures(&other, "?organization_id=org-1").await["sessions"], 0);
    assert_eq!(figures(&api.service, "?organization_id=org-1&from=2030-01-01").await["sessions"], 3);
    let none = figures(&app, "?from=2031-01-01").await;
    assert_eq!((&none["mean_messages_per_session"], &none["sessions_per_day"]), (&json!(0), &json!([])));
}
