//! Payments that come again.

use super::*;

#[tokio::test]
async fn any_payment_that_is_repeated_books_nothing() {
    let (api, app) = backend().await;
    let customer = customer(&api).await;
    let id = invoice(&api, &customer, "sent", 0).await;
    let path = format!("/renos/invoices/{id}/mark_paid");
    let pay = async |reference: &str, amount: u32| {
        let input = json!({"payment_method": "card", "paid_amount": amount, "payment_ref": reference});
        call(&app, &path, input).await
    };
    pay("A", 25).await.expect(200);
    let second = pay("B", 50).await.expect(200).json();
    assert_eq!(pay(" A ", 25).await.expect(200).json(), second, "an older one is known too");
    let statuses = at_once(32, async |_| pay("C", 50).await).await;
    assert_eq!(statuses, [200; 32]);
    let paid = row(&app, "invoices", &id).await;
    assert_eq!([&paid["status"], &paid["paid_amount"]], [&json!("paid"), &json!(125.0)]);
    assert_eq!(pay("A", 25).await.expect(200).json(), paid);
    pay("D", 1).await.expect(409);
    let kept = format!("/renos/invoice_payments?invoice_id=eq.{id}&select=payment_ref,amount&order=payment_ref");
    assert_eq!(
        app.get(&kept).await.expect(200).json(),
        json!([{"payment_ref": "A", "amount": 25.0}, {"payment_ref": "B", "amount": 50.0}, {"payment_ref": "C", "amount": 50.0}])
    );
    app.post("/renos/invoice_payments", json!({"invoice_id": id, "amount": 1, "payment_method": "x"}))
        .await
        .expect(403);
}

#[tokio::test]
async fn of_two_payments_sent_over_and_over_each_is_booked_once() {
    let (api, app) = backend().await;
    let customer = customer(&api).await;
    for _ in 0..4 {
        let id = invoice(&api, &customer, "sent", 0).await;
        let path = format!("/renos/invoices/{id}/mark_paid");
        let statuses = at_once(32, async |n| {
            let reference = ["A", "B", "C"][n % 3];
            let input = json!({"payment_method": "card", "paid_amount": 30, "payment_ref": reference});
            call(&app, &path, input).await
        })
        .await;
        assert_eq!(statuses, [200; 32]);
        assert_eq!(row(&app, "invoices", &id).await["paid_amount"], json!(90.0));
    }
}

#[tokio::test]
async fn a_payment_that_came_in_otherwise_is_not_forgotten() {
    let (api, app) = backend().await;
    let customer = customer(&api).await;
    let id = invoice(&api, &customer, "sent", 0).await;
    api.execute(&format!(
        "update renos.invoices set paid_amount = 50, payment_method = 'card', payment_ref = 'OLD' where id = '{id}'"
    ))
    .await;
    let path = format!("/renos/invoices/{id}/mark_paid");
    let pay = async |reference: &str, amount: u32| {
        let input = json!({"payment_method": "cash", "paid_amount": amount, "payment_ref": reference});
        call(&app, &path, input).await.expect(200).json()
    };
    let paid = pay("NEW", 25).await;
    assert_eq!([&paid["paid_amount"], &paid["payment_ref"]], [&json!(75.0), &json!("NEW")]);
    assert_eq!(pay("OLD", 50).await, paid);
    let more = call(&app, &path, json!({"payment_method": "cash", "paid_amount": 10})).await.expect(200).json();
    assert_eq!(more["paid_amount"], json!(85.0));
    let kept =
        format!("/renos/invoice_payments?invoice_id=eq.{id}&select=payment_ref,payment_method,amount&order=amount");
    assert_eq!(
        app.get(&kept).await.expect(200).json(),
        json!([
            {"payment_ref": null, "payment_method": "cash", "amount": 10.0},
            {"payment_ref": "NEW", "payment_method": "cash", "amount": 25.0},
            {"payment_ref": "OLD", "payment_method": "card", "amount": 50.0},
        ])
    );
}
