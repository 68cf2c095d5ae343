//! Customers found, made and gone.

use super::*;

#[tokio::test]
async fn the_customer_of_a_mail_is_found_as_it_is_or_made() {
    let (api, app) = backend().await;
    let path = "/renos/customers/by_email";
    let ann = customer(&api).await;
    let before = row(&app, "customers", &ann).await;
    let found = call(&app, path, json!({"email": "Ann@Dahl.dk", "name": "Other", "tags": ["vip"]})).await;
    assert_eq!(found.expect(200).json(), before);
    assert_eq!(row(&app, "customers", &ann).await, before, "nothing was written");
    let made = call(&app, path, json!({"email": "Bo.Berg@Berg.dk", "phone": " 20304050 ", "tags": ["vip", " "]})).await;
    let made = made.expect(201).json();
    assert_eq!(
        [&made["name"], &made["email"], &made["phone"], &made["tags"], &made["status"]],
        [&json!("bo.berg"), &json!("bo.berg@berg.dk"), &json!("20304050"), &json!(["vip"]), &json!("active")]
    );
    for (input, field) in [
        (json!({}), "email"),
        (json!({"email": "x"}), "email"),
        (json!({"email": "a@b.dk", "name": "x"}), "name"),
        (json!({"email": "a@b.dk", "total_leads": 1}), "total_leads"),
    ] {
        assert_eq!(faults(&call(&app, path, input).await.expect(400)), [field]);
    }
    let mixed: String =
        api.query("insert into renos.customers (name, email) values ('E', 'Eva@Holm.dk') returning id").await;
    assert_eq!(call(&app, path, json!({"email": "eva@holm.dk"})).await.expect(200).json()["id"], json!(mixed));
}

#[tokio::test]
async fn of_32_who_ask_for_a_new_customer_one_makes_it() {
    let (api, app) = backend().await;
    let ask = async |number: usize| {
        call(&app, "/renos/customers/by_email", json!({"email": "ida@holm.dk", "name": format!("Ida {number}")})).await
    };
    let statuses = at_once(32, ask).await;
    assert_eq!((&statuses[..31], statuses[31]), (&[200; 31][..], 201), "{statuses:?}");
    assert_eq!(api.query::<i64>("select count(*) from renos.customers where email = 'ida@holm.dk'").await, 1);
}

/// What to do about a mail, and why.
async fn check(app: &Person, query: &str) -> Value {
    read(app, &format!("/renos/customers/duplicate_check?{query}")).await.expect(200).json()
}

#[tokio::test]
async fn somebody_who_is_known_is_answered_after_a_while_only() {
    let (api, app) = backend().await;
    let nobody = check(&app, "email=nobody@nowhere.dk").await;
    assert_eq!(
        nobody,
        json!({
            "is_duplicate": false, "action": "OK", "days_since_contact": null, "customer": null, "leads": 0,
            "bookings": 0, "newest_lead_at": null, "newest_booking_at": null, "newest_response_at": null,
            "last_contact_at": null
        })
    );
    let ann = customer(&api).await;
    let known = check(&app, "email=ANN@dahl.dk").await;
    assert_eq!([&known["is_duplicate"], &known["action"]], [&json!(true), &json!("OK")], "never answered");
    let lead: String = api
        .query(&format!(
            "insert into renos.leads (customer_id, source, created_at)
             values ('{ann}', 'phone', now() - interval '40 days') returning id"
        ))
        .await;
    api.execute(&format!(
        "insert into renos.leads (email, source, created_at) values ('ANN@dahl.dk', 'email', now() - interval '12 days');
         insert into renos.bookings (customer_id, status, created_at) values
            ('{ann}', 'scheduled', now() - interval '20 days'), ('{ann}', 'cancelled', now());
         insert into renos.bookings (lead_id, created_at) values ('{lead}', now() - interval '30 days')"
    ))
    .await;
    let asked = check(&app, "email=ann@dahl.dk").await;
    let of = |name: &str| asked[name].clone();
    assert_eq!(
        [of("action"), of("days_since_contact"), of("leads"), of("bookings"), of("newest_response_at")],
        [json!("WARN"), json!(12), json!(2), json!(2), Value::Null]
    );
    assert_eq!(asked["customer"], row(&app, "customers", &ann).await);
    for (days, action) in [(31, "OK"), (30, "WARN"), (7, "WARN"), (6, "STOP")] {
        api.execute(&format!(
            "insert into renos.email_responses (lead_id, recipient_email, subject, body, status, sent_at)
             values ('{lead}', 'ann@dahl.dk', 's', 'b', 'sent', now() - interval '{days} days')"
        ))
        .await;
        let answered = check(&app, "email=ann@dahl.dk").await;
        assert_eq!([&answered["action"], &answered["days_since_contact"]], [&json!(action), &json!(days)]);
    }
}

