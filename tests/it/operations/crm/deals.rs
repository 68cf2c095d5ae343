//! Deals: their way along the pipeline, their lines, and what they are worth.

use serde_json::json;

use super::{Api, Person, tenants};
use crate::{
    operations::{at_once, call, faults, read},
    support::tekup_with,
};

/// An open deal with a chance of 40 percent and no lines.
async fn deal(api: &Api, tenant: &str) -> String {
    api.query(&format!(
        "insert into crm.deals (tenant_id, title, value, owner, probability, pipeline)
         values ('{tenant}', 'Kontor', 1000, 'seller', 40, 'new') returning id"
    ))
    .await
}

#[tokio::test]
async fn a_deal_moves_while_it_is_open_closes_once_and_reopens() {
    let api = tekup_with(|_| {}).await;
    let [(tenant, app), (_, other)] = tenants(&api).await;
    let id = deal(&api, &tenant).await;
    let [step, close, reopen] = ["move", "close", "reopen"].map(|verb| format!("/crm/deals/{id}/{verb}"));
    for (path, input) in
        [(&step, json!({"stage": "proposal"})), (&close, json!({"won": true})), (&reopen, json!({"stage": "proposal"}))]
    {
        call(&other, path, input).await.expect(404);
    }
    for stage in ["negotiation", "qualification", "proposal"] {
        assert_eq!(call(&app, &step, json!({"stage": stage})).await.expect(200).json()["stage"], stage);
    }
    let before = call(&app, &step, json!({"stage": "proposal"})).await.expect(200).json();
    assert_eq!(call(&app, &step, json!({"stage": "proposal"})).await.expect(200).json(), before, "nothing changes");
    assert_eq!(faults(&call(&app, &step, json!({"stage": "closed_won"})).await.expect(400)), ["stage"]);
    let early = call(&app, &reopen, json!({"stage": "proposal"})).await.expect(409).json();
    assert_eq!(early["details"]["allowed"], json!({"status": ["won", "lost"]}));

    let statuses = at_once(32, async |n| call(&app, &close, json!({"won": n % 2 == 0, "reason": "pris"})).await).await;
    assert_eq!((statuses[0], &statuses[1..]), (200, &[409; 31][..]));
    let closed = api
        .query::<String>(&format!(
            "select concat_ws(' ', status, stage, probability, coalesce(lost_reason, '-'), actual_close_date is not null)
             from crm.deals where id = '{id}'"
        ))
        .await;
    assert!(["won closed_won 100 - t", "lost closed_lost 0 pris t"].contains(&closed.as_str()), "{closed}");
    let refused = call(&app, &step, json!({"stage": "proposal"})).await.expect(409).json();
    assert_eq!(refused["code"], "operation.invalid_state");
    assert_eq!(refused["details"]["allowed"], json!({"status": ["open"]}));

    let statuses = at_once(32, async |_| call(&app, &reopen, json!({"stage": "negotiation"})).await).await;
    assert_eq!((statuses[0], &statuses[1..]), (200, &[409; 31][..]));
    let open = call(&app, &step, json!({"stage": "negotiation"})).await.expect(200).json();
    assert_eq!((&open["status"], &open["stage"]), (&json!("open"), &json!("negotiation")));
    for column in ["actual_close_date", "lost_reason", "probability"] {
        assert_eq!(open[column], json!(null), "{column}");
    }
    let won = call(&app, &close, json!({"won": true, "reason": "pris"})).await.expect(200).json();
    assert_eq!((&won["lost_reason"], &won["probability"]), (&json!(null), &json!(100)));
}

#[tokio::test]
async fn lines_are_totalled_and_the_deal_is_worth_their_sum() {
    let api = tekup_with(|_| {}).await;
    let [(tenant, app), (_, other)] = tenants(&api).await;
    let id = deal(&api, &tenant).await;
    let path = format!("/crm/deals/{id}/products");
    let value = format!("select value::text from crm.deals where id = '{id}'");
    let first = json!({"product_name": " Vinduer ", "quantity": 3, "unit_price": 33.33, "discount": 12.5});
    let line = call(&app, &path, first).await.expect(201).json();
    assert_eq!(
        (&line["product_name"], &line["total"], &line["deal_id"]),
        (&json!("Vinduer"), &json!(87.49), &json!(id))
    );
    assert_eq!(api.query::<String>(&value).await, "1000.00", "untouched unless asked for");
    let statuses = at_once(32, async |n| {
        let input = json!({"product_name": "Gulv", "quantity": n + 1, "unit_price": 0.1, "update_deal_value": true});
        call(&app, &path, input).await
    })
    .await;
    assert_eq!(statuses, [201; 32]);
    assert_eq!(api.query::<String>(&value).await, "140.29");

    let line = line["id"].as_str().unwrap();
    let changed =
        app.patch(&format!("/crm/deal_products?id=eq.{line}"), json!({"quantity": 1})).await.expect(200).json();
    assert_eq!(changed[0]["total"], json!(29.16));

    let good = json!({"product_name": "x", "quantity": 1, "unit_price": 1});
    let with = |field: &str, value: serde_json::Value| {
        let mut input = good.clone();
        input[field] = value;
        input
    };
    for (input, expected) in [
        (with("product_name", json!("  ")), "product_name"),
        (with("quantity", json!(0)), "quantity"),
        (with("quantity", json!(1.5)), "quantity"),
        (with("unit_price", json!(-1)), "unit_price"),
        (with("discount", json!(101)), "discount"),
        (json!({"product_name": "x", "quantity": 2, "unit_price": 9_999_999_999.0_f64}), "unit_price"),
    ] {
        assert_eq!(faults(&call(&app, &path, input).await.expect(400)), [expected]);
    }
    let dear =
        json!({"product_name": "x", "quantity": 1, "unit_price": 9_999_999_999.0_f64, "update_deal_value": true});
    assert_eq!(faults(&call(&app, &path, dear).await.expect(400)), ["unit_price"]);
    call(&other, &path, good.clone()).await.expect(404);
    call(&app, "/crm/deals/nobody/products", good.clone()).await.expect(404);
    call(&app, &format!("/crm/deals/{id}/close"), json!({"won": true})).await.expect(200);
    let closed = call(&app, &path, good.clone()).await.expect(409).json();
    assert_eq!(closed["details"]["current"], json!({"status": "won", "stage": "closed_won"}));
    let lines = format!("select count(*) from crm.deal_products where deal_id = '{id}'");
    assert_eq!((api.query::<i64>(&lines).await, api.query::<String>(&value).await), (33, "140.29".to_owned()));
}

