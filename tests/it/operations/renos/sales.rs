//! Leads, figures of customers and of days, conflicts.

use super::*;

/// More than 256 KiB.
fn long() -> Value {
    json!({"a": "x".repeat(262_144)})
}

#[tokio::test]
async fn a_score_is_stored_with_its_factors_and_its_time() {
    let (api, app) = backend().await;
    let lead = lead(&api, &customer(&api).await).await;
    let path = format!("/renos/leads/{lead}/score");
    let scored = call(&app, &path, json!({"score": 80, "priority": "urgent", "metadata": {"age": 20}})).await;
    let scored = scored.expect(200).json();
    assert_eq!(
        [&scored["score"], &scored["priority"], &scored["score_metadata"]],
        [&json!(80), &json!("urgent"), &json!({"age": 20})]
    );
    assert!(scored["last_scored"].is_string());
    let again = call(&app, &path, json!({"score": 0, "priority": "low"})).await.expect(200).json();
    assert_eq!([&again["score"], &again["score_metadata"]], [&json!(0), &json!({"age": 20})], "absent factors stay");
    for (input, fields) in [
        (json!({}), vec!["score", "priority"]),
        (json!({"score": 101, "priority": "great"}), vec!["priority", "score"]),
        (json!({"score": 1.5, "priority": "low", "metadata": []}), vec!["metadata", "score"]),
        (json!({"score": 1, "priority": "low", "metadata": long()}), vec!["metadata"]),
        (json!({"score": 1, "priority": "low", "status": "lost"}), vec!["status"]),
    ] {
        let mut found = faults(&call(&app, &path, input).await.expect(400));
        found.sort();
        let mut fields = fields;
        fields.sort_unstable();
        assert_eq!(found, fields);
    }
    assert_eq!(row(&app, "leads", &lead).await, again);
    call(&app, "/renos/leads/no/score", json!({"score": 1, "priority": "low"})).await.expect(404);
}

#[tokio::test]
async fn findings_about_a_lead_are_stored_and_others_stay() {
    let (api, app) = backend().await;
    let lead = lead(&api, &customer(&api).await).await;
    let path = format!("/renos/leads/{lead}/enrich");
    call(&app, &path, json!({"industry": " Retail ", "enrichment_data": {"cvr": 1}})).await.expect(200);
    let enriched = call(&app, &path, json!({"estimated_value": 12_000.5, "industry": null})).await.expect(200).json();
    assert_eq!(
        [&enriched["industry"], &enriched["estimated_value"], &enriched["enrichment_data"]],
        [&json!("Retail"), &json!(12_000.5), &json!({"cvr": 1})]
    );
    assert!(enriched["last_enriched"].is_string());
    for (input, field) in [
        (json!({}), ""),
        (json!({"industry": null}), ""),
        (json!({"estimated_value": -1}), "estimated_value"),
        (json!({"enrichment_data": long()}), "enrichment_data"),
        (json!({"status": "converted"}), "status"),
    ] {
        assert_eq!(faults(&call(&app, &path, input).await.expect(400)), [field]);
    }
    assert_eq!(row(&app, "leads", &lead).await, enriched);
    call(&app, "/renos/leads/no/enrich", json!({"industry": "x"})).await.expect(404);
}

#[tokio::test]
async fn the_figures_of_a_customer_are_counted_and_counting_is_no_contact() {
    let (api, app) = backend().await;
    let customer = customer(&api).await;
    let lead = lead(&api, &customer).await;
    api.execute(&format!(
        "insert into renos.bookings (customer_id, lead_id, status) values
            ('{customer}', null, 'scheduled'), (null, '{lead}', 'completed'), ('{customer}', '{lead}', 'pending'),
            ('{customer}', null, 'cancelled');
         insert into renos.invoices
            (invoice_number, customer_id, customer_name, due_date, subtotal, vat_amount, total, status) values
            ('A', '{customer}', 'x', now(), 1, 1, 10.50, 'paid'), ('B', '{customer}', 'x', now(), 1, 1, 20, 'sent'),
            ('C', '{customer}', 'x', now(), 1, 1, 1.25, 'paid')"
    ))
    .await;
    let path = format!("/renos/customers/{customer}/refresh_stats");
    let counted = call(&app, &path, json!({})).await.expect(200).json();
    assert_eq!(counted, row(&app, "customers", &customer).await);
    assert_eq!(figures(&app, &customer).await, json!([1, 3, 11.75]));
    assert_eq!(counted["last_contact_at"], Value::Null);
    call(&app, "/renos/customers/no/refresh_stats", json!({})).await.expect(404);

    // What is of the customer through the lead alone is counted, too.
    api.execute(&format!(
        "update renos.bookings set customer_id = null where lead_id = '{lead}' and status = 'completed';
         delete from renos.bookings where customer_id = '{customer}'"
    ))
    .await;
    call(&app, "/renos/customers/refresh_stats", json!({})).await.expect(403);
    let all: i64 = api.query("select count(*) from renos.customers").await;
    let done = call(&api.service, "/renos/customers/refresh_stats", json!({})).await.expect(200).json();
    assert_eq!(done, json!({"customers": all}));
    assert_eq!(figures(&app, &customer).await, json!([1, 1, 11.75]));
}

