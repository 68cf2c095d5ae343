//! Offers and what becomes of them.

use super::*;

/// An offer of that state to a lead of a customer; with the lead.
async fn quote(api: &Api, status: &str, valid_until: &str) -> (String, String, String) {
    let customer = customer(api).await;
    let lead = lead(api, &customer).await;
    let quote = api
        .query(&format!(
            "insert into renos.quotes (lead_id, hourly_rate, estimated_hours, status, valid_until)
             values ('{lead}', 279.20, 2.5, '{status}', {valid_until}) returning id"
        ))
        .await;
    (quote, lead, customer)
}

/// Rate, hours, before VAT, VAT, total.
fn amounts(quote: &Value) -> [f64; 5] {
    ["hourly_rate", "estimated_hours", "subtotal", "vat_rate", "total"].map(|name| quote[name].as_f64().unwrap())
}

#[tokio::test]
async fn an_offer_is_a_draft_with_its_amounts() {
    let (api, app) = backend().await;
    let lead = lead(&api, &customer(&api).await).await;
    let compose = async |input: Value| call(&app, "/renos/quotes/compose", input).await;
    let input = json!({
        "lead_id": lead, "hourly_rate": 279.2, "estimated_hours": 3.5, "notes": " Windows too ",
        "valid_until": "2026-12-31T12:00:00+01:00"
    });
    let made = compose(input).await.expect(201).json();
    assert_eq!(amounts(&made), [279.2, 3.5, 977.2, 25.0, 1221.5]);
    assert_eq!(
        [&made["status"], &made["notes"], &made["lead_id"]],
        [&json!("draft"), &json!("Windows too"), &json!(lead)]
    );
    assert_eq!(made, row(&app, "quotes", made["id"].as_str().unwrap()).await);
    assert_eq!(row(&app, "leads", &lead).await["status"], "new", "an offer that was not sent is nobody's yet");
    let odd = json!({"lead_id": lead, "hourly_rate": 33.33, "estimated_hours": 1.5, "vat_rate": 12.5});
    // 33.33 * 1.5 = 49.995, half away from zero; VAT of 50.00 is 6.25.
    assert_eq!(amounts(&compose(odd).await.expect(201).json()), [33.33, 1.5, 50.0, 12.5, 56.25]);
    let free = json!({"lead_id": lead, "hourly_rate": 0, "estimated_hours": 2});
    assert_eq!(amounts(&compose(free).await.expect(201).json()), [0.0, 2.0, 0.0, 25.0, 0.0]);

    let count: i64 = api.query("select count(*) from renos.quotes").await;
    let input = |field: &str, value: Value| {
        let mut input = json!({"lead_id": lead, "hourly_rate": 1, "estimated_hours": 1});
        input[field] = value;
        input
    };
    for (field, value) in [
        ("hourly_rate", json!(-1)),
        ("hourly_rate", json!(100_000)),
        ("estimated_hours", json!(0)),
        ("estimated_hours", json!(10_000)),
        ("vat_rate", json!(101)),
        ("valid_until", json!("tomorrow")),
        ("total", json!(1)),
        ("status", json!("sent")),
    ] {
        assert_eq!(faults(&compose(input(field, value)).await.expect(400)), [field]);
    }
    let refused = compose(input("lead_id", json!("no"))).await.expect(422).json();
    assert_eq!(refused["details"]["field"], "lead_id");
    assert_eq!(api.query::<i64>("select count(*) from renos.quotes").await, count);
}

#[tokio::test]
async fn a_draft_that_is_changed_has_its_amounts_anew_and_nothing_else_is_changed() {
    let (api, app) = backend().await;
    let (draft, ..) = quote(&api, "draft", "'2026-12-31'").await;
    api.execute(&format!("update renos.quotes set notes = 'n' where id = '{draft}'")).await;
    let path = format!("/renos/quotes/{draft}");
    let changed = patch(&app, &path, json!({"estimated_hours": 4, "notes": null})).await.expect(200).json();
    assert_eq!(amounts(&changed), [279.2, 4.0, 1116.8, 25.0, 1396.0]);
    assert_eq!(changed["notes"], Value::Null);
    assert!(changed["valid_until"].is_string(), "what is absent stays");
    let changed = patch(&app, &path, json!({"hourly_rate": 100, "vat_rate": 0, "valid_until": null})).await.expect(200);
    assert_eq!(amounts(&changed.json()), [100.0, 4.0, 400.0, 0.0, 400.0]);
    assert_eq!(changed.json()["valid_until"], Value::Null);
    for (input, field) in [(json!({"estimated_hours": 0}), "estimated_hours"), (json!({"total": 1}), "total")] {
        assert_eq!(faults(&patch(&app, &path, input).await.expect(400)), [field]);
    }
    patch(&app, "/renos/quotes/no", json!({"hourly_rate": 1})).await.expect(404);
    // Plain writes of the rate have their amounts, too.
    let plain = json!({"lead_id": changed.json()["lead_id"], "hourly_rate": 10, "estimated_hours": 1.25});
    let made = app.post("/renos/quotes", plain).await.expect(201).json()[0].clone();
    assert_eq!(amounts(&made), [10.0, 1.25, 12.5, 25.0, 15.63]);
    let id = made["id"].as_str().unwrap();
    let raised = app.patch(&format!("/renos/quotes?id=eq.{id}"), json!({"hourly_rate": 20})).await.expect(200).json();
    assert_eq!(amounts(&raised[0]), [20.0, 1.25, 25.0, 25.0, 31.25]);

    api.execute(&format!("update renos.quotes set status = 'sent' where id = '{draft}'")).await;
    let before = row(&app, "quotes", &draft).await;
    refused_in(patch(&app, &path, json!({"hourly_rate": 1})).await, &json!("sent"), &json!(["draft"]));
    assert_eq!(row(&app, "quotes", &draft).await, before);
}

