//! Leads on their way to being customers.

use super::*;

/// A lead of those columns.
async fn lead_of(api: &Api, columns: &str, values: &str) -> String {
    api.query(&format!("insert into renos.leads (source, {columns}) values ('website', {values}) returning id")).await
}

#[tokio::test]
async fn a_lead_becomes_the_customer_of_its_mail_or_a_new_one() {
    let (api, app) = backend().await;
    let known = customer(&api).await;
    let lead = lead_of(&api, "email, status", "'ANN@dahl.dk', 'quote_sent'").await;
    let converted = call(&app, &format!("/renos/leads/{lead}/convert"), json!({})).await.expect(200).json();
    assert_eq!([&converted["status"], &converted["customer_id"]], [&json!("converted"), &json!(known)]);
    assert_eq!(converted["customers"], row(&app, "customers", &known).await);
    assert_eq!(figures(&app, &known).await, json!([1, 0, 0.0]));

    let columns = "name, email, phone, address, company_name";
    let lead = lead_of(&api, columns, "' Bo Berg ', ' Bo@Berg.dk', '20304050', 'Havnegade 1', 'Berg ApS'").await;
    let given = json!({"customer": {"phone": " +45 11 22 33 44 "}});
    let made = call(&app, &format!("/renos/leads/{lead}/convert"), given).await.expect(200).json()["customers"].clone();
    let of = |name: &str| made[name].clone();
    assert_eq!(
        [of("name"), of("email"), of("phone"), of("address"), of("company_name"), of("total_leads"), of("status")],
        [
            json!("Bo Berg"),
            json!("bo@berg.dk"),
            json!("+45 11 22 33 44"),
            json!("Havnegade 1"),
            json!("Berg ApS"),
            json!(1),
            json!("active")
        ]
    );
    assert_eq!(row(&app, "leads", &lead).await["customer_id"], made["id"]);

    let nameless = lead_of(&api, "email", "'kim.lund@lund.dk'").await;
    let made = call(&app, &format!("/renos/leads/{nameless}/convert"), json!({})).await.expect(200).json();
    assert_eq!(made["customers"]["name"], "kim.lund");
    let by_hand = lead_of(&api, "email, customer_id", &format!("'other@dahl.dk', '{known}'")).await;
    let linked = call(&app, &format!("/renos/leads/{by_hand}/convert"), json!({})).await.expect(200).json();
    assert_eq!(linked["customer_id"], json!(known), "a link is stronger than a mail");
    assert_eq!(figures(&app, &known).await, json!([2, 0, 0.0]));
}

#[tokio::test]
async fn a_lead_is_not_converted_without_a_name_or_when_it_is_lost_or_twice() {
    let (api, app) = backend().await;
    let lost = lead_of(&api, "email, status", "'ann@dahl.dk', 'lost'").await;
    let path = format!("/renos/leads/{lost}/convert");
    let before = row(&app, "leads", &lost).await;
    let customers: i64 = api.query("select count(*) from renos.customers").await;
    let allowed = json!(["new", "contacted", "qualified", "quoted", "quote_sent", "awaiting_response", "conflict"]);
    refused_in(call(&app, &path, json!({})).await, &json!("lost"), &allowed);
    let nobody = lead_of(&api, "phone", "'20304050'").await;
    let refused = call(&app, &format!("/renos/leads/{nobody}/convert"), json!({})).await.expect(422).json();
    assert_eq!(refused["details"]["field"], "customer.name");
    call(&app, "/renos/leads/no/convert", json!({})).await.expect(404);
    for (input, field) in [
        (json!({"customer": {"name": "x"}}), "customer.name"),
        (json!({"customer": {"email": "x"}}), "customer.email"),
        (json!({"customer": {"status": "x"}}), "customer.status"),
        (json!({"status": "converted"}), "status"),
    ] {
        assert_eq!(faults(&call(&app, &path, input).await.expect(400)), [field]);
    }
    assert_eq!(row(&app, "leads", &lost).await, before);
    assert_eq!(row(&app, "leads", &nobody).await["status"], "new");
    assert_eq!(api.query::<i64>("select count(*) from renos.customers").await, customers);

    let named = call(&app, &format!("/renos/leads/{nobody}/convert"), json!({"customer": {"name": "Eva"}})).await;
    assert_eq!(named.expect(200).json()["customers"]["name"], "Eva");
    let won = call(&app, &path, json!({"force": true})).await.expect(200).json();
    assert_eq!(won["status"], "converted");
    assert_eq!(call(&app, &path, json!({"customer": {"name": "Other"}})).await.expect(200).json(), won, "as it is");
}

