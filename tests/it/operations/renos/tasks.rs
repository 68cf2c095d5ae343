//! Tasks of cleaning plans, plans made of templates, and plans of bookings.

use super::*;

/// A plan of that customer: tasks of 20, 30 and 40 minutes, the last for 100 DKK.
async fn plan(app: &Person, customer: &str, is_template: bool) -> Value {
    let tasks = json!([
        {"name": "Floors", "category": "Cleaning", "estimated_time": 20},
        {"name": "Kitchen", "category": "Kitchen", "estimated_time": 30, "is_required": false},
        {"name": "Windows", "category": "Windows", "estimated_time": 40, "price_per_task": 100},
    ]);
    let input = json!({"customer_id": customer, "name": "Office", "service_type": "Fast Rengøring", "description": "d",
        "frequency": "weekly", "is_template": is_template, "tasks": tasks, "square_meters": 80});
    call(app, "/renos/cleaning_plans/compose", input).await.expect(201).json()
}

fn id(row: &Value) -> &str {
    row["id"].as_str().unwrap()
}

/// What a plan says of its tasks: minutes and price.
async fn sums(app: &Person, plan: &Value) -> Value {
    let plan = row(app, "cleaning_plans", id(plan)).await;
    json!([plan["estimated_duration"], plan["estimated_price"]])
}

#[tokio::test]
async fn whatever_becomes_of_tasks_the_plan_has_the_sums_of_them() {
    let (api, app) = backend().await;
    let plan = plan(&app, &customer(&api).await, false).await;
    let tasks = format!("/renos/cleaning_plans/{}/tasks", id(&plan));
    let added = call(&app, &tasks, json!({"name": " Hall ", "category": "Cleaning", "price_per_task": 50.5})).await;
    let added = added.expect(201).json();
    assert_eq!(
        [&added["name"], &added["estimated_time"], &added["sort_order"], &added["is_required"]],
        [&json!("Hall"), &json!(15), &json!(3), &json!(true)]
    );
    assert_eq!(sums(&app, &plan).await, json!([105, 150.5]));

    let task = format!("/renos/cleaning_tasks/{}", id(&added));
    let input = json!({"estimated_time": 25, "price_per_task": null, "description": "x", "is_completed": true});
    let changed = patch(&app, &task, input).await.expect(200).json();
    assert_eq!(
        [&changed["name"], &changed["estimated_time"], &changed["price_per_task"], &changed["is_completed"]],
        [&json!("Hall"), &json!(25), &Value::Null, &json!(true)]
    );
    assert_eq!(sums(&app, &plan).await, json!([115, 100.0]));
    assert_eq!(patch(&app, &task, json!({"description": null})).await.expect(200).json()["description"], Value::Null);

    delete(&app, &task).await.expect(204);
    assert_eq!(sums(&app, &plan).await, json!([90, 100.0]));
    for task in plan["cleaning_tasks"].as_array().unwrap() {
        delete(&app, &format!("/renos/cleaning_tasks/{}", id(task))).await.expect(204);
    }
    assert_eq!(sums(&app, &plan).await, json!([120, null]), "a plan without tasks");

    let before = row(&app, "cleaning_plans", id(&plan)).await;
    for (answer, fields) in [
        (call(&app, &tasks, json!({"name": " "})).await, vec!["category", "name"]),
        (call(&app, &tasks, json!({"name": "x", "category": "y", "estimated_time": -1})).await, vec!["estimated_time"]),
        (patch(&app, &task, json!({"sort_order": 1})).await, vec!["sort_order"]),
        (patch(&app, &task, json!({"price_per_task": -1})).await, vec!["price_per_task"]),
    ] {
        let mut found = faults(&answer.expect(400));
        found.sort();
        assert_eq!(found, fields);
    }
    call(&app, "/renos/cleaning_plans/no/tasks", json!({"name": "x", "category": "y"})).await.expect(404);
    patch(&app, &task, json!({"name": "x"})).await.expect(404);
    delete(&app, &task).await.expect(404);
    assert_eq!(row(&app, "cleaning_plans", id(&plan)).await, before);
}

