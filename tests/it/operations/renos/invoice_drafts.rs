//! Drafts of invoices, changed and thrown away.

use super::*;

#[tokio::test]
async fn a_draft_is_changed_with_its_amounts_and_what_was_sent_is_not() {
    let (api, app) = backend().await;
    let customer = customer(&api).await;
    let lines = json!([{"description": "a", "quantity": 1, "unit_price": 100}, {"description": "b", "quantity": 2, "unit_price": 50}]);
    let input = json!({"customer_id": customer, "line_items": lines, "notes": "n", "customer_email": "ann@dahl.dk"});
    let made = call(&app, "/renos/invoices/issue", input).await.expect(201).json();
    let id = made["id"].as_str().unwrap();
    let path = format!("/renos/invoices/{id}");
    let input = json!({"customer_name": " Dahl ApS ", "notes": null, "customer_address": "Havnegade 4",
        "due_date": "2031-01-31", "vat_rate": 0});
    let changed = patch(&app, &path, input).await.expect(200).json();
    let of = |name: &str| changed[name].clone();
    assert_eq!(
        [of("customer_name"), of("notes"), of("customer_address"), of("due_date"), of("customer_email")],
        [
            json!("Dahl ApS"),
            Value::Null,
            json!("Havnegade 4"),
            json!("2031-01-30T23:00:00+00:00"),
            json!("ann@dahl.dk")
        ]
    );
    assert_eq!([of("subtotal"), of("vat_amount"), of("total")], [json!(200.0), json!(0.0), json!(200.0)]);
    assert_eq!(of("invoice_line_items"), made["invoice_line_items"], "the lines stay");
    let lines = json!([{"description": " c ", "quantity": 1.5, "unit_price": 0.33}]);
    let changed = patch(&app, &path, json!({"line_items": lines, "vat_rate": 25})).await.expect(200).json();
    assert_eq!(
        [&changed["subtotal"], &changed["vat_amount"], &changed["total"]],
        [&json!(0.5), &json!(0.13), &json!(0.63)]
    );
    let read = format!("/renos/invoices?id=eq.{id}&select=*,invoice_line_items(*)&invoice_line_items.order=sort_order");
    assert_eq!(app.get(&read).await.expect(200).json()[0], changed, "what a read gives");

    let dear = json!([{"description": "x", "quantity": 9_999_999, "unit_price": 9_999_999}]);
    let refused = patch(&app, &path, json!({"line_items": dear})).await.expect(422).json();
    assert_eq!(refused["details"]["field"], "line_items");
    assert_eq!(faults(&patch(&app, &path, json!({})).await.expect(400)), [""]);
    assert_eq!(
        faults(&patch(&app, &path, json!({"total": 1, "line_items": []})).await.expect(400)),
        ["total", "line_items"]
    );
    let part = json!({"payment_method": "cash", "paid_amount": 0.5, "force": true});
    call(&app, &format!("{path}/mark_paid"), part).await.expect(200);
    let less = json!({"line_items": [{"description": "x", "quantity": 1, "unit_price": 0.3}]});
    assert_eq!(patch(&app, &path, less).await.expect(422).json()["details"]["field"], "line_items");
    assert_eq!(
        app.get(&read).await.json()[0]["invoice_line_items"],
        changed["invoice_line_items"],
        "nothing was written"
    );

    call(&app, &format!("{path}/send"), json!({})).await.expect(200);
    let sent = app.get(&read).await.json();
    refused_in(patch(&app, &path, json!({"notes": "x"})).await, &json!("sent"), &json!(["draft"]));
    assert_eq!(app.get(&read).await.json(), sent);
    patch(&app, "/renos/invoices/no", json!({"notes": "x"})).await.expect(404);
}

#[tokio::test]
async fn of_32_who_change_the_lines_each_leaves_its_own_alone() {
    let (api, app) = backend().await;
    let customer = customer(&api).await;
    let line = |price: usize| json!([{"description": "x", "quantity": 1, "unit_price": price}]);
    let input = json!({"customer_id": customer, "line_items": line(1)});
    let id = call(&app, "/renos/invoices/issue", input).await.expect(201).json()["id"].as_str().unwrap().to_owned();
    let path = format!("/renos/invoices/{id}");
    let statuses = at_once(32, async |n| patch(&app, &path, json!({"line_items": line(n + 2)})).await).await;
    assert_eq!(statuses, [200; 32]);
    let sound: bool = api
        .query(&format!(
            "select count(*) = 1 and sum(l.amount) = max(v.subtotal) and max(v.total) = round(max(v.subtotal) * 1.25, 2)
             from renos.invoices v join renos.invoice_line_items l on l.invoice_id = v.id where v.id = '{id}'"
        ))
        .await;
    assert!(sound, "one line, and its amount is the invoice's");
}

#[tokio::test]
async fn a_draft_that_is_deleted_gives_the_last_number_back() {
    let (api, app) = backend().await;
    let customer = customer(&api).await;
    let line = json!([{"description": "x", "quantity": 1, "unit_price": 100}]);
    let issue = async || {
        let input = json!({"customer_id": customer, "line_items": line});
        call(&app, "/renos/invoices/issue", input).await.expect(201).json()
    };
    let remove =
        async |invoice: &Value| delete(&app, &format!("/renos/invoices/{}", invoice["id"].as_str().unwrap())).await;
    let (first, second, third) = (issue().await, issue().await, issue().await);
    let statuses = at_once(32, async |_| remove(&third).await).await;
    assert_eq!((statuses[0], &statuses[1..]), (204, &[404; 31][..]));
    let again = issue().await;
    assert_eq!(again["invoice_number"], third["invoice_number"]);
    remove(&second).await.expect(204);
    assert_ne!(issue().await["invoice_number"], second["invoice_number"], "no number is given twice");
    let lines: i64 = api
        .query(&format!(
            "select count(*) from renos.invoice_line_items where invoice_id = '{}'",
            second["id"].as_str().unwrap()
        ))
        .await;
    assert_eq!(lines, 0);

    let sent = invoice(&api, &customer, "sent", 0).await;
    let details = delete(&app, &format!("/renos/invoices/{sent}")).await.expect(409).json()["details"].clone();
    assert_eq!((&details["current"]["status"], &details["allowed"]["status"]), (&json!("sent"), &json!(["draft"])));
    let part = json!({"payment_method": "cash", "paid_amount": 1, "force": true});
    call(&app, &format!("/renos/invoices/{}/mark_paid", first["id"].as_str().unwrap()), part).await.expect(200);
    remove(&first).await.expect(409);
    assert_eq!(row(&app, "invoices", first["id"].as_str().unwrap()).await["paid_amount"], json!(1.0));
    delete(&app, "/renos/invoices/no").await.expect(404);
}

#[tokio::test]
async fn the_first_number_of_a_year_comes_back_too() {
    let (api, app) = backend().await;
    let customer = customer(&api).await;
    let line = json!([{"description": "x", "quantity": 1, "unit_price": 100}]);
    let input = json!({"customer_id": customer, "line_items": line, "invoice_number": "INV-2099-001"});
    let made = call(&app, "/renos/invoices/issue", input).await.expect(201).json();
    delete(&app, &format!("/renos/invoices/{}", made["id"].as_str().unwrap())).await.expect(204);
    let left: i64 = api.query("select count(*) from renos.invoice_counters where year = 2099").await;
    assert_eq!(left, 0);
}
