//! Contacts, deals, mail and to-dos of a tenant.

mod deals;
mod limits;

use serde_json::{Value, json};

use super::{at_once, call, faults, read};
use crate::support::{Api, Person, tekup_with};

/// Two tenants, each with its backend.
async fn tenants(api: &Api) -> [(String, Person); 2] {
    let mut found = Vec::new();
    for slug in ["fjordklar", "ostby-service"] {
        let id: String = api.query(&format!("select id::text from crm.tenants where slug = '{slug}'")).await;
        let person = api.person("crm_app", Some(&id), "backend");
        found.push((id, person));
    }
    found.try_into().unwrap_or_else(|_| panic!("two"))
}

/// A contact of that tenant and address.
async fn contact(api: &Api, tenant: &str, email: &str) -> String {
    api.query(&format!(
        "insert into crm.contacts (tenant_id, first_name, last_name, email)
         values ('{tenant}', 'Mette', 'Lund', '{email}') returning id"
    ))
    .await
}

#[tokio::test]
async fn a_contact_is_found_by_its_address_with_its_story() {
    let api = tekup_with(|_| {}).await;
    let [(tenant, app), (other_tenant, other)] = tenants(&api).await;
    let id = contact(&api, &tenant, "mette@new.example").await;
    api.execute(&format!(
        "insert into crm.companies (id, tenant_id, name) values ('company', '{tenant}', 'Nordlys');
         update crm.contacts set company_id = 'company' where id = '{id}';
         insert into crm.deals (id, tenant_id, title, value, owner, contact_id, created_at)
         select 'deal-' || n, '{tenant}', 'Deal', n, 'o', '{id}', now() - n * interval '1 day'
         from generate_series(1, 2) n;
         insert into crm.activities (tenant_id, type, subject, owner, contact_id, occurred_at)
         select '{tenant}', 'note', n, 'o', '{id}', now() - n * interval '1 hour' from generate_series(1, 12) n;"
    ))
    .await;
    let path = "/crm/contacts/by_email?email=Mette@NEW.example";
    let found = read(&app, path).await.expect(200).json();
    assert_eq!((&found["id"], &found["company"]["name"]), (&json!(id), &json!("Nordlys")));
    let all = |list: &Value, key: &str| list.as_array().unwrap().iter().map(|one| one[key].clone()).collect::<Vec<_>>();
    assert_eq!(all(&found["deals"], "id"), ["deal-1", "deal-2"]);
    let newest: Vec<_> = (1..=10).map(|n| json!(n.to_string())).collect();
    assert_eq!(all(&found["activities"], "subject"), newest);

    read(&other, path).await.expect(404);
    let twin = contact(&api, &other_tenant, "mette@new.example").await;
    let story = read(&other, path).await.expect(200).json();
    assert_eq!((&story["id"], &story["company"], &story["deals"]), (&json!(twin), &json!(null), &json!([])));
    let both = read(&api.service, path).await.expect(422).json();
    assert_eq!(both["code"], "operation.unprocessable");
    let named = read(&api.service, &format!("{path}&tenant_id={tenant}")).await.expect(200).json();
    assert_eq!(named["id"], id);
    read(&app, &format!("{path}&tenant_id={other_tenant}")).await.expect(404);
    assert_eq!(faults(&read(&app, "/crm/contacts/by_email?email=x").await.expect(400)), ["email"]);
    assert_eq!(faults(&read(&app, "/crm/contacts/by_email").await.expect(400)), ["email"]);
}

fn mail(direction: &str, external_id: &str) -> Value {
    json!({"subject": " Tilbud ", "body": "Hej", "direction": direction, "from": "Salg@Fjordklar.example",
        "to": ["Somebody@new.example", "Mette@New.example"], "external_id": external_id})
}

