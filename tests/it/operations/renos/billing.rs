//! Invoices of bookings, their states and their figures.

use super::*;

/// A booking of that customer, with more columns.
async fn booking(api: &Api, customer: &str, columns: &str, values: &str) -> String {
    let anybody = "(select id from renos.customers limit 1)";
    let sql = format!(
        "insert into renos.bookings (customer_id{columns}) values (coalesce({customer}, {anybody}){values}) returning id"
    );
    let booking: String = api.query(&sql).await;
    // Nobody makes one without a customer or a lead, but there are such of before.
    api.execute(&format!("update renos.bookings set customer_id = {customer} where id = '{booking}'")).await;
    booking
}

/// How many invoices and lines there are, and the numbers taken.
async fn invoices(api: &Api) -> String {
    api.query(
        "select format('%s %s %s', (select count(*) from renos.invoices), (select count(*) from renos.invoice_line_items),
            (select coalesce(sum(last_number), 0) from renos.invoice_counters))",
    )
    .await
}

#[tokio::test]
async fn a_booking_is_invoiced_by_its_time_and_the_priced_tasks_of_its_plan() {
    let (api, app) = backend().await;
    let customer = customer(&api).await;
    let lead = lead(&api, &customer).await;
    let columns = ", lead_id, service_type, address, actual_duration";
    let values = format!(", '{lead}', ' Vinduer ', 'Havnegade 4', 100");
    let booking_id = booking(&api, "null", columns, &values).await;
    let tasks = json!([
        {"name": "Floors", "category": "Cleaning"},
        {"name": "Windows", "category": "Windows", "price_per_task": 150},
    ]);
    let plan = json!({"customer_id": customer, "name": "Office", "service_type": "Vinduer", "tasks": tasks});
    let plan = call(&app, "/renos/cleaning_plans/compose", plan).await.expect(201).json()["id"].clone();
    put(&app, &format!("/renos/bookings/{booking_id}/plan"), json!({"plan_id": plan})).await.expect(201);

    let path = format!("/renos/bookings/{booking_id}/invoice");
    let made = call(&app, &path, json!({})).await.expect(201).json();
    let lines = made["invoice_line_items"].as_array().unwrap();
    let figures: Vec<_> = lines
        .iter()
        .map(|line| json!([line["description"], line["quantity"], line["unit_price"], line["amount"]]))
        .collect();
    assert_eq!(figures, [json!(["Vinduer - Havnegade 4", 1.67, 279.2, 466.26]), json!(["Windows", 1.0, 150.0, 150.0])]);
    assert_eq!(
        [&made["subtotal"], &made["vat_amount"], &made["total"], &made["status"], &made["booking_id"]],
        [&json!(616.26), &json!(154.07), &json!(770.33), &json!("draft"), &json!(booking_id)]
    );
    assert_eq!(
        [&made["customer_id"], &made["customer_name"], &made["customer_email"], &made["customer_address"]],
        [&json!(customer), &json!("Ann Dahl"), &json!("ann@dahl.dk"), &json!("Havnegade 4")]
    );
    let due: bool = api
        .query(&format!(
            "select due_date at time zone 'Europe/Copenhagen' = (now() at time zone 'Europe/Copenhagen')::date + 14
             from renos.invoices where id = '{}'",
            made["id"].as_str().unwrap()
        ))
        .await;
    assert!(due, "{}", made["due_date"]);

    let before = invoices(&api).await;
    let again = call(&app, &path, json!({})).await.expect(409).json();
    assert_eq!((&again["code"], &again["details"]["invoice_id"]), (&json!("operation.conflict"), &made["id"]));
    assert_eq!(invoices(&api).await, before, "no number was taken");
    let cancel = format!("/renos/invoices/{}/cancel", made["id"].as_str().unwrap());
    call(&app, &cancel, json!({})).await.expect(200);
    assert_ne!(call(&app, &path, json!({})).await.expect(201).json()["invoice_number"], made["invoice_number"]);

    let plain = booking(&api, &format!("'{customer}'"), "", "").await;
    let input = json!({"hourly_rate": 300, "due_in_days": 0});
    let made = call(&app, &format!("/renos/bookings/{plain}/invoice"), input).await.expect(201).json();
    let line = &made["invoice_line_items"][0];
    assert_eq!([&line["description"], &line["quantity"]], [&json!("Rengøring"), &json!(2.0)], "the time estimated");
    assert_eq!(made["total"], json!(750.0));
}