#[tokio::test]
async fn of_32_who_convert_leads_of_one_mail_one_makes_the_customer() {
    let (api, app) = backend().await;
    let mut leads = Vec::new();
    for _ in 0..32 {
        leads.push(lead_of(&api, "email", "'eva@holm.dk'").await);
    }
    let convert = async |lead: &str| call(&app, &format!("/renos/leads/{lead}/convert"), json!({})).await;
    assert_eq!(at_once(32, async |number| convert(&leads[number]).await).await, [200; 32]);
    let customer: String = api.query("select id from renos.customers where email = 'eva@holm.dk'").await;
    assert_eq!(figures(&app, &customer).await, json!([32, 0, 0.0]));
    let again = lead_of(&api, "email", "'ida@holm.dk'").await;
    let answers = futures_util::future::join_all((0..32).map(|_| convert(&again))).await;
    let whose = |answer: &Answer| [answer.json()["customer_id"].clone(), answer.json()["customers"]["id"].clone()];
    assert!(answers.iter().all(|answer| answer.status == 200 && whose(answer) == whose(&answers[0])));
    assert_ne!(whose(&answers[0])[1], Value::Null);
    assert_eq!(api.query::<i64>("select count(*) from renos.customers where email = 'ida@holm.dk'").await, 1);
}

#[tokio::test]
async fn a_lead_that_is_linked_is_counted_where_it_is_now() {
    let (api, app) = backend().await;
    let ann = customer(&api).await;
    let bo: String = api.query("insert into renos.customers (name) values ('Bo Berg') returning id").await;
    let lead = lead(&api, &ann).await;
    // A booking of before bookings took the lead's customer: it is counted through the lead.
    api.execute(&format!(
        "insert into renos.bookings (lead_id) values ('{lead}');
         update renos.bookings set customer_id = null where lead_id = '{lead}'"
    ))
    .await;
    call(&app, &format!("/renos/customers/{ann}/refresh_stats"), json!({})).await.expect(200);
    assert_eq!(figures(&app, &ann).await, json!([1, 1, 0.0]));
    let path = format!("/renos/leads/{lead}/link_customer");
    let linked = call(&app, &path, json!({"customer_id": bo})).await.expect(200).json();
    assert_eq!([&linked["customer_id"], &linked["status"]], [&json!(bo), &json!("new")]);
    assert_eq!(linked["customers"], row(&app, "customers", &bo).await);
    assert_eq!([figures(&app, &ann).await, figures(&app, &bo).await], [json!([0, 0, 0.0]), json!([1, 1, 0.0])]);
    let refused = call(&app, &path, json!({"customer_id": "no"})).await.expect(422).json();
    assert_eq!(refused["details"]["field"], "customer_id");
    assert_eq!(row(&app, "leads", &lead).await["customer_id"], json!(bo));
    assert_eq!(faults(&call(&app, &path, json!({})).await.expect(400)), ["customer_id"]);
    call(&app, "/renos/leads/no/link_customer", json!({"customer_id": bo})).await.expect(404);

    let sides = [&ann, &bo];
    let statuses = at_once(32, async |number| call(&app, &path, json!({"customer_id": sides[number % 2]})).await).await;
    assert_eq!(statuses, [200; 32]);
    let sum = |figures: Value| figures[0].as_u64().unwrap() + figures[1].as_u64().unwrap();
    assert_eq!(sum(figures(&app, &ann).await) + sum(figures(&app, &bo).await), 2, "one lead and one booking");
}