#[tokio::test]
async fn somebody_without_a_known_mail_is_found_by_the_phone() {
    let (api, app) = backend().await;
    let ann = customer(&api).await;
    api.execute(&format!("update renos.customers set phone = '+45 98 76 54 32' where id = '{ann}'")).await;
    let found = check(&app, "email=other@dahl.dk&phone=9876%205432").await;
    assert_eq!([&found["is_duplicate"], &found["customer"]["id"]], [&json!(true), &json!(ann)]);
    assert_eq!(check(&app, "email=other@dahl.dk&phone=11111111").await["is_duplicate"], false);
    for wrong in ["", "email=x", "email=a@b.dk&phone=1", "email=a@b.dk&x=1"] {
        read(&app, &format!("/renos/customers/duplicate_check?{wrong}")).await.expect(400);
    }
}

#[tokio::test]
async fn a_customer_without_business_goes_and_any_other_is_switched_off() {
    let (api, app) = backend().await;
    let (ann, path) = (customer(&api).await, |id: &str| format!("/renos/customers/{id}"));
    let lead = lead(&api, &ann).await;
    delete(&app, &path(&ann)).await.expect(204);
    assert_eq!(row(&app, "customers", &ann).await, Value::Null);
    assert_eq!(row(&app, "leads", &lead).await["customer_id"], Value::Null);
    delete(&app, &path(&ann)).await.expect(404);

    let named = async |name: &str| -> String {
        api.query(&format!("insert into renos.customers (name) values ('{name}') returning id")).await
    };
    let (booked, planned, billed, led) = (named("a").await, named("b").await, named("c").await, named("d").await);
    api.execute(&format!(
        "insert into renos.bookings (customer_id) values ('{booked}');
         insert into renos.cleaning_plans (customer_id, name, service_type) values ('{planned}', 'p', 's');
         insert into renos.invoices (invoice_number, customer_id, customer_name, due_date, subtotal, vat_amount, total)
            values ('Z1', '{billed}', 'c', now(), 1, 1, 2);
         update renos.leads set customer_id = '{led}' where id = '{lead}';
         insert into renos.bookings (lead_id) values ('{lead}')"
    ))
    .await;
    for customer in [&booked, &planned, &billed, &led] {
        let off = delete(&app, &path(customer)).await.expect(200).json();
        assert_eq!([&off["id"], &off["status"]], [&json!(customer), &json!("inactive")]);
        assert_eq!(row(&app, "customers", customer).await, off);
        assert_eq!(faults(&delete(&app, &format!("{}?hard=true", path(customer))).await.expect(400)), ["hard"]);
    }
    for customer in [&booked, &billed, &led] {
        let refused = delete(&api.service, &format!("{}?hard=true", path(customer))).await.expect(409).json();
        assert_eq!(refused["code"], "operation.conflict");
        assert_eq!(row(&app, "customers", customer).await["status"], "inactive");
    }
    delete(&api.service, &format!("{}?hard=true", path(&planned))).await.expect(204);
    let plans = app.get(&format!("/renos/cleaning_plans?customer_id=eq.{planned}")).await.expect(200).json();
    assert_eq!(plans, json!([]));
}

#[tokio::test]
async fn a_customer_who_is_booked_meanwhile_is_there_or_the_booking_is_not() {
    let (api, app) = backend().await;
    for _ in 0..8 {
        let ann: String = api.query("insert into renos.customers (name) values ('Ann') returning id").await;
        let booking = json!({"customer_id": ann, "scheduled_at": "2026-12-07T08:00:00Z"});
        let path = format!("/renos/customers/{ann}");
        let (gone, booked) = tokio::join!(delete(&app, &path), app.post("/renos/bookings", booking));
        let left: i64 = api.query(&format!("select count(*) from renos.bookings where customer_id = '{ann}'")).await;
        match (gone.status.as_u16(), booked.status.as_u16()) {
            (204, 409) => assert_eq!((row(&app, "customers", &ann).await, left), (Value::Null, 0)),
            (200, 201) => assert_eq!((&row(&app, "customers", &ann).await["status"], left), (&json!("inactive"), 1)),
            other => panic!("{other:?}: {} {}", gone.text(), booked.text()),
        }
    }
}
