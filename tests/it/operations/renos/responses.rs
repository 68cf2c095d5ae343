//! Drafted answers that are changed, rejected, or could not be sent.

use super::*;

/// A draft of that state.
async fn draft(api: &Api, status: &str) -> String {
    let lead: String = api.query("insert into renos.leads (source) values ('email') returning id").await;
    api.query(&format!(
        "insert into renos.email_responses (lead_id, recipient_email, subject, body, status)
         values ('{lead}', 'ann@dahl.dk', 'Offer', 'Dear Ann', '{status}') returning id"
    ))
    .await
}

#[tokio::test]
async fn a_draft_is_rejected_with_its_reason() {
    let (api, app) = backend().await;
    for status in ["pending", "approved"] {
        let path = format!("/renos/email_responses/{}/reject", draft(&api, status).await);
        let rejected = call(&app, &path, json!({"reason": " too dear "})).await.expect(200).json();
        assert_eq!([&rejected["status"], &rejected["rejected_reason"]], ["rejected", "too dear"]);
    }
    for status in ["sent", "rejected", "failed"] {
        let draft = draft(&api, status).await;
        let before = row(&app, "email_responses", &draft).await;
        let answer = call(&app, &format!("/renos/email_responses/{draft}/reject"), json!({"reason": "x"})).await;
        refused_in(answer, &json!(status), &json!(["pending", "approved"]));
        assert_eq!(row(&app, "email_responses", &draft).await, before);
    }
    let path = format!("/renos/email_responses/{}/reject", draft(&api, "pending").await);
    for wrong in [json!({}), json!({"reason": " "}), json!({"reason": "x".repeat(1_001)})] {
        assert_eq!(faults(&call(&app, &path, wrong).await.expect(400)), ["reason"]);
    }
    call(&app, "/renos/email_responses/no/reject", json!({"reason": "x"})).await.expect(404);
}

#[tokio::test]
async fn of_32_who_reject_or_approve_a_draft_it_ends_as_the_last_that_could() {
    let (api, app) = backend().await;
    let draft = draft(&api, "approved").await;
    let path = |number: usize| match number % 2 {
        0 => (format!("/renos/email_responses/{draft}/reject"), json!({"reason": "x"})),
        _ => (format!("/renos/email_responses/{draft}/mark_failed"), json!({"reason": "x"})),
    };
    let statuses = at_once(32, async |number| {
        let (path, input) = path(number);
        call(&app, &path, input).await
    })
    .await;
    assert_eq!((statuses[0], statuses[1]), (200, 409), "{statuses:?}");
    let status = row(&app, "email_responses", &draft).await["status"].clone();
    assert!(status == "rejected" || status == "failed", "{status}");
}

#[tokio::test]
async fn a_draft_is_changed_while_it_waits() {
    let (api, app) = backend().await;
    let waiting = draft(&api, "pending").await;
    let path = format!("/renos/email_responses/{waiting}");
    let changed = patch(&app, &path, json!({"subject": " Windows ", "recipient_email": "Bo@Berg.dk"})).await;
    let changed = changed.expect(200).json();
    assert_eq!(
        [&changed["subject"], &changed["recipient_email"], &changed["body"], &changed["status"]],
        ["Windows", "bo@berg.dk", "Dear Ann", "pending"]
    );
    assert_eq!(patch(&app, &path, json!({"body": "Dear Bo,\n"})).await.expect(200).json()["body"], "Dear Bo,\n");
    let before = row(&app, "email_responses", &waiting).await;
    for (input, field) in [
        (json!({}), ""),
        (json!({"subject": null}), ""),
        (json!({"subject": " "}), "subject"),
        (json!({"recipient_email": "x"}), "recipient_email"),
        (json!({"status": "sent"}), "status"),
    ] {
        assert_eq!(faults(&patch(&app, &path, input).await.expect(400)), [field]);
    }
    assert_eq!(row(&app, "email_responses", &waiting).await, before);
    patch(&app, "/renos/email_responses/no", json!({"subject": "x"})).await.expect(404);
    for status in ["approved", "sent", "rejected", "failed"] {
        let draft = draft(&api, status).await;
        let answer = patch(&app, &format!("/renos/email_responses/{draft}"), json!({"subject": "x"})).await;
        refused_in(answer, &json!(status), &json!(["pending"]));
        assert_eq!(row(&app, "email_responses", &draft).await["subject"], "Offer");
    }
}

#[tokio::test]
async fn a_draft_that_could_not_be_sent_may_be_approved_again() {
    let (api, app) = backend().await;
    let sending = draft(&api, "approved").await;
    let path = format!("/renos/email_responses/{sending}/mark_failed");
    let failed = call(&app, &path, json!({"reason": " 550 no such mailbox "})).await.expect(200).json();
    assert_eq!([&failed["status"], &failed["failure_reason"]], ["failed", "550 no such mailbox"]);
    assert_eq!(failed["rejected_reason"], Value::Null);
    refused_in(call(&app, &path, json!({"reason": "x"})).await, &json!("failed"), &json!(["approved"]));
    call(&app, &format!("/renos/email_responses/{sending}/approve"), json!({})).await.expect(200);
    for status in ["pending", "sent", "rejected"] {
        let draft = draft(&api, status).await;
        let answer = call(&app, &format!("/renos/email_responses/{draft}/mark_failed"), json!({"reason": "x"})).await;
        refused_in(answer, &json!(status), &json!(["approved"]));
        assert_eq!(row(&app, "email_responses", &draft).await["status"], status);
    }
    assert_eq!(faults(&call(&app, &path, json!({})).await.expect(400)), ["reason"]);
    call(&app, "/renos/email_responses/no/mark_failed", json!({"reason": "x"})).await.expect(404);
}

#[tokio::test]
async fn drafts_are_counted_by_state() {
    let (api, app) = backend().await;
    api.execute("delete from renos.email_responses").await;
    let none = json!({"pending": 0, "approved": 0, "sent": 0, "rejected": 0, "failed": 0});
    assert_eq!(read(&app, "/renos/email_responses/counts").await.expect(200).json(), none);
    for status in ["pending", "pending", "sent", "failed"] {
        draft(&api, status).await;
    }
    let counts = json!({"pending": 2, "approved": 0, "sent": 1, "rejected": 0, "failed": 1});
    assert_eq!(read(&app, "/renos/email_responses/counts").await.expect(200).json(), counts);
}