#[tokio::test]
async fn no_line_reaches_a_deal_that_is_being_closed() {
    let api = tekup_with(|_| {}).await;
    let [(tenant, app), _] = tenants(&api).await;
    let id = deal(&api, &tenant).await;
    let statuses = at_once(32, async |n| {
        if n == 16 {
            return call(&app, &format!("/crm/deals/{id}/close"), json!({"won": true})).await;
        }
        let input = json!({"product_name": "x", "quantity": 1, "unit_price": 2, "update_deal_value": true});
        call(&app, &format!("/crm/deals/{id}/products"), input).await
    })
    .await;
    let added = statuses.iter().filter(|status| **status == 201).count();
    let refused = statuses.iter().filter(|status| **status == 409).count();
    assert_eq!((statuses[0], added + refused), (200, 31), "{statuses:?}");
    let lines = format!("select count(*) from crm.deal_products where deal_id = '{id}'");
    assert_eq!(api.query::<i64>(&lines).await, i64::try_from(added).unwrap());
}

#[tokio::test]
async fn the_pipeline_is_summed_in_one_currency() {
    let api = tekup_with(|_| {}).await;
    let [(tenant, app), (other_tenant, other)] = tenants(&api).await;
    api.execute(&format!(
        "insert into crm.deals (tenant_id, title, value, owner, pipeline, currency, status, stage, probability) values
             ('{tenant}', 'a', 100.10, 'ann', 'new', 'DKK', 'open', 'proposal', 25),
             ('{tenant}', 'b', 200.20, 'bob', 'new', 'DKK', 'open', 'proposal', null),
             ('{tenant}', 'c', 300, 'ann', 'new', 'DKK', 'lost', 'closed_lost', 0),
             ('{tenant}', 'd', 5, 'ann', 'new', 'EUR', 'won', 'closed_won', 100),
             ('{other_tenant}', 'e', 7, 'ann', 'new', 'EUR', 'won', 'closed_won', 100)"
    ))
    .await;
    let sums =
        async |person: &Person, query: &str| read(person, &format!("/crm/pipeline_metrics?pipeline=new{query}")).await;
    let mixed = sums(&app, "").await.expect(422).json();
    assert_eq!(
        (&mixed["code"], &mixed["details"]["currencies"]),
        (&json!("operation.unprocessable"), &json!(["DKK", "EUR"]))
    );
    let none = json!({"count": 0, "value": 0});
    assert_eq!(
        sums(&app, "&currency=dkk").await.expect(200).json(),
        json!({
            "currency": "DKK", "total_value": 600.30, "open_value": 300.30, "weighted_value": 25.03,
            "by_stage": {
                "qualification": none, "proposal": {"count": 2, "value": 300.30}, "negotiation": none,
                "closed_won": none, "closed_lost": {"count": 1, "value": 300.00},
            },
            "by_status": {"open": {"count": 2, "value": 300.30}, "won": none, "lost": {"count": 1, "value": 300.00}},
        })
    );
    assert_eq!(sums(&app, "&currency=DKK&owner=bob").await.expect(200).json()["total_value"], json!(200.20));
    let theirs = sums(&other, "").await.expect(200).json();
    assert_eq!((&theirs["currency"], &theirs["total_value"]), (&json!("EUR"), &json!(7.00)));
    assert_eq!(sums(&api.service, "&currency=EUR").await.expect(200).json()["by_status"]["won"]["count"], 2);
    let one = sums(&api.service, &format!("&currency=EUR&tenant_id={tenant}")).await.expect(200).json();
    assert_eq!(one["total_value"], json!(5.00));
    let empty = sums(&app, "&owner=nobody").await.expect(200).json();
    assert_eq!((&empty["currency"], &empty["total_value"]), (&json!(null), &json!(0)));
    assert_eq!(faults(&sums(&app, "&currency=kroner&x=1").await.expect(400)), ["currency", "x"]);
}