#[tokio::test]
async fn a_booking_that_cannot_be_invoiced_makes_nothing() {
    let (api, app) = backend().await;
    let customer = format!("'{}'", customer(&api).await);
    let nobody = booking(&api, "null", "", "").await;
    let idle = booking(&api, &customer, ", actual_duration", ", 0").await;
    let cancelled = booking(&api, &customer, ", status", ", 'cancelled'").await;
    let before = invoices(&api).await;
    let invoice =
        async |booking: &str, input: Value| call(&app, &format!("/renos/bookings/{booking}/invoice"), input).await;
    assert_eq!(invoice(&nobody, json!({})).await.expect(422).json()["details"]["field"], "customer_id");
    assert_eq!(invoice(&idle, json!({})).await.expect(422).json()["details"]["field"], "actual_duration");
    let states = json!(["pending", "scheduled", "confirmed", "in_progress", "completed", "rescheduled"]);
    refused_in(invoice(&cancelled, json!({})).await, &json!("cancelled"), &states);
    invoice("no", json!({})).await.expect(404);
    for (input, field) in [
        (json!({"hourly_rate": -1}), "hourly_rate"),
        (json!({"due_in_days": 366}), "due_in_days"),
        (json!({"line_items": []}), "line_items"),
    ] {
        assert_eq!(faults(&invoice(&nobody, input).await.expect(400)), [field]);
    }
    assert_eq!(invoices(&api).await, before);
}

#[tokio::test]
async fn of_32_who_invoice_a_booking_one_does() {
    let (api, app) = backend().await;
    let customer = customer(&api).await;
    let booking = booking(&api, &format!("'{customer}'"), "", "").await;
    let path = format!("/renos/bookings/{booking}/invoice");
    let statuses = at_once(32, async |_| call(&app, &path, json!({})).await).await;
    assert_eq!((statuses[0], &statuses[1..]), (201, &[409; 31][..]));
    let made: i64 = api.query(&format!("select count(*) from renos.invoices where booking_id = '{booking}'")).await;
    assert_eq!(made, 1);
}

#[tokio::test]
async fn a_draft_is_sent_once_and_only_where_there_is_an_address() {
    let (api, app) = backend().await;
    let customer = customer(&api).await;
    let id = invoice(&api, &customer, "draft", -14).await;
    let send = format!("/renos/invoices/{id}/send");
    api.execute(&format!("update renos.invoices set customer_email = ' ' where id = '{id}'")).await;
    assert_eq!(call(&app, &send, json!({})).await.expect(422).json()["details"]["field"], "customer_email");
    assert_eq!(row(&app, "invoices", &id).await["status"], "draft");
    patch(&app, &format!("/renos/invoices/{id}"), json!({"customer_email": "ann@dahl.dk"})).await.expect(200);
    let statuses = at_once(32, async |_| call(&app, &send, json!({})).await).await;
    assert_eq!((statuses[0], &statuses[1..]), (200, &[409; 31][..]));
    let sent = row(&app, "invoices", &id).await;
    assert!(sent["status"] == "sent" && sent["sent_at"].is_string());
    refused_in(call(&app, &send, json!({})).await, &json!("sent"), &json!(["draft"]));
    assert_eq!(row(&app, "invoices", &id).await, sent);
    call(&app, "/renos/invoices/no/send", json!({})).await.expect(404);
}

#[tokio::test]
async fn an_invoice_is_cancelled_unless_something_was_paid() {
    let (api, app) = backend().await;
    let customer = customer(&api).await;
    let cancel = async |id: &str| call(&app, &format!("/renos/invoices/{id}/cancel"), json!({})).await;
    let refused = |answer: Answer, status: &str, paid: f64| {
        let details = answer.expect(409).json()["details"].clone();
        assert_eq!(
            (&details["current"]["status"], details["current"]["paid_amount"].as_f64()),
            (&json!(status), Some(paid))
        );
        assert_eq!(details["allowed"], json!({"status": ["draft", "sent", "overdue"], "paid_amount": 0}));
    };
    for status in ["draft", "sent", "overdue"] {
        let id = invoice(&api, &customer, status, 0).await;
        let statuses = at_once(32, async |_| cancel(&id).await).await;
        assert_eq!((statuses[0], &statuses[1..]), (200, &[409; 31][..]), "{status}");
        assert_eq!(row(&app, "invoices", &id).await["status"], "cancelled");
        refused(cancel(&id).await, "cancelled", 0.0);
    }
    let id = invoice(&api, &customer, "sent", 0).await;
    let part = json!({"payment_method": "cash", "paid_amount": 25});
    call(&app, &format!("/renos/invoices/{id}/mark_paid"), part).await.expect(200);
    refused(cancel(&id).await, "sent", 25.0);
    assert_eq!(row(&app, "invoices", &id).await["status"], "sent");
    refused(cancel(&invoice(&api, &customer, "paid", 0).await).await, "paid", 0.0);
    cancel("no").await.expect(404);
}

