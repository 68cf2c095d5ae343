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
