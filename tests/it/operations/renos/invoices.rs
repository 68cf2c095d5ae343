//! Invoices and payments.

use super::*;

const ISSUE: &str = "/renos/invoices/issue";

fn lines() -> Value {
    json!([
        {"description": " Fast rengøring ", "quantity": 1.5, "unit_price": 0.33},
        {"description": "Vinduer", "quantity": 0.335, "unit_price": 10.10},
    ])
}

async fn count(api: &Api, table: &str) -> i64 {
    api.query(&format!("select count(*) from renos.{table}")).await
}

/// Numbers of the invoices made in this test, in order.
async fn numbers(api: &Api, customer: &str) -> Vec<i32> {
    let sql = "select array_agg(n order by n) from (
        select substring(invoice_number from 'INV-[0-9]{4}-([0-9]+)')::int as n from renos.invoices where customer_id = ";
    api.query(&format!("{sql}'{customer}') as numbers")).await
}

#[tokio::test]
async fn an_invoice_has_exact_amounts_its_lines_in_order_and_the_next_number() {
    let (api, app) = backend().await;
    let customer = customer(&api).await;
    let lead = lead(&api, &customer).await;
    let booking: String =
        api.query(&format!("insert into renos.bookings (lead_id) values ('{lead}') returning id")).await;
    let input = json!({
        "customer_id": customer, "booking_id": booking, "line_items": lines(), "due_date": "2031-01-31",
        "customer_email": "Ann@Dahl.DK", "notes": " n ",
    });
    let issued = call(&app, ISSUE, input).await.expect(201).json();
    let of = |name: &str| issued[name].clone();
    assert_eq!(
        [of("subtotal"), of("vat_rate"), of("vat_amount"), of("total"), of("status"), of("notes")],
        [json!(3.88), json!(25.0), json!(0.97), json!(4.85), json!("draft"), json!("n")]
    );
    assert_eq!(
        [of("customer_name"), of("customer_email"), of("due_date"), of("booking_id")],
        [json!("Ann Dahl"), json!("ann@dahl.dk"), json!("2031-01-30T23:00:00+00:00"), json!(booking)]
    );
    let id = issued["id"].as_str().unwrap();
    let read = format!("/renos/invoices?id=eq.{id}&select=*,invoice_line_items(*)&invoice_line_items.order=sort_order");
    assert_eq!(app.get(&read).await.expect(200).json()[0], issued, "what a read gives");
    let line = |at: usize, name: &str| issued["invoice_line_items"][at][name].clone();
    assert_eq!([line(0, "amount"), line(1, "amount")], [json!(0.5), json!(3.38)]);
    assert_eq!([line(0, "sort_order"), line(0, "description")], [json!(0), json!("Fast rengøring")]);

    let year: i32 = api.query("select extract(year from now() at time zone 'Europe/Copenhagen')::int").await;
    let next = async |input: Value| {
        let mut input = input;
        input["customer_id"] = json!(customer);
        input["line_items"] = lines();
        call(&app, ISSUE, input).await.expect(201).json()
    };
    let first = numbers(&api, &customer).await[0];
    let name = |number: i32| json!(format!("INV-{year}-{number:03}"));
    assert_eq!(issued["invoice_number"], name(first));
    let without_vat = next(json!({"vat_rate": 0})).await;
    assert_eq!([&without_vat["vat_amount"], &without_vat["total"]], [&json!(0.0), &json!(3.88)]);
    assert_eq!(without_vat["invoice_number"], name(first + 1));
    assert_eq!(next(json!({"invoice_number": name(1234)})).await["invoice_number"], name(1234));
    assert_eq!(next(json!({"invoice_number": "A-7", "customer_name": "Dahl ApS"})).await["customer_name"], "Dahl ApS");
    assert_eq!(next(json!({})).await["invoice_number"], name(1235), "the series goes on behind a number given");
}

