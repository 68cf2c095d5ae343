//! Leads, bookings, mail and invoices.

use serde_json::json;

use super::{at_once, call};
use crate::support::{Api, tekup_with};

/// A booking that work can start on.
async fn booking(api: &Api) -> String {
    api.query(
        "insert into renos.bookings (customer_id, status)
         values ((select id from renos.customers limit 1), 'scheduled') returning id",
    )
    .await
}

#[tokio::test]
async fn a_timer_starts_once_whoever_starts_it() {
    let api = tekup_with(|_| {}).await;
    let path = format!("/renos/bookings/{}/start_timer", booking(&api).await);
    let app = api.person("renos_app", None, "backend");
    let statuses = at_once(32, async |_| call(&app, &path, json!({})).await).await;
    assert_eq!((statuses[0], statuses[1]), (200, 409), "{statuses:?}");
    let again = call(&app, &path, json!({})).await.expect(409).json();
    assert_eq!(again["code"], "operation.invalid_state");
    assert_eq!(again["details"]["current"], json!({"timer_status": "running", "status": "in_progress"}));
    assert_eq!(again["details"]["allowed"]["timer_status"], json!(["not_started"]));
    call(&app, "/renos/bookings/nobody/start_timer", json!({})).await.expect(404);
}
