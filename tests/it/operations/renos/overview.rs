//! Figures of the business.

use super::*;

/// A business with nothing in it yet.
async fn empty() -> (Api, Person) {
    let (api, app) = backend().await;
    api.execute(
        "truncate renos.invoices, renos.bookings, renos.quotes, renos.leads, renos.customers, renos.conversations,
            renos.email_messages cascade",
    )
    .await;
    (api, app)
}

async fn figures(app: &Person, query: &str) -> Value {
    read(app, &format!("/renos/{query}")).await.expect(200).json()
}

/// An invoice that was paid that long ago.
async fn paid(api: &Api, number: u32, total: f64, ago: &str) {
    api.execute(&format!(
        "insert into renos.customers (id, name) values ('payer', 'P') on conflict do nothing;
        insert into renos.invoices
            (invoice_number, customer_id, customer_name, due_date, subtotal, vat_amount, total, status, paid_at)
        values ('P-{number}', 'payer', 'P', now(), {total}, 0, {total}, 'paid', now() - interval '{ago}')"
    ))
    .await;
}

#[tokio::test]
async fn each_figure_is_held_against_the_period_before() {
    let (api, app) = empty().await;
    let nothing = json!({"value": 0, "previous": 0, "change_percent": 0});
    let none = figures(&app, "overview").await;
    assert_eq!((&none["period"], &none["revenue"], &none["leads"]), (&json!("30d"), &nothing, &nothing));
    api.execute(
        "insert into renos.customers (name, status, created_at) values
            ('a', 'active', now() - interval '1 day'), ('b', 'inactive', now() - interval '1 day');
        insert into renos.leads (name, created_at) values
            ('a', now() - interval '1 day'), ('b', now() - interval '2 days'), ('c', now() - interval '6 days'),
            ('d', now() - interval '8 days'), ('e', now() - interval '13 days'), ('f', now() - interval '15 days');
        insert into renos.bookings (lead_id, created_at)
            select id, now() - interval '10 days' from renos.leads where name in ('e', 'f');
        insert into renos.conversations (status, created_at) values
            ('active', now() - interval '1 day'), ('closed', now() - interval '1 day'),
            ('active', now() - interval '9 days')",
    )
    .await;
    paid(&api, 1, 100.0, "1 day").await;
    paid(&api, 2, 50.5, "3 days").await;
    paid(&api, 3, 400.0, "8 days").await;
    paid(&api, 4, 1000.0, "20 days").await;
    api.execute("update renos.customers set created_at = now() - interval '200 days' where id = 'payer'").await;
    let week = figures(&app, "overview?period=7d").await;
    let figure = |value: f64, previous: f64, change_percent: f64| [value, previous, change_percent];
    let of = |name: &str| ["value", "previous", "change_percent"].map(|part| week[name][part].as_f64().unwrap());
    assert_eq!(of("customers"), figure(1.0, 0.0, 0.0));
    assert_eq!(of("leads"), figure(3.0, 2.0, 50.0));
    assert_eq!(of("bookings"), figure(0.0, 2.0, -100.0));
    assert_eq!(of("quotes"), figure(0.0, 0.0, 0.0));
    assert_eq!(of("conversations"), figure(1.0, 1.0, 0.0));
    assert_eq!(of("revenue"), figure(150.5, 400.0, -62.4));
    let month = figures(&app, "overview?period=30d").await;
    assert_eq!((&month["leads"]["value"], &month["revenue"]["value"]), (&json!(6), &json!(1550.5)));
    read(&app, "/renos/overview?period=1d").await.expect(400);
}