#[tokio::test]
async fn an_offer_is_sent_once_and_its_lead_knows() {
    let (api, app) = backend().await;
    let (draft, lead, _) = quote(&api, "draft", "null").await;
    let send = format!("/renos/quotes/{draft}/send");
    let statuses = at_once(32, async |_| call(&app, &send, json!({})).await).await;
    assert_eq!((statuses[0], statuses[1]), (200, 409), "{statuses:?}");
    assert_eq!(row(&app, "quotes", &draft).await["status"], "sent");
    assert_eq!(row(&app, "leads", &lead).await["status"], "quote_sent");
    refused_in(call(&app, &send, json!({})).await, &json!("sent"), &json!(["draft"]));
    call(&app, "/renos/quotes/no/send", json!({})).await.expect(404);
    api.execute(&format!(
        "update renos.quotes set status = 'draft' where id = '{draft}';
         update renos.leads set status = 'converted' where id = '{lead}'"
    ))
    .await;
    call(&app, &send, json!({})).await.expect(200);
    assert_eq!(row(&app, "leads", &lead).await["status"], "converted", "a customer stays one");
}

#[tokio::test]
async fn an_offer_is_accepted_once_with_its_booking() {
    let (api, app) = backend().await;
    let (offer, lead, customer) = quote(&api, "sent", "now()").await;
    api.execute(&format!("update renos.leads set task_type = 'Vinduer', address = 'Havnegade 1' where id = '{lead}'"))
        .await;
    let accept = format!("/renos/quotes/{offer}/accept");
    let input = json!({"create_booking": {"scheduled_at": "2026-12-07T08:00:00+01:00", "notes": " key at the door "}});
    let statuses = at_once(32, async |_| call(&app, &accept, input.clone()).await).await;
    assert_eq!((statuses[0], statuses[1]), (200, 409), "{statuses:?}");
    let bookings = app.get(&format!("/renos/bookings?quote_id=eq.{offer}")).await.expect(200).json();
    assert_eq!(bookings.as_array().unwrap().len(), 1);
    let of = |name: &str| bookings[0][name].clone();
    assert_eq!(
        [of("customer_id"), of("lead_id"), of("service_type"), of("address"), of("notes"), of("status")],
        [customer.as_str(), &lead, "Vinduer", "Havnegade 1", "key at the door", "scheduled"].map(|text| json!(text))
    );
    assert_eq!(
        [of("scheduled_at"), of("start_time"), of("end_time"), of("estimated_duration")],
        [
            json!("2026-12-07T07:00:00+00:00"),
            json!("2026-12-07T07:00:00+00:00"),
            json!("2026-12-07T09:30:00+00:00"),
            json!(150)
        ]
    );
    assert_eq!(figures(&app, &customer).await, json!([1, 1, 0.0]));
    assert!(row(&app, "customers", &customer).await["last_contact_at"].is_string());
    refused_in(call(&app, &accept, json!({})).await, &json!("accepted"), &json!(["sent"]));
    let again = call(&app, &format!("/renos/quotes/{offer}/reject"), json!({})).await;
    refused_in(again, &json!("accepted"), &json!(["sent"]));
}