#[tokio::test]
async fn what_is_refused_makes_no_invoice_and_takes_no_number() {
    let (api, app) = backend().await;
    let customer = customer(&api).await;
    call(&app, ISSUE, json!({"customer_id": customer, "line_items": lines(), "invoice_number": "A"})).await.expect(201);
    let foreign: String =
        api.query(&format!("select id from renos.bookings where customer_id <> '{customer}' limit 1")).await;
    let before = (count(&api, "invoices").await, count(&api, "invoice_line_items").await);
    let counters = count(&api, "invoice_counters").await;
    let refused = async |change: Value, status: u16, field: &str| {
        let mut input = json!({"customer_id": customer, "line_items": lines()});
        input.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let answer = call(&app, ISSUE, input).await.expect(status);
        match status {
            400 => assert_eq!(faults(&answer), [field]),
            422 => assert_eq!(answer.json()["details"]["field"], field),
            _ => assert_eq!(answer.json()["code"], "operation.conflict"),
        }
    };
    refused(json!({"invoice_number": "A"}), 409, "").await;
    refused(json!({"customer_id": "nobody"}), 422, "customer_id").await;
    refused(json!({"booking_id": "none"}), 422, "booking_id").await;
    refused(json!({"booking_id": foreign}), 422, "booking_id").await;
    let dear = json!([{"description": "x", "quantity": 9_999_999, "unit_price": 9_999_999}]);
    refused(json!({"line_items": dear}), 422, "line_items").await;
    refused(json!({"line_items": []}), 400, "line_items").await;
    refused(
        json!({"line_items": [{"description": " ", "quantity": 1, "unit_price": 1}]}),
        400,
        "line_items[0].description",
    )
    .await;
    refused(
        json!({"line_items": [{"description": "x", "quantity": 0, "unit_price": 1}]}),
        400,
        "line_items[0].quantity",
    )
    .await;
    refused(
        json!({"line_items": [{"description": "x", "quantity": 1, "unit_price": -1}]}),
        400,
        "line_items[0].unit_price",
    )
    .await;
    refused(json!({"vat_rate": 101}), 400, "vat_rate").await;
    refused(json!({"due_date": "31.1."}), 400, "due_date").await;
    refused(json!({"customer_email": "ann"}), 400, "customer_email").await;
    refused(json!({"total": 1}), 400, "total").await;
    assert_eq!((count(&api, "invoices").await, count(&api, "invoice_line_items").await), before);
    assert_eq!(count(&api, "invoice_counters").await, counters);
}

#[tokio::test]
async fn numbers_of_32_at_once_have_no_gap_and_no_double_whoever_fails_among_them() {
    let (api, app) = backend().await;
    let customer = customer(&api).await;
    let statuses = at_once(48, async |number| {
        let mut input = json!({"customer_id": customer, "line_items": lines()});
        match number % 3 {
            0 if number % 2 == 0 => input["customer_id"] = json!("nobody"),
            // A date that Postgres has none of: it fails when its number is taken.
            0 => input["due_date"] = json!("-009999-01-01"),
            _ => {}
        }
        call(&app, ISSUE, input).await
    })
    .await;
    assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 32, "{statuses:?}");
    let numbers = numbers(&api, &customer).await;
    assert_eq!(numbers, (numbers[0]..numbers[0] + 32).collect::<Vec<_>>());
}

/// An invoice of 485.00 that was sent, and its customer.
async fn sent(api: &Api, app: &Person, customer: &str) -> String {
    let line = json!([{"description": "x", "quantity": 1, "unit_price": 388}]);
    let issued = call(app, ISSUE, json!({"customer_id": customer, "line_items": line})).await.expect(201).json();
    let id = issued["id"].as_str().unwrap().to_owned();
    api.execute(&format!("update renos.invoices set status = 'sent' where id = '{id}'")).await;
    id
}

