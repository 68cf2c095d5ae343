//! What operations alone change: plain writes end there.

use axum::http::Method;

use super::*;

/// Plain writes of the application that change nothing, since the rows are no longer, or never, its own to write.
#[tokio::test]
async fn what_has_left_the_house_stays_as_it_was() {
    let (api, app) = backend().await;
    let customer = customer(&api).await;
    let line = json!([{"description": "Vinduer", "quantity": 1, "unit_price": 100}]);
    let issue =
        json!({"customer_id": customer, "customer_name": "Ann", "customer_email": "ann@dahl.dk", "line_items": line});
    let invoice = call(&app, "/renos/invoices/issue", issue).await.expect(201).json();
    let invoice = invoice["id"].as_str().unwrap();
    // Of a draft the tax follows from its rate.
    let path = format!("/renos/invoices?id=eq.{invoice}");
    app.patch(&path, json!({"vat_rate": 0})).await.expect(200);
    let draft = row(&app, "invoices", invoice).await;
    assert_eq!([&draft["vat_amount"], &draft["total"]], [&json!(0.0), &json!(100.0)]);
    call(&app, &format!("/renos/invoices/{invoice}/send"), json!({})).await.expect(200);
    let sent = row(&app, "invoices", invoice).await;

    let full = [("prefer", "return=representation")];
    let changed = async |path: &str, body: Value| app.write(Method::PATCH, path, &full, body).await;
    let none = json!([]);
    assert_eq!(changed(&path, json!({"customer_name": "Other", "vat_rate": 25})).await.expect(200).json(), none);
    let lines = format!("/renos/invoice_line_items?invoice_id=eq.{invoice}");
    assert_eq!(changed(&lines, json!({"quantity": 99})).await.expect(200).json(), none);
    app.delete(&lines).await.expect(200);
    app.delete(&path).await.expect(200);
    assert_eq!(row(&app, "invoices", invoice).await, sent);
    assert_eq!(app.get(&lines).await.json().as_array().unwrap().len(), 1);

    let lead = lead(&api, &customer).await;
    let quote = call(&app, "/renos/quotes/compose", json!({"lead_id": lead, "hourly_rate": 100, "estimated_hours": 2}));
    let quote = quote.await.expect(201).json()["id"].as_str().unwrap().to_owned();
    let path = format!("/renos/quotes?id=eq.{quote}");
    assert_eq!(changed(&path, json!({"hourly_rate": 200})).await.expect(200).json()[0]["subtotal"], 400.0);
    call(&app, &format!("/renos/quotes/{quote}/send"), json!({})).await.expect(200);
    assert_eq!(changed(&path, json!({"hourly_rate": 1})).await.expect(200).json(), none);

    let response: String = api
        .query(&format!(
            "insert into renos.email_responses (lead_id, recipient_email, subject, body, status)
             values ('{lead}', 'ann@dahl.dk', 's', 'b', 'approved') returning id"
        ))
        .await;
    let path = format!("/renos/email_responses?id=eq.{response}");
    assert_eq!(changed(&path, json!({"body": "another"})).await.expect(200).json(), none);
    let before: i64 = api.query("select count(*) from renos.subcontractors").await;
    app.delete("/renos/subcontractors?id=not.is.null").await.expect(200);
    assert_eq!(api.query::<i64>("select count(*) from renos.subcontractors").await, before);
}

#[tokio::test]
async fn addresses_are_written_in_one_way() {
    let (_api, app) = backend().await;
    let made = app.write(
        Method::POST,
        "/renos/customers",
        &[("prefer", "return=representation")],
        json!({"name": "D", "email": " Dup@X.dk "}),
    );
    assert_eq!(made.await.expect(201).json()[0]["email"], "dup@x.dk");
    app.post("/renos/customers", json!({"name": "D", "email": "DUP@x.dk"})).await.expect(409);
    app.patch("/renos/customers?email=eq.dup@x.dk", json!({"email": "Other@X.dk"})).await.expect(200);
    assert_eq!(app.get("/renos/customers?email=eq.other@x.dk").await.json().as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_number_that_is_given_back_is_taken_by_whoever_waits() {
    let (api, app) = backend().await;
    let customer = customer(&api).await;
    let line = json!([{"description": "Vinduer", "quantity": 1, "unit_price": 100}]);
    let issue = json!({"customer_id": customer, "customer_name": "Ann", "line_items": line});
    for _ in 0..4 {
        let last = call(&app, "/renos/invoices/issue", issue.clone()).await.expect(201).json();
        let path = format!("/renos/invoices/{}", last["id"].as_str().unwrap());
        // The draft goes while others are issued.
        let statuses = at_once(8, async |number| match number {
            3 => delete(&app, &path).await,
            _ => call(&app, "/renos/invoices/issue", issue.clone()).await,
        });
        assert!(statuses.await.iter().all(|status| [201, 204].contains(status)));
    }
    let gaps: i64 = api
        .query(
            "select max(number) - count(distinct number) - min(number) + 1 from (
                 select substring(invoice_number from 10)::bigint as number from renos.invoices
                 where invoice_number like 'INV-' || extract(year from now() at time zone 'Europe/Copenhagen') || '-%'
                     and customer_id is not null and created_at >= now() - interval '1 hour'
             ) as numbers",
        )
        .await;
    // A draft that is no longer the last when it goes leaves a gap, and no number is there twice.
    assert!((0..=4).contains(&gaps), "{gaps}");
    let twice: i64 = api.query("select count(*) - count(distinct invoice_number) from renos.invoices").await;
    assert_eq!(twice, 0);
}