#[tokio::test]
async fn a_mail_is_logged_once_and_finds_its_contact() {
    let api = tekup_with(|_| {}).await;
    let [(tenant, app), (_, other)] = tenants(&api).await;
    let id = contact(&api, &tenant, "mette@new.example").await;
    let path = "/crm/emails/log";
    let statuses = at_once(32, async |_| call(&app, path, mail("outbound", "x")).await).await;
    assert_eq!((&statuses[..31], statuses[31]), (&[200; 31][..], 201));
    let known = call(&app, path, mail("inbound", "x")).await.expect(200).json();
    assert_eq!((&known["direction"], &known["status"]), (&json!("outbound"), &json!("sent")), "as it was recorded");
    assert_eq!((&known["contact_id"], &known["subject"]), (&json!(id), &json!("Tilbud")));
    assert_eq!(
        (&known["from"], &known["to"]),
        (&json!("salg@fjordklar.example"), &json!(["somebody@new.example", "mette@new.example"]))
    );
    assert!(known["sent_at"].is_string());
    assert_eq!(call(&other, path, mail("outbound", "x")).await.expect(201).json()["contact_id"], json!(null));

    let mut inbound = mail("inbound", "in");
    inbound["from"] = json!("METTE@new.example");
    inbound["sent_at"] = json!("2026-01-31T09:30:00+01:00");
    let inbound = call(&app, path, inbound).await.expect(201).json();
    assert_eq!((&inbound["status"], &inbound["contact_id"]), (&json!("received"), &json!(id)));
    assert_eq!(inbound["sent_at"], "2026-01-31T08:30:00+00:00");
    let mut draft = mail("outbound", "draft");
    draft["status"] = json!("draft");
    assert_eq!(call(&app, path, draft.clone()).await.expect(201).json()["sent_at"], json!(null));

    let with = |field: &str, value: Value| {
        let mut input = mail("outbound", "refused");
        input[field] = value;
        input
    };
    draft["sent_at"] = json!("2026-01-31T09:30:00Z");
    for (input, expected) in [
        (with("to", json!([])), "to"),
        (with("cc", json!(["a b@c.dk"])), "cc[0]"),
        (with("from", json!("nobody")), "from"),
        (with("direction", json!("up")), "direction"),
        (draft, "sent_at"),
    ] {
        assert_eq!(faults(&call(&app, path, input).await.expect(400)), [expected]);
    }
    assert_eq!(faults(&call(&api.service, path, mail("outbound", "refused")).await.expect(400)), ["tenant_id"]);
    let of_another = with("contact_id", json!(id));
    let refused = call(&other, path, of_another).await.expect(422).json();
    assert_eq!(
        (&refused["code"], &refused["details"]["field"]),
        (&json!("operation.unprocessable"), &json!("contact_id"))
    );
    let elsewhere = with("tenant_id", json!(tenant));
    assert_eq!(call(&other, path, elsewhere.clone()).await.expect(422).json()["details"]["field"], "tenant_id");
    assert_eq!(api.query::<i64>("select count(*) from crm.emails where external_id = 'refused'").await, 0);
    call(&api.service, path, elsewhere).await.expect(201);
}

#[tokio::test]
async fn a_mail_rises_from_sent_to_clicked_and_keeps_the_first_times() {
    let api = tekup_with(|_| {}).await;
    let [(_, app), (_, other)] = tenants(&api).await;
    let logged = call(&app, "/crm/emails/log", mail("outbound", "x")).await.expect(201).json();
    let [opened, clicked] =
        ["opened", "clicked"].map(|verb| format!("/crm/emails/{}/{verb}", logged["id"].as_str().unwrap()));
    call(&other, &opened, json!({})).await.expect(404);
    call(&other, &clicked, json!({})).await.expect(404);
    assert_eq!(at_once(32, async |_| call(&app, &opened, json!({})).await).await, [200; 32]);
    let first = call(&app, &opened, json!({})).await.expect(200).json();
    assert_eq!((&first["status"], &first["clicked_at"]), (&json!("opened"), &json!(null)));
    let both = at_once(32, async |n| call(&app, if n % 2 == 0 { &opened } else { &clicked }, json!({})).await).await;
    assert_eq!(both, [200; 32]);
    let last = call(&app, &opened, json!({})).await.expect(200).json();
    assert_eq!((&last["status"], &last["opened_at"]), (&json!("clicked"), &first["opened_at"]));
    let again = call(&app, &clicked, json!({})).await.expect(200).json();
    assert_eq!(again["clicked_at"], last["clicked_at"]);

    for status in ["draft", "bounced", "received"] {
        let mut input = mail("outbound", status);
        input["status"] = json!(status);
        let logged = call(&app, "/crm/emails/log", input).await.expect(201).json();
        for verb in ["opened", "clicked"] {
            let path = format!("/crm/emails/{}/{verb}", logged["id"].as_str().unwrap());
            assert_eq!(call(&app, &path, json!({})).await.expect(200).json(), logged);
        }
    }
    let direct = call(&app, "/crm/emails/log", mail("outbound", "direct")).await.expect(201).json();
    let direct = call(&app, &format!("/crm/emails/{}/clicked", direct["id"].as_str().unwrap()), json!({})).await.json();
    assert_eq!((&direct["status"], &direct["opened_at"]), (&json!("clicked"), &direct["clicked_at"]));
}