#[tokio::test]
async fn a_change_of_nothing_is_refused() {
    let (api, app) = backend().await;
    let plan = plan(&app, &customer(&api).await, false).await;
    let task = format!("/renos/cleaning_tasks/{}", id(&plan["cleaning_tasks"][0]));
    assert_eq!(faults(&patch(&app, &task, json!({})).await.expect(400)), [""]);
    assert_eq!(row(&app, "cleaning_tasks", id(&plan["cleaning_tasks"][0])).await, plan["cleaning_tasks"][0]);
}

#[tokio::test]
async fn of_32_tasks_added_at_once_each_has_a_place_and_all_are_in_the_sums() {
    let (api, app) = backend().await;
    let plan = plan(&app, &customer(&api).await, false).await;
    let tasks = format!("/renos/cleaning_plans/{}/tasks", id(&plan));
    let input = json!({"name": "x", "category": "y", "estimated_time": 10, "price_per_task": 1});
    assert_eq!(at_once(32, async |_| call(&app, &tasks, input.clone()).await).await, [201; 32]);
    assert_eq!(sums(&app, &plan).await, json!([90 + 320, 132.0]));
    let places: i64 = api
        .query(&format!("select count(distinct sort_order) from renos.cleaning_tasks where plan_id = '{}'", id(&plan)))
        .await;
    assert_eq!(places, 35);
}

#[tokio::test]
async fn tasks_are_put_in_order_all_of_them_or_none() {
    let (api, app) = backend().await;
    let customer = customer(&api).await;
    let (plan, other) = (plan(&app, &customer, false).await, plan(&app, &customer, false).await);
    let [first, second, third] = [0, 1, 2].map(|at| id(&plan["cleaning_tasks"][at]));
    let path = format!("/renos/cleaning_plans/{}/tasks/reorder", id(&plan));
    let ordered = call(&app, &path, json!({"ids": [third, first, second]})).await.expect(200).json();
    let order: Vec<_> = ordered["cleaning_tasks"].as_array().unwrap().iter().map(id).collect();
    assert_eq!(order, [third, first, second]);
    let read =
        format!("/renos/cleaning_plans?id=eq.{}&select=*,cleaning_tasks(*)&cleaning_tasks.order=sort_order", id(&plan));
    assert_eq!(app.get(&read).await.expect(200).json()[0], ordered);
    for (ids, field) in [
        (json!([first, second]), "ids"),
        (json!([first, second, third, third]), "ids[3]"),
        (json!([first, second, third, id(&other["cleaning_tasks"][0])]), "ids[3]"),
        (json!([first, second, "no"]), "ids[2]"),
    ] {
        let refused = call(&app, &path, json!({"ids": ids})).await.expect(422).json();
        assert_eq!(refused["details"]["field"], field);
    }
    assert_eq!(faults(&call(&app, &path, json!({"ids": []})).await.expect(400)), ["ids"]);
    call(&app, "/renos/cleaning_plans/no/tasks/reorder", json!({"ids": [first]})).await.expect(404);
    assert_eq!(app.get(&read).await.json()[0], ordered, "nothing was written");
}

