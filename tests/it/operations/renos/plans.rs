//! Cleaning plans.

use super::*;

const COMPOSE: &str = "/renos/cleaning_plans/compose";

#[tokio::test]
async fn a_plan_has_its_tasks_in_order_and_the_sums_of_them() {
    let (api, app) = backend().await;
    let customer = customer(&api).await;
    let plan = async |more: Value| {
        let mut input = json!({"customer_id": customer, "name": " Office ", "service_type": "Fast Rengøring"});
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        call(&app, COMPOSE, input).await.expect(201).json()
    };
    let made = plan(json!({"frequency": "weekly", "is_template": true, "tasks": [
        {"name": "Floors", "category": "Cleaning"},
        {"name": "Windows", "category": "Windows", "estimated_time": 30, "price_per_task": 150.5, "is_required": false},
    ]}))
    .await;
    assert_eq!(
        [
            &made["name"],
            &made["frequency"],
            &made["is_template"],
            &made["estimated_duration"],
            &made["estimated_price"]
        ],
        [&json!("Office"), &json!("weekly"), &json!(true), &json!(45), &json!(150.5)]
    );
    let read = format!(
        "/renos/cleaning_plans?id=eq.{}&select=*,cleaning_tasks(*)&cleaning_tasks.order=sort_order",
        made["id"].as_str().unwrap()
    );
    assert_eq!(app.get(&read).await.expect(200).json()[0], made, "what a read gives");
    let task = |at: usize, name: &str| made["cleaning_tasks"][at][name].clone();
    assert_eq!(
        [task(0, "estimated_time"), task(0, "is_required"), task(0, "sort_order")],
        [json!(15), json!(true), json!(0)]
    );
    assert_eq!(
        [task(1, "name"), task(1, "is_required"), task(1, "sort_order")],
        [json!("Windows"), json!(false), json!(1)]
    );

    let bare = plan(json!({})).await;
    assert_eq!(
        [&bare["estimated_duration"], &bare["estimated_price"], &bare["frequency"], &bare["cleaning_tasks"]],
        [&json!(120), &Value::Null, &json!("once"), &json!([])]
    );
    let tasks = json!([{"name": "Floors", "category": "Cleaning"}]);
    let given = plan(json!({"estimated_duration": 60, "tasks": tasks})).await;
    assert_eq!([&given["estimated_duration"], &given["estimated_price"]], [&json!(60), &Value::Null]);
}

#[tokio::test]
async fn a_plan_that_is_refused_leaves_nothing() {
    let (api, app) = backend().await;
    let customer = customer(&api).await;
    let sql = "select (select count(*) from renos.cleaning_plans) + (select count(*) from renos.cleaning_tasks)";
    let before: i64 = api.query(sql).await;
    let task = json!({"name": "Floors", "category": "Cleaning"});
    for (change, status, field) in [
        (json!({"customer_id": "nobody", "tasks": [task]}), 422, "customer_id"),
        (json!({"name": " "}), 400, "name"),
        (json!({"frequency": "daily"}), 400, "frequency"),
        (json!({"estimated_price": 1}), 400, "estimated_price"),
        (json!({"tasks": vec![task.clone(); 201]}), 400, "tasks"),
        (json!({"tasks": [task, {"name": "x"}]}), 400, "tasks[1].category"),
        (json!({"tasks": [{"name": "x", "category": "y", "price_per_task": -1}]}), 400, "tasks[0].price_per_task"),
    ] {
        let mut input = json!({"customer_id": customer, "name": "Office", "service_type": "Airbnb"});
        input.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let answer = call(&app, COMPOSE, input).await.expect(status);
        match status {
            422 => assert_eq!(answer.json()["details"]["field"], field),
            _ => assert_eq!(faults(&answer), [field]),
        }
    }
    let after: i64 = api.query(sql).await;
    assert_eq!(after, before);
}