#[tokio::test]
async fn an_invoice_knows_what_it_is_in_billy() {
    let (api, app) = backend().await;
    let customer = customer(&api).await;
    let (id, other) = (invoice(&api, &customer, "sent", 0).await, invoice(&api, &customer, "draft", 0).await);
    let path = format!("/renos/invoices/{id}/billy_sync");
    let input =
        json!({"billy_invoice_id": " B1 ", "billy_contact_id": "C1", "billy_pdf_url": "https://billy.dk/1.pdf"});
    let noted = call(&app, &path, input).await.expect(200).json();
    assert_eq!([&noted["billy_invoice_id"], &noted["status"]], [&json!("B1"), &json!("sent")]);
    assert!(noted["billy_synced_at"].is_string());
    let again = call(&app, &path, json!({"billy_invoice_id": "B1"})).await.expect(200).json();
    assert_eq!([&again["billy_contact_id"], &again["billy_pdf_url"]], [&json!("C1"), &json!("https://billy.dk/1.pdf")]);
    let taken = call(&app, &format!("/renos/invoices/{other}/billy_sync"), json!({"billy_invoice_id": "B1"})).await;
    assert_eq!(taken.expect(409).json()["code"], "operation.conflict");
    assert_eq!(row(&app, "invoices", &other).await["billy_synced_at"], Value::Null);
    assert_eq!(faults(&call(&app, &path, json!({})).await.expect(400)), ["billy_invoice_id"]);
    call(&app, "/renos/invoices/no/billy_sync", json!({"billy_invoice_id": "B2"})).await.expect(404);
}

#[tokio::test]
async fn what_had_to_be_paid_before_today_is_overdue_once() {
    let (api, app) = backend().await;
    let customer = customer(&api).await;
    let mark = async || call(&app, "/renos/invoices/mark_overdue", json!({})).await.expect(200).json();
    mark().await;
    let late = [invoice(&api, &customer, "sent", 30).await, invoice(&api, &customer, "sent", 1).await];
    let today = invoice(&api, &customer, "sent", 0).await;
    let draft = invoice(&api, &customer, "draft", 9).await;
    let answers = futures_util::future::join_all((0..32).map(|_| mark())).await;
    let marked: Vec<_> = answers.iter().flat_map(|rows| rows.as_array().unwrap()).collect();
    assert_eq!(marked.len(), 2, "each is marked once");
    let first = answers.iter().find(|rows| rows != &&json!([])).unwrap();
    assert_eq!([&first[0]["id"], &first[0]["status"]], [&json!(late[0]), &json!("overdue")]);
    for (id, status) in [(&late[1], "overdue"), (&today, "sent"), (&draft, "draft")] {
        assert_eq!(row(&app, "invoices", id).await["status"], status);
    }

    let remind = async |id: &str| call(&app, &format!("/renos/invoices/{id}/reminder"), json!({})).await;
    for (id, days) in [(&late[0], 30), (&late[1], 1), (&today, 0)] {
        let reminded = remind(id).await.expect(200).json();
        assert_eq!(reminded["days_overdue"], days);
        assert_eq!(row(&app, "invoices", id).await["reminder_sent_at"], reminded["reminder_sent_at"]);
    }
    refused_in(remind(&draft).await, &json!("draft"), &json!(["sent", "overdue"]));
    assert_eq!(row(&app, "invoices", &draft).await["reminder_sent_at"], Value::Null);
    remind("no").await.expect(404);
}

#[tokio::test]
async fn figures_of_invoices_are_by_the_day_of_issue() {
    let (api, app) = backend().await;
    let customer = customer(&api).await;
    for (status, issued) in [
        ("paid", "2026-01-01 00:00"),
        ("paid", "2026-01-31 23:59"),
        ("sent", "2026-01-15 12:00"),
        ("overdue", "2026-01-15 12:00"),
        ("draft", "2026-01-15 12:00"),
        ("cancelled", "2026-02-01 00:00"),
    ] {
        let id = invoice(&api, &customer, status, 0).await;
        api.execute(&format!(
            "update renos.invoices set issue_date = timestamp '{issued}' at time zone 'Europe/Copenhagen' where id = '{id}'"
        ))
        .await;
    }
    let stats = async |query: &str| {
        read(&app, &format!("/renos/invoices/stats?customer_id={customer}{query}")).await.expect(200).json()
    };
    let all = stats("").await;
    assert_eq!(all["by_status"], json!({"draft": 1, "sent": 1, "paid": 2, "overdue": 1, "cancelled": 1}));
    let sums = |stats: &Value| ["paid_total", "open_total", "overdue_total"].map(|name| stats[name].as_f64().unwrap());
    assert_eq!((&all["invoices"], sums(&all)), (&json!(6), [250.0, 125.0, 125.0]));
    let january = stats("&start_date=2026-01-01&end_date=2026-01-31").await;
    assert_eq!((&january["invoices"], &january["by_status"]["cancelled"]), (&json!(5), &json!(0)));
    let late = stats("&start_date=2026-01-16").await;
    assert_eq!((&late["invoices"], sums(&late)), (&json!(2), [125.0, 0.0, 0.0]), "both bounds hold");
    let none = read(&app, "/renos/invoices/stats?customer_id=no").await.expect(200).json();
    assert_eq!((&none["invoices"], sums(&none)), (&json!(0), [0.0; 3]));
    assert_eq!(faults(&read(&app, "/renos/invoices/stats?start_date=1.1.").await.expect(400)), ["start_date"]);
}