#[tokio::test]
async fn a_figure_is_set_or_added_to_and_no_addition_is_lost() {
    let (api, app) = backend().await;
    let path = "/renos/analytics/track";
    let track = async |input: Value| call(&app, path, input).await;
    let set = track(json!({"metric": " calls ", "value": 5, "metadata": {"by": "phone"}})).await.expect(200).json();
    let today: String = api.query("select ((now() at time zone 'Europe/Copenhagen')::date)::text").await;
    assert_eq!([&set["metric"], &set["date"], &set["value"]], [&json!("calls"), &json!(today), &json!(5)]);
    let statuses = at_once(32, async |_| track(json!({"metric": "calls", "value": 0.5, "mode": "add"})).await).await;
    assert_eq!(statuses, [200; 32]);
    let after = row(&app, "analytics", set["id"].as_str().unwrap()).await;
    assert_eq!([&after["value"], &after["metadata"]], [&json!(21), &json!({"by": "phone"})]);
    let reset = track(json!({"metric": "calls", "value": -1, "mode": "set"})).await.expect(200).json();
    assert_eq!([&reset["id"], &reset["value"]], [&set["id"], &json!(-1)]);
    let past = json!({"metric": "calls", "value": 3, "mode": "add", "date": "2026-01-31"});
    assert_eq!(track(past).await.expect(200).json()["date"], "2026-01-31");

    let statuses = at_once(32, async |_| track(json!({"metric": "new", "value": 1, "mode": "add"})).await).await;
    assert_eq!(statuses, [200; 32]);
    let sum: f64 = api.query("select sum(value) from renos.analytics where metric = 'new'").await;
    assert!((sum - 32.0).abs() < 1e-9, "the day's row was made once: {sum}");
    for (input, field) in [
        (json!({"value": 1}), "metric"),
        (json!({"metric": " ", "value": 1}), "metric"),
        (json!({"metric": "m"}), "value"),
        (json!({"metric": "m", "value": 1, "mode": "max"}), "mode"),
        (json!({"metric": "m", "value": 1, "date": "today"}), "date"),
        (json!({"metric": "m", "value": 1, "metadata": long()}), "metadata"),
    ] {
        assert_eq!(faults(&track(input).await.expect(400)), [field]);
    }
    let none: i64 = api.query("select count(*) from renos.analytics where metric in ('m', ' ', '')").await;
    assert_eq!(none, 0);
}

#[tokio::test]
async fn an_escalation_is_settled_once() {
    let (api, app) = backend().await;
    let lead = lead(&api, &customer(&api).await).await;
    let escalation: String = api
        .query(&format!(
            "insert into renos.escalations
                (lead_id, customer_email, thread_id, severity, conflict_score, email_snippet, escalated_by)
             values ('{lead}', 'ann@dahl.dk', 't', 'high', 50, '...', 'manual') returning id"
        ))
        .await;
    let path = format!("/renos/escalations/{escalation}/resolve");
    assert_eq!(faults(&call(&app, &path, json!({"resolution": " "})).await.expect(400)), ["resolution"]);
    let statuses = at_once(32, async |n| call(&app, &path, json!({"resolution": format!(" {n} ")})).await).await;
    assert_eq!((statuses[0], statuses[1]), (200, 409), "{statuses:?}");
    let after = row(&app, "escalations", &escalation).await;
    let again = call(&app, &path, json!({"resolution": "other"})).await;
    refused_in(again, &json!({"resolved_at": after["resolved_at"]}), &json!({"resolved_at": null}));
    assert_eq!(row(&app, "escalations", &escalation).await, after);
    call(&app, "/renos/escalations/no/resolve", json!({"resolution": "x"})).await.expect(404);
}
