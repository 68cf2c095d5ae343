//! Threads and their mails.

use super::*;

/// A thread of that customer, with one participant.
async fn thread(api: &Api, customer: &str, gmail: &str) -> String {
    api.query(&format!(
        "insert into renos.email_threads (gmail_thread_id, subject, customer_id, last_message_at, participants)
         values ('{gmail}', 'Windows', '{customer}', '2026-02-01', '{{ann@dahl.dk}}') returning id"
    ))
    .await
}

fn mail(gmail: Option<&str>) -> Value {
    let mut mail = json!({
        "from": " Bo <Bo@Dahl.dk> ", "to": ["ANN@dahl.dk", "c@d.dk"], "body": "x".repeat(300),
        "sent_at": "2026-03-01T10:00:00+01:00",
    });
    if let Some(gmail) = gmail {
        mail["gmail_message_id"] = json!(gmail);
    }
    mail
}

fn with(mut input: Value, more: &Value) -> Value {
    input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    input
}

#[tokio::test]
async fn a_mail_is_added_once_and_its_thread_conversation_and_customer_know() {
    let (api, app) = backend().await;
    let customer = customer(&api).await;
    let thread = thread(&api, &customer, "g1").await;
    let conversation: String = api
        .query("insert into renos.conversations (channel, updated_at) values ('email', '2020-01-01') returning id")
        .await;
    let path = format!("/renos/email_threads/{thread}/messages");
    let input = with(mail(Some("m1")), &json!({"conversation_id": conversation}));
    let added = call(&app, &path, input.clone()).await.expect(201).json();
    assert_eq!(added, row(&app, "email_messages", added["id"].as_str().unwrap()).await);
    assert_eq!(
        [&added["from"], &added["gmail_thread_id"], &added["body_preview"], &added["direction"], &added["status"]],
        [&json!("Bo <Bo@Dahl.dk>"), &json!("g1"), &json!("x".repeat(200)), &json!("inbound"), &json!("delivered")]
    );
    let after = row(&app, "email_threads", &thread).await;
    assert_eq!(
        [&after["message_count"], &after["last_message_at"], &after["participants"]],
        [&json!(1), &json!("2026-03-01T09:00:00+00:00"), &json!(["ann@dahl.dk", "bo@dahl.dk", "c@d.dk"])]
    );
    assert_eq!(row(&app, "customers", &customer).await["last_contact_at"], "2026-03-01T09:00:00+00:00");
    assert_eq!(row(&app, "conversations", &conversation).await["updated_at"], added["created_at"]);

    assert_eq!(call(&app, &path, input).await.expect(200).json(), added);
    assert_eq!(row(&app, "email_threads", &thread).await, after, "a known mail changes nothing");
    let older = with(mail(None), &json!({"sent_at": "2026-01-01T00:00:00Z", "from": "ann@dahl.dk", "to": []}));
    call(&app, &path, older).await.expect(201);
    let last = row(&app, "email_threads", &thread).await;
    assert_eq!([&last["message_count"], &last["last_message_at"]], [&json!(2), &after["last_message_at"]]);
    assert_eq!(last["participants"], after["participants"]);

    let unknown = with(mail(None), &json!({"conversation_id": "no"}));
    assert_eq!(call(&app, &path, unknown).await.expect(422).json()["details"]["field"], "conversation_id");
    call(&app, "/renos/email_threads/no/messages", mail(None)).await.expect(404);
    for (change, field) in [
        (json!({"from": " "}), "from"),
        (json!({"sent_at": "yesterday"}), "sent_at"),
        (json!({"direction": "up"}), "direction"),
        (json!({"gmail_thread_id": "g1"}), "gmail_thread_id"),
        (json!({"body": "x".repeat(1_048_577)}), "body"),
    ] {
        assert_eq!(faults(&call(&app, &path, with(mail(None), &change)).await.expect(400)), [field]);
    }
    assert_eq!(row(&app, "email_threads", &thread).await, last);
}

#[tokio::test]
async fn of_32_who_add_the_same_mail_one_does_and_of_32_mails_none_is_lost() {
    let (api, app) = backend().await;
    let thread = thread(&api, &customer(&api).await, "g1").await;
    let path = format!("/renos/email_threads/{thread}/messages");
    let statuses = at_once(32, async |_| call(&app, &path, mail(Some("m1"))).await).await;
    assert_eq!((statuses[0], statuses[30], statuses[31]), (200, 200, 201), "{statuses:?}");
    assert_eq!(row(&app, "email_threads", &thread).await["message_count"], 1);
    let of = |number: usize| with(mail(Some(&format!("n{number}"))), &json!({"from": format!("p{number}@dahl.dk")}));
    assert_eq!(at_once(32, async |number| call(&app, &path, of(number)).await).await, [201; 32]);
    let after = row(&app, "email_threads", &thread).await;
    assert_eq!(after["message_count"], 33);
    assert_eq!(after["participants"].as_array().unwrap().len(), 3 + 32);
}