#[tokio::test]
async fn a_lead_moves_in_the_funnel_and_the_trail_keeps_where_it_was() {
    let (api, app) = backend().await;
    let lead = lead_of(&api, "status", "'new'").await;
    let path = format!("/renos/leads/{lead}/status");
    let moved = call(&app, &path, json!({"status": "contacted"})).await.expect(200).json();
    assert_eq!(moved, row(&app, "leads", &lead).await);
    assert_eq!(moved["status"], "contacted");
    assert_eq!(call(&app, &path, json!({"status": "contacted"})).await.expect(200).json(), moved);
    let trail = format!(
        "select coalesce(string_agg(concat_ws(' ', service, action, metadata), ';'), '') from shared.audit_logs
         where resource_type = 'lead' and resource_id = '{lead}'"
    );
    let once = r#"renos set_status {"to": "contacted", "from": "new"}"#;
    assert_eq!(api.query::<String>(&trail).await, once, "not where nothing changed");
    let of_org = api.person("renos_app", Some("org-1"), "backend");
    call(&of_org, &path, json!({"status": "lost"})).await.expect(200);
    let entry: String = api
        .query(&format!(
            "select concat_ws(' ', organization_id, user_id, action, old_values ->> 'status', new_values ->> 'status')
             from renos.audit_logs where entity_type = 'lead' and entity_id = '{lead}'"
        ))
        .await;
    assert_eq!(entry, "org-1 backend set_status contacted lost");
    assert_eq!(api.query::<String>(&trail).await, once);
    for wrong in [json!({"status": "converted"}), json!({"status": "won"}), json!({})] {
        assert_eq!(faults(&call(&app, &path, wrong).await.expect(400)), ["status"]);
    }
    call(&app, "/renos/leads/no/status", json!({"status": "lost"})).await.expect(404);

    let statuses = ["new", "contacted", "qualified", "quoted", "quote_sent", "awaiting_response", "lost", "conflict"];
    let converted = lead_of(&api, "status", "'converted'").await;
    let answer = call(&app, &format!("/renos/leads/{converted}/status"), json!({"status": "lost"})).await;
    refused_in(answer, &json!("converted"), &json!(statuses));
    assert_eq!(row(&app, "leads", &converted).await["status"], "converted");
}

#[tokio::test]
async fn the_pipeline_has_every_status_with_its_leads_and_their_value() {
    let (api, app) = backend().await;
    api.execute("update renos.leads set status = 'new', estimated_value = null").await;
    let all: i64 = api.query("select count(*) from renos.leads").await;
    for (status, value) in [("lost", "10.25"), ("lost", "null"), ("quote_sent", "900")] {
        lead_of(&api, "status, estimated_value", &format!("'{status}', {value}")).await;
    }
    let funnel = read(&app, "/renos/leads/pipeline").await.expect(200).json();
    let stages: Vec<_> = funnel["by_status"]
        .as_array()
        .unwrap()
        .iter()
        .map(|stage| {
            (
                stage["status"].as_str().unwrap(),
                stage["leads"].as_i64().unwrap(),
                stage["estimated_value"].as_f64().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        stages,
        [
            ("new", all, 0.0),
            ("contacted", 0, 0.0),
            ("qualified", 0, 0.0),
            ("quoted", 0, 0.0),
            ("quote_sent", 1, 900.0),
            ("awaiting_response", 0, 0.0),
            ("converted", 0, 0.0),
            ("lost", 2, 10.25),
            ("conflict", 0, 0.0),
        ]
    );
    assert_eq!([&funnel["leads"], &funnel["estimated_value"]], [&json!(all + 3), &json!(910.25)]);
    read(&app, "/renos/leads/pipeline?status=new").await.expect(400);
}