#[tokio::test]
async fn payments_add_up_until_the_invoice_is_paid() {
    let (api, app) = backend().await;
    let customer = customer(&api).await;
    let id = sent(&api, &app, &customer).await;
    let path = format!("/renos/invoices/{id}/mark_paid");
    let part = json!({"payment_method": "card", "paid_amount": 85, "payment_ref": "A"});
    let partly = call(&app, &path, part.clone()).await.expect(200).json();
    assert_eq!(
        [&partly["status"], &partly["paid_amount"], &partly["paid_at"]],
        [&json!("sent"), &json!(85.0), &Value::Null]
    );
    assert_eq!(call(&app, &path, part.clone()).await.expect(200).json(), partly, "repeated, nothing is recorded");
    let more = call(&app, &path, json!({"payment_method": "card", "paid_amount": 400.01})).await.expect(422).json();
    assert_eq!((&more["code"], &more["details"]["open"]), (&json!("operation.unprocessable"), &json!(400.0)));
    assert_eq!(figures(&app, &customer).await, json!([0, 0, 0.0]));
    let rest = json!({"payment_method": "cash", "paid_at": "2026-01-31T10:00:00+01:00", "payment_ref": "B"});
    let paid = call(&app, &path, rest.clone()).await.expect(200).json();
    assert_eq!(
        [&paid["status"], &paid["paid_amount"], &paid["paid_at"], &paid["payment_method"]],
        [&json!("paid"), &json!(485.0), &json!("2026-01-31T09:00:00+00:00"), &json!("cash")]
    );
    assert_eq!(figures(&app, &customer).await, json!([0, 0, 485.0]));
    assert_eq!(call(&app, &path, rest).await.expect(200).json(), paid);
    refused_in(call(&app, &path, json!({"payment_method": "cash"})).await, &json!("paid"), &json!(["sent", "overdue"]));
    assert_eq!(row(&app, "invoices", &id).await, paid);
}

#[tokio::test]
async fn drafts_are_paid_by_force_and_too_much_where_that_is_allowed() {
    let (api, app) = backend().await;
    let customer = customer(&api).await;
    let id = sent(&api, &app, &customer).await;
    let path = format!("/renos/invoices/{id}/mark_paid");
    let state = async |status: &str| {
        api.execute(&format!("update renos.invoices set status = '{status}' where id = '{id}'")).await;
    };
    let force = json!({"payment_method": "cash", "force": true, "paid_amount": 500, "allow_overpayment": true});
    state("cancelled").await;
    refused_in(call(&app, &path, force.clone()).await, &json!("cancelled"), &json!(["sent", "overdue", "draft"]));
    state("draft").await;
    refused_in(
        call(&app, &path, json!({"payment_method": "cash"})).await,
        &json!("draft"),
        &json!(["sent", "overdue"]),
    );
    let paid = call(&app, &path, force).await.expect(200).json();
    assert_eq!([&paid["status"], &paid["paid_amount"]], [&json!("paid"), &json!(500.0)]);
    for (input, field) in [
        (json!({}), "payment_method"),
        (json!({"payment_method": "cash", "paid_amount": 0}), "paid_amount"),
        (json!({"payment_method": "cash", "paid_at": "yesterday"}), "paid_at"),
    ] {
        assert_eq!(faults(&call(&app, &path, input).await.expect(400)), [field]);
    }
    call(&app, "/renos/invoices/no/mark_paid", json!({"payment_method": "cash"})).await.expect(404);
}

#[tokio::test]
async fn of_32_payments_at_once_none_is_lost_and_none_is_too_much() {
    let (api, app) = backend().await;
    let customer = customer(&api).await;
    let id = sent(&api, &app, &customer).await;
    let path = format!("/renos/invoices/{id}/mark_paid");
    let part = json!({"payment_method": "card", "paid_amount": 20});
    let statuses = at_once(32, async |_| call(&app, &path, part.clone()).await).await;
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 24, "{statuses:?}");
    let after = row(&app, "invoices", &id).await;
    assert_eq!([&after["paid_amount"], &after["status"]], [&json!(480.0), &json!("sent")]);
}

#[tokio::test]
async fn the_revenue_of_a_customer_has_each_of_32_invoices_paid_at_once() {
    let (api, app) = backend().await;
    let customer = customer(&api).await;
    let mut invoices = Vec::new();
    for _ in 0..32 {
        invoices.push(sent(&api, &app, &customer).await);
    }
    let statuses = at_once(32, async |number| {
        let path = format!("/renos/invoices/{}/mark_paid", invoices[number]);
        call(&app, &path, json!({"payment_method": "card"})).await
    })
    .await;
    assert_eq!(statuses, [200; 32]);
    assert_eq!(figures(&app, &customer).await, json!([0, 0, 485.0 * 32.0]));
}