#[tokio::test]
async fn a_template_becomes_plans_and_stays_as_it_is() {
    let (api, app) = backend().await;
    let customer = customer(&api).await;
    let template = plan(&app, &customer, true).await;
    api.execute(&format!("update renos.cleaning_tasks set is_completed = true where plan_id = '{}'", id(&template)))
        .await;
    let path = format!("/renos/cleaning_plans/{}/instantiate", id(&template));
    let input = json!({"customer_id": customer, "name": " Ann ", "frequency": "monthly", "address": "Havnegade 4"});
    let made = call(&app, &path, input).await.expect(201).json();
    let of = |name: &str| made[name].clone();
    assert_eq!(
        [of("name"), of("frequency"), of("address"), of("description"), of("square_meters"), of("is_template")],
        [json!("Ann"), json!("monthly"), json!("Havnegade 4"), json!("d"), json!(80), json!(false)]
    );
    assert_eq!(
        [of("estimated_duration"), of("estimated_price"), of("customer_id")],
        [json!(90), json!(100.0), json!(customer)]
    );
    let tasks: Vec<_> = made["cleaning_tasks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|task| {
            json!([task["name"], task["estimated_time"], task["is_required"], task["is_completed"], task["sort_order"]])
        })
        .collect();
    assert_eq!(
        tasks,
        [
            json!(["Floors", 20, true, false, 0]),
            json!(["Kitchen", 30, false, false, 1]),
            json!(["Windows", 40, true, false, 2])
        ]
    );
    let bare = call(&app, &path, json!({"customer_id": customer})).await.expect(201).json();
    assert_eq!([&bare["name"], &bare["frequency"]], [&json!("Office"), &json!("weekly")]);

    let count = "select (select count(*) from renos.cleaning_plans) + (select count(*) from renos.cleaning_tasks)";
    let before: i64 = api.query(count).await;
    let plain = format!("/renos/cleaning_plans/{}/instantiate", id(&made));
    let refused = call(&app, &plain, json!({"customer_id": customer})).await;
    refused_in(refused, &json!({"is_template": false}), &json!({"is_template": true}));
    let refused = call(&app, &path, json!({"customer_id": "nobody"})).await.expect(422).json();
    assert_eq!(refused["details"]["field"], "customer_id");
    assert_eq!(
        faults(&call(&app, &path, json!({"frequency": "daily"})).await.expect(400)),
        ["customer_id", "frequency"]
    );
    call(&app, "/renos/cleaning_plans/no/instantiate", json!({"customer_id": customer})).await.expect(404);
    let after: i64 = api.query(count).await;
    assert_eq!(after, before);
    assert_eq!(row(&app, "cleaning_plans", id(&template)).await["is_template"], json!(true));
}

#[tokio::test]
async fn a_booking_has_one_plan_and_what_was_done_of_it() {
    let (api, app) = backend().await;
    let customer = customer(&api).await;
    let (first, other) = (plan(&app, &customer, false).await, plan(&app, &customer, false).await);
    let booking: String =
        api.query(&format!("insert into renos.bookings (customer_id) values ('{customer}') returning id")).await;
    let path = format!("/renos/bookings/{booking}/plan");
    let statuses = at_once(32, async |_| put(&app, &path, json!({"plan_id": id(&first)})).await).await;
    assert_eq!((&statuses[..31], statuses[31]), (&[200; 31][..], 201));
    let [floors, kitchen, windows] = [0, 1, 2].map(|at| id(&first["cleaning_tasks"][at]));
    let input = json!({"plan_id": id(&first), "completed_tasks": [kitchen, floors, kitchen], "actual_duration": 50, "notes": " n "});
    let partly = put(&app, &path, input).await.expect(200).json();
    assert_eq!(
        [&partly["completed_tasks"], &partly["actual_duration"], &partly["notes"], &partly["all_required_done"]],
        [&json!([kitchen, floors]), &json!(50), &json!("n"), &json!(false)]
    );
    let done =
        put(&app, &path, json!({"plan_id": id(&first), "completed_tasks": [floors, windows]})).await.expect(200).json();
    assert_eq!([&done["all_required_done"], &done["actual_duration"]], [&json!(true), &json!(50)]);
    let more = put(&app, &path, json!({"plan_id": id(&first), "notes": "m"})).await.expect(200).json();
    assert_eq!([&more["completed_tasks"], &more["notes"]], [&json!([floors, windows]), &json!("m")]);

    for (input, field) in [
        (json!({"plan_id": "no"}), "plan_id"),
        (json!({"plan_id": id(&other), "completed_tasks": [floors]}), "completed_tasks[0]"),
        (json!({"plan_id": id(&first), "completed_tasks": [floors, "no"]}), "completed_tasks[1]"),
    ] {
        assert_eq!(put(&app, &path, input).await.expect(422).json()["details"]["field"], field);
    }
    assert_eq!(
        faults(&put(&app, &path, json!({"actual_duration": -1})).await.expect(400)),
        ["plan_id", "actual_duration"]
    );
    put(&app, "/renos/bookings/no/plan", json!({"plan_id": id(&first)})).await.expect(404);
    assert_eq!(row(&app, "cleaning_plan_bookings", id(&more)).await["completed_tasks"], json!([floors, windows]));

    let another = put(&app, &path, json!({"plan_id": id(&other)})).await.expect(200).json();
    assert_eq!(
        [
            &another["id"],
            &another["plan_id"],
            &another["completed_tasks"],
            &another["actual_duration"],
            &another["notes"]
        ],
        [&more["id"], &other["id"], &json!([]), &Value::Null, &Value::Null]
    );
}