#[tokio::test]
async fn an_offer_is_accepted_without_a_booking_and_wrong_ones_write_nothing() {
    let (api, app) = backend().await;
    let (offer, lead, _) = quote(&api, "sent", "null").await;
    let accept = format!("/renos/quotes/{offer}/accept");
    for (input, field) in [
        (json!({"create_booking": {}}), "create_booking.scheduled_at"),
        (json!({"create_booking": {"scheduled_at": "soon"}}), "create_booking.scheduled_at"),
        (
            json!({"create_booking": {"scheduled_at": "2026-12-07T08:00:00Z", "estimated_duration": 0}}),
            "create_booking.estimated_duration",
        ),
    ] {
        assert_eq!(faults(&call(&app, &accept, input).await.expect(400)), [field]);
    }
    call(&app, "/renos/quotes/no/accept", json!({})).await.expect(404);
    assert_eq!(row(&app, "quotes", &offer).await["status"], "sent");
    api.execute(&format!("update renos.leads set customer_id = null where id = '{lead}'")).await;
    let accepted = call(&app, &accept, json!({})).await.expect(200).json();
    assert_eq!([&accepted["status"], &accepted["bookings"]], [&json!("accepted"), &json!([])]);
    api.execute(&format!("update renos.quotes set status = 'sent' where id = '{offer}'")).await;
    let booking = json!({
        "scheduled_at": "2026-12-07T08:00:00Z", "estimated_duration": 90, "service_type": "Airbnb",
        "start_time": "2026-12-07T09:00:00Z"
    });
    let accepted = call(&app, &accept, json!({"create_booking": booking})).await.expect(200).json();
    let booked = &accepted["bookings"][0];
    assert_eq!(
        [&booked["customer_id"], &booked["quote_id"], &booked["estimated_duration"], &booked["end_time"]],
        [&Value::Null, &json!(offer), &json!(90), &json!("2026-12-07T10:30:00+00:00")]
    );
}

#[tokio::test]
async fn an_offer_holds_to_the_end_of_its_last_day_in_copenhagen() {
    let (api, app) = backend().await;
    let (past, _, _) = quote(&api, "sent", "now() - interval '1 day'").await;
    let lead = row(&app, "quotes", &past).await["lead_id"].as_str().unwrap().to_owned();
    let more = async |status: &str, valid_until: &str| -> String {
        api.query(&format!(
            "insert into renos.quotes (lead_id, hourly_rate, estimated_hours, status, valid_until)
             values ('{lead}', 1, 1, '{status}', {valid_until}) returning id"
        ))
        .await
    };
    let today = "date_trunc('day', now() at time zone 'Europe/Copenhagen') at time zone 'Europe/Copenhagen'";
    let holds = more("sent", today).await;
    let ended = more("sent", &format!("{today} - interval '1 second'")).await;
    let draft = more("draft", "now() - interval '9 days'").await;
    let for_ever = more("sent", "null").await;
    let before = row(&app, "quotes", &past).await;
    let answer = call(&app, &format!("/renos/quotes/{past}/accept"), json!({})).await;
    refused_in(answer, &json!("expired"), &json!(["sent"]));
    assert_eq!(row(&app, "quotes", &past).await, before, "nothing was written");
    let due: i64 = api
        .query(
            "select count(*) from renos.quotes where status = 'sent' and (valid_until at time zone 'Europe/Copenhagen')::date
             < (now() at time zone 'Europe/Copenhagen')::date",
        )
        .await;
    let expired = call(&app, "/renos/quotes/expire", json!({})).await.expect(200).json();
    assert!(due >= 2);
    assert_eq!(expired, json!({"quotes": due}));
    for (quote, status) in
        [(&past, "expired"), (&ended, "expired"), (&holds, "sent"), (&draft, "draft"), (&for_ever, "sent")]
    {
        assert_eq!(row(&app, "quotes", quote).await["status"], status);
    }
    assert_eq!(call(&app, "/renos/quotes/expire", json!({})).await.expect(200).json(), json!({"quotes": 0}));
    refused_in(
        call(&app, &format!("/renos/quotes/{past}/accept"), json!({})).await,
        &json!("expired"),
        &json!(["sent"]),
    );
    call(&app, &format!("/renos/quotes/{holds}/accept"), json!({})).await.expect(200);
}

#[tokio::test]
async fn of_32_who_accept_or_reject_an_offer_one_does() {
    let (api, app) = backend().await;
    let (offer, lead, _) = quote(&api, "sent", "null").await;
    let path = |number: usize| format!("/renos/quotes/{offer}/{}", ["accept", "reject"][number % 2]);
    let statuses = at_once(32, async |number| call(&app, &path(number), json!({})).await).await;
    assert_eq!((statuses[0], statuses[1]), (200, 409), "{statuses:?}");
    let state = row(&app, "quotes", &offer).await["status"].clone();
    assert!(state == "accepted" || state == "rejected");
    api.execute(&format!("update renos.quotes set status = 'sent' where id = '{offer}'")).await;
    let rejected = call(&app, &path(1), json!({})).await.expect(200).json();
    assert_eq!(rejected["status"], "rejected");
    assert_eq!(row(&app, "leads", &lead).await["status"], "new");
    refused_in(call(&app, &path(1), json!({})).await, &json!("rejected"), &json!(["sent"]));
    call(&app, "/renos/quotes/no/reject", json!({})).await.expect(404);
}
