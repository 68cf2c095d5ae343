//! Drafted answers on their way out.

use super::*;

/// A draft that waits for approval, and the customer it is for.
async fn draft(api: &Api) -> (String, String) {
    let customer = customer(api).await;
    let lead = lead(api, &customer).await;
    let draft = api
        .query(&format!(
            "insert into renos.email_responses (lead_id, recipient_email, subject, body)
             values ('{lead}', 'ann@dahl.dk', 'Offer', 'Dear Ann') returning id"
        ))
        .await;
    (draft, customer)
}

#[tokio::test]
async fn a_draft_is_approved_and_then_sent_once() {
    let (api, app) = backend().await;
    let (draft, customer) = draft(&api).await;
    let approve = format!("/renos/email_responses/{draft}/approve");
    let sent = format!("/renos/email_responses/{draft}/mark_sent");
    refused_in(call(&app, &sent, json!({"gmail_message_id": "m"})).await, &json!("pending"), &json!(["approved"]));
    let statuses = at_once(32, async |_| call(&app, &approve, json!({"gmail_thread_id": " t "})).await).await;
    assert_eq!((statuses[0], statuses[1]), (200, 409), "{statuses:?}");
    refused_in(call(&app, &approve, json!({})).await, &json!("approved"), &json!(["pending", "failed"]));

    let same = json!({"gmail_message_id": "m"});
    let statuses = at_once(32, async |_| call(&app, &sent, same.clone()).await).await;
    assert_eq!(statuses, [200; 32], "repeated, it is the same answer");
    let after = row(&app, "email_responses", &draft).await;
    assert_eq!(
        [&after["status"], &after["gmail_message_id"], &after["gmail_thread_id"]],
        [&json!("sent"), &json!("m"), &json!("t")]
    );
    assert_eq!(row(&app, "customers", &customer).await["last_contact_at"], after["sent_at"]);
    assert_eq!(call(&app, &sent, same).await.expect(200).json(), after);
    refused_in(call(&app, &sent, json!({"gmail_message_id": "n"})).await, &json!("sent"), &json!(["approved"]));
    refused_in(call(&app, &approve, json!({})).await, &json!("sent"), &json!(["pending", "failed"]));
    assert_eq!(row(&app, "email_responses", &draft).await, after, "nothing was written");
}

#[tokio::test]
async fn of_different_mails_for_one_draft_one_is_recorded() {
    let (api, app) = backend().await;
    let (draft, _) = draft(&api).await;
    api.execute(&format!("update renos.email_responses set status = 'failed' where id = '{draft}'")).await;
    call(&app, &format!("/renos/email_responses/{draft}/approve"), json!({})).await.expect(200);
    let sent = format!("/renos/email_responses/{draft}/mark_sent");
    let statuses = at_once(32, async |number| call(&app, &sent, json!({"gmail_message_id": number.to_string()})).await);
    let statuses = statuses.await;
    assert_eq!((statuses[0], statuses[1]), (200, 409), "{statuses:?}");
}

#[tokio::test]
async fn a_draft_that_is_none_is_not_found_and_faults_are_named() {
    let (_api, app) = backend().await;
    call(&app, "/renos/email_responses/no/approve", json!({})).await.expect(404);
    call(&app, "/renos/email_responses/no/mark_sent", json!({"gmail_message_id": "m"})).await.expect(404);
    for (path, input, field) in [
        ("approve", json!({"gmail_thread_id": " "}), "gmail_thread_id"),
        ("mark_sent", json!({}), "gmail_message_id"),
        ("mark_sent", json!({"gmail_message_id": "m", "sent_at": "now"}), "sent_at"),
    ] {
        let answer = call(&app, &format!("/renos/email_responses/no/{path}"), input).await;
        assert_eq!(faults(&answer.expect(400)), [field]);
    }
}