#[tokio::test]
async fn revenue_is_of_invoices_or_else_of_offers_in_units_without_a_gap() {
    let (api, app) = empty().await;
    api.execute(
        "insert into renos.leads (id) values ('l');
        insert into renos.quotes (lead_id, hourly_rate, estimated_hours, subtotal, total, status) values
            ('l', 1, 1, 1, 300, 'accepted'), ('l', 1, 1, 1, 500, 'sent')",
    )
    .await;
    let offers = figures(&app, "revenue?period=7d").await;
    assert_eq!((&offers["source"], &offers["unit"]), (&json!("quotes"), &json!("day")));
    assert_eq!(offers["total"], 300.0);
    paid(&api, 1, 100.0, "1 minute").await;
    paid(&api, 2, 50.5, "2 days").await;
    paid(&api, 3, 7.0, "80 days").await;
    for (period, unit, total, units) in [
        ("24h", "hour", 100.0, 24..=25),
        ("7d", "day", 150.5, 8..=9),
        ("30d", "week", 150.5, 5..=6),
        ("90d", "month", 157.5, 4..=5),
    ] {
        let revenue = figures(&app, &format!("revenue?period={period}")).await;
        assert_eq!(
            (&revenue["unit"], &revenue["source"], revenue["total"].as_f64()),
            (&json!(unit), &json!("invoices"), Some(total)),
            "{period}"
        );
        let points = revenue["points"].as_array().unwrap();
        assert!(units.contains(&points.len()), "{period}: {}", points.len());
        let sum: f64 = points.iter().map(|point| point["revenue"].as_f64().unwrap()).sum();
        let count: i64 = points.iter().map(|point| point["count"].as_i64().unwrap()).sum();
        let paid: i64 = api
            .query(&format!(
                "select count(*) from renos.invoices where paid_at >= now() - interval '{}'",
                period.replace('h', " hours").replace('d', " days")
            ))
            .await;
        assert_eq!((sum, count), (total, paid), "{period}");
        let times: Vec<_> = points.iter().map(|point| point["at"].as_str().unwrap()).collect();
        assert!(times.is_sorted() && times.windows(2).all(|pair| pair[0] != pair[1]), "{period}");
    }
    assert_eq!(figures(&app, "revenue").await["period"], "30d");
    read(&app, "/renos/revenue?period=1y").await.expect(400);
}

#[tokio::test]
async fn bookings_are_counted_by_service() {
    let (api, app) = empty().await;
    assert_eq!(figures(&app, "services/distribution").await, json!([]));
    api.execute(
        "insert into renos.customers (id, name) values ('c', 'Ann');
         insert into renos.bookings (customer_id, service_type, status, created_at) values
            ('c', 'Vinduer', 'scheduled', now()), ('c', 'Vinduer', 'cancelled', now() - interval '10 days'),
            ('c', 'Airbnb', 'scheduled', now())",
    )
    .await;
    assert_eq!(
        figures(&app, "services/distribution").await,
        json!([
            {"service_type": "Vinduer", "bookings": 2, "percent": 66.7},
            {"service_type": "Airbnb", "bookings": 1, "percent": 33.3},
        ])
    );
    let week = figures(&app, "services/distribution?days=7").await;
    assert_eq!((&week[0]["service_type"], &week[0]["percent"]), (&json!("Airbnb"), &json!(50.0)));
}

#[tokio::test]
async fn mails_are_counted_by_day_in_copenhagen() {
    let (api, app) = empty().await;
    let noon = "((now() at time zone 'Europe/Copenhagen')::date + time '12:00') at time zone 'Europe/Copenhagen'";
    api.execute(&format!(
        "insert into renos.email_messages (gmail_thread_id, \"from\", body, direction, is_ai_generated, sent_at) values
            ('t', 'x', 'x', 'inbound', false, {noon}), ('t', 'x', 'x', 'outbound', true, {noon}),
            ('t', 'x', 'x', 'outbound', false, {noon} - interval '11 hours 59 minutes'),
            ('t', 'x', 'x', 'inbound', false, {noon} - interval '12 hours 1 minute'),
            ('t', 'x', 'x', 'inbound', false, {noon} - interval '3 days')"
    ))
    .await;
    let days = figures(&app, "emails/activity?days=3").await;
    let of =
        |day: &Value| [&day["inbound"], &day["outbound"], &day["ai_written"]].map(|number| number.as_i64().unwrap());
    assert_eq!(days.as_array().unwrap().iter().map(of).collect::<Vec<_>>(), [[0, 0, 0], [1, 0, 0], [1, 2, 1]]);
    let today: String = api.query("select ((now() at time zone 'Europe/Copenhagen')::date)::text").await;
    assert_eq!(days[2]["date"], today.as_str());
    assert_eq!(figures(&app, "emails/activity").await.as_array().unwrap().len(), 7);
}

#[tokio::test]
async fn the_best_customers_come_first() {
    let (api, app) = empty().await;
    api.execute(
        "insert into renos.customers (name, total_revenue) values ('Cy', 5), ('Ann', 10), ('Bo', 10), ('Di', 0)",
    )
    .await;
    let names = async |query: &str| -> Vec<String> {
        let rows = figures(&app, &format!("customers/top{query}")).await;
        rows.as_array().unwrap().iter().map(|row| row["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names("").await, ["Ann", "Bo", "Cy", "Di"]);
    assert_eq!(names("?limit=2&offset=1").await, ["Bo", "Cy"]);
    read(&app, "/renos/customers/top?limit=0").await.expect(400);
}