#[tokio::test]
async fn a_task_is_ticked_off_once_and_keeps_the_time() {
    let api = tekup_with(|_| {}).await;
    let [(tenant, app), (_, other)] = tenants(&api).await;
    api.execute(&format!(
        "insert into crm.tasks (id, tenant_id, title, assigned_to, status)
         select status, '{tenant}', 'Ring', 'o', status from unnest(array['todo', 'in_progress', 'cancelled']) status"
    ))
    .await;
    call(&other, "/crm/tasks/todo/complete", json!({})).await.expect(404);
    assert_eq!(at_once(32, async |_| call(&app, "/crm/tasks/todo/complete", json!({})).await).await, [200; 32]);
    let done = call(&app, "/crm/tasks/todo/complete", json!({})).await.expect(200).json();
    let again = call(&app, "/crm/tasks/todo/complete", json!({})).await.expect(200).json();
    assert_eq!((&done["status"], &done), (&json!("done"), &again));
    assert!(done["completed_at"].is_string());
    assert_eq!(call(&app, "/crm/tasks/in_progress/complete", json!({})).await.expect(200).json()["status"], "done");
    let refused = call(&app, "/crm/tasks/cancelled/complete", json!({})).await.expect(409).json();
    assert_eq!(refused["code"], "operation.invalid_state");
    assert_eq!(refused["details"]["current"], json!({"status": "cancelled"}));
    assert_eq!(refused["details"]["allowed"], json!({"status": ["todo", "in_progress", "done"]}));
    let is_untouched = "select status = 'cancelled' and completed_at is null from crm.tasks where id = 'cancelled'";
    assert!(api.query::<bool>(is_untouched).await);

    let kept = app.patch("/crm/tasks?id=eq.todo", json!({"priority": "high"})).await.expect(200).json();
    assert_eq!(kept[0]["completed_at"], done["completed_at"]);
    let undone = app.patch("/crm/tasks?id=eq.todo", json!({"status": "todo"})).await.expect(200).json();
    assert_eq!(undone[0]["completed_at"], json!(null));
}

#[tokio::test]
async fn a_figure_is_set_and_added_to_and_nothing_is_lost() {
    let api = tekup_with(|_| {}).await;
    let [(tenant, app), (other_tenant, other)] = tenants(&api).await;
    let path = "/crm/metrics/track";
    let add = |value: f64| json!({"metric": "new", "value": value, "mode": "add"});
    assert_eq!(at_once(32, async |_| call(&app, path, add(1.5)).await).await, [200; 32]);
    call(&other, path, add(2.0)).await.expect(200);
    let sums = "select string_agg(value::text, ' ' order by value) from crm.metrics where metric = 'new'";
    assert_eq!(api.query::<String>(sums).await, "2 48");
    let today =
        "select date = (now() at time zone 'Europe/Copenhagen')::date from crm.metrics where metric = 'new' limit 1";
    assert!(api.query::<bool>(today).await);

    let input = json!({"metric": "new", "value": 7, "date": "2026-01-31", "metadata": {"from": "a"}});
    call(&app, path, input).await.expect(200);
    let replaced =
        call(&app, path, json!({"metric": "new", "value": 8, "date": "2026-01-31"})).await.expect(200).json();
    assert_eq!((&replaced["value"], &replaced["metadata"]), (&json!(8), &json!({"from": "a"})));
    for (input, expected) in [
        (json!({"metric": " ", "value": 1}), "metric"),
        (json!({"metric": "refused", "value": "1"}), "value"),
        (json!({"metric": "refused", "value": 1, "date": "31/1"}), "date"),
        (json!({"metric": "refused", "value": 1, "mode": "sum"}), "mode"),
        (json!({"metric": "refused", "value": 1, "metadata": {"a": "x".repeat(262_144)}}), "metadata"),
    ] {
        assert_eq!(faults(&call(&app, path, input).await.expect(400)), [expected]);
    }
    let refused = json!({"metric": "refused", "value": 1});
    assert_eq!(faults(&call(&api.service, path, refused.clone()).await.expect(400)), ["tenant_id"]);
    let elsewhere = json!({"metric": "refused", "value": 1, "tenant_id": other_tenant});
    assert_eq!(call(&app, path, elsewhere).await.expect(422).json()["code"], "operation.unprocessable");
    assert_eq!(api.query::<i64>("select count(*) from crm.metrics where metric = 'refused'").await, 0);
    let named = json!({"metric": "service", "value": 1, "tenant_id": tenant});
    assert_eq!(call(&api.service, path, named).await.expect(200).json()["tenant_id"], tenant);
}