#[tokio::test]
async fn many_mails_are_added_all_or_none_and_come_back_in_order() {
    let (api, app) = backend().await;
    let customer = customer(&api).await;
    let (one, two) = (thread(&api, &customer, "g1").await, thread(&api, &customer, "g2").await);
    let path = "/renos/email_messages/add";
    let of = |thread: &str, gmail: Option<&str>| with(mail(gmail), &json!({"thread_id": thread}));
    call(&app, path, json!({"messages": [of(&one, Some("a"))]})).await.expect(200);
    let mails = json!([of(&one, Some("b")), of(&two, None), of(&one, Some("a")), of(&two, None), of(&one, Some("b"))]);
    let added = call(&app, path, json!({"messages": mails})).await.expect(200).json();
    assert_eq!(added["added"], 3);
    let ids: Vec<_> = added["messages"].as_array().unwrap().iter().map(|m| m["gmail_message_id"].clone()).collect();
    assert_eq!(json!(ids), json!(["b", null, "a", null, "b"]));
    assert_eq!(added["messages"][0]["id"], added["messages"][4]["id"]);
    assert_ne!(added["messages"][1]["id"], added["messages"][3]["id"]);
    let counts = async || {
        let one = row(&app, "email_threads", &one).await["message_count"].clone();
        json!([one, row(&app, "email_threads", &two).await["message_count"]])
    };
    assert_eq!(counts().await, json!([2, 2]));

    let unknown = json!({"messages": [of(&one, None), of("no", None)]});
    assert_eq!(call(&app, path, unknown).await.expect(422).json()["details"]["field"], "messages[1].thread_id");
    let lost = json!({"messages": [of(&one, None), with(of(&two, None), &json!({"conversation_id": "no"}))]});
    assert_eq!(call(&app, path, lost).await.expect(422).json()["details"]["field"], "messages[1].conversation_id");
    assert_eq!(faults(&call(&app, path, json!({"messages": []})).await.expect(400)), ["messages"]);
    let many = json!({"messages": vec![of(&one, None); 201]});
    assert_eq!(faults(&call(&app, path, many).await.expect(400)), ["messages"]);
    assert_eq!(counts().await, json!([2, 2]), "nothing was written");

    // Each in an order of its own.
    let statuses = at_once(32, async |number| {
        let mut mails: Vec<_> =
            (0..8).map(|n| of(if n % 2 == 0 { &one } else { &two }, Some(&format!("r{n}")))).collect();
        mails.rotate_left(number % 8);
        call(&app, path, json!({"messages": mails})).await
    })
    .await;
    assert_eq!(statuses, [200; 32]);
    assert_eq!(counts().await, json!([6, 6]), "overlapping imports count a mail once");
}

#[tokio::test]
async fn the_inbox_has_the_newest_threads_with_their_five_newest_mails() {
    let (api, app) = backend().await;
    let customer = customer(&api).await;
    let one = thread(&api, &customer, "g1").await;
    let two = thread(&api, &customer, "g2").await;
    api.execute(&format!(
        "update renos.email_threads set is_matched = false where id = '{one}';
         update renos.email_threads set labels = '{{VIP}}' where id = '{two}'"
    ))
    .await;
    for day in 1..8 {
        let mail = with(mail(None), &json!({"sent_at": format!("2031-01-0{day}T00:00:00Z")}));
        call(&app, &format!("/renos/email_threads/{one}/messages"), mail).await.expect(201);
    }
    let inbox = async |query: &str| app.get(&format!("/renos/email_threads/inbox?{query}")).await;
    let read = format!(
        "/renos/email_threads?customer_id=eq.{customer}&order=last_message_at.desc&select=*,customers(*),email_messages(*)&email_messages.order=sent_at.desc&email_messages.limit=5"
    );
    let all = inbox(&format!("customer_id={customer}")).await.expect(200).json();
    assert_eq!(all, app.get(&read).await.expect(200).json(), "what a read gives");
    assert_eq!(all[0]["email_messages"][4]["sent_at"], "2031-01-03T00:00:00+00:00");
    let ids = async |query: &str| {
        let threads = inbox(&format!("customer_id={customer}&{query}")).await.expect(200).json();
        json!(threads.as_array().unwrap().iter().map(|thread| thread["id"].clone()).collect::<Vec<_>>())
    };
    assert_eq!(ids("limit=200").await, json!([one, two]));
    assert_eq!(ids("limit=1&offset=1").await, json!([two]));
    assert_eq!(ids("participant=BO@dahl.dk").await, json!([one]));
    assert_eq!(ids("label=VIP").await, json!([two]));
    assert_eq!(ids("is_matched=false").await, json!([one]));
    assert_eq!(ids("label=none").await, json!([]));
    let some = inbox("").await.expect(200).json();
    assert_eq!(
        some.as_array().unwrap().len(),
        50.min(api.query::<i64>("select count(*) from renos.email_threads").await as usize)
    );
    for (query, field) in
        [("limit=0", "limit"), ("limit=201", "limit"), ("limit=x", "limit"), ("label=", "label"), ("q=1", "q")]
    {
        assert_eq!(faults(&inbox(query).await.expect(400)), [field]);
    }
}
