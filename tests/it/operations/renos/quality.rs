//! Checklists and assessments.

use super::*;

const COMPOSE: &str = "/renos/quality_checklists/compose";
const ASSESS: &str = "/renos/quality_assessments/assess";

/// Items of 8, 10 (as none are said) and 2 points.
fn items() -> Value {
    json!([{"id": "frames", "title": "Frames", "points": 8}, {"id": "glass", "title": " Glass ", "photo_required": true},
        {"id": "sills", "title": "Sills", "points": 2, "required": false, "order": 9}])
}

async fn checklist(app: &Person, service_type: &str) -> Value {
    let input = json!({"service_type": service_type, "name": "List", "description": "d", "items": items()});
    call(app, COMPOSE, input).await.expect(201).json()
}

fn id(row: &Value) -> &str {
    row["id"].as_str().unwrap()
}

#[tokio::test]
async fn a_kind_of_service_has_one_list_in_use_and_versions_of_it() {
    let (api, app) = backend().await;
    let first = checklist(&app, " gutters ").await;
    assert_eq!(
        [&first["service_type"], &first["is_active"], &first["version"]],
        [&json!("gutters"), &json!(true), &json!(1)]
    );
    assert_eq!(
        first["items"],
        json!([
            {"id": "frames", "title": "Frames", "points": 8, "required": true, "photo_required": false, "order": 1},
            {"id": "glass", "title": "Glass", "required": true, "photo_required": true, "order": 2},
            {"id": "sills", "title": "Sills", "points": 2, "required": false, "photo_required": false, "order": 9},
        ])
    );
    let active = async || read(&app, "/renos/quality_checklists/active?service_type=gutters").await.expect(200).json();
    assert_eq!(active().await, first);
    let again = call(&app, COMPOSE, json!({"service_type": "gutters", "name": "x", "items": items()})).await;
    assert_eq!(
        again.expect(409).json()["details"],
        json!({"columns": ["service_type"], "quality_checklist_id": first["id"]})
    );

    let path = format!("/renos/quality_checklists/{}/new_version", id(&first));
    let second = call(&app, &path, json!({"name": "Second", "description": null})).await.expect(201).json();
    assert_eq!(
        [&second["name"], &second["description"], &second["items"], &second["version"], &second["is_active"]],
        [&json!("Second"), &Value::Null, &first["items"], &json!(2), &json!(true)]
    );
    assert_eq!(row(&app, "quality_checklists", id(&first)).await["is_active"], json!(false));
    assert_eq!(active().await, second);
    let one = json!([{"id": "a", "title": "A"}]);
    let third = call(&app, &path, json!({"items": one})).await.expect(201).json();
    assert_eq!([&third["name"], &third["version"], &third["items"][0]["id"]], [&json!("List"), &json!(3), &json!("a")]);
    assert_eq!(active().await, third);

    let copy = format!("/renos/quality_checklists/{}/duplicate", id(&first));
    let copied = call(&app, &copy, json!({"service_type": "roof", "name": " Roof "})).await.expect(201).json();
    assert_eq!(
        [&copied["name"], &copied["items"], &copied["version"], &copied["description"]],
        [&json!("Roof"), &first["items"], &json!(1), &json!("d")]
    );
    let taken = call(&app, &copy, json!({"service_type": "roof", "name": "x"})).await.expect(409).json();
    assert_eq!(taken["details"]["quality_checklist_id"], copied["id"]);
    let lists: i64 =
        api.query("select count(*) from renos.quality_checklists where service_type in ('gutters', 'roof')").await;
    assert_eq!(lists, 4, "what was refused made none");
    read(&app, "/renos/quality_checklists/active?service_type=no").await.expect(404);
    call(&app, "/renos/quality_checklists/no/new_version", json!({})).await.expect(404);
    call(&app, "/renos/quality_checklists/no/duplicate", json!({"service_type": "x", "name": "x"})).await.expect(404);
}

#[tokio::test]
async fn items_of_a_list_are_told_apart() {
    let (api, app) = backend().await;
    let list = checklist(&app, "gutters").await;
    let path = format!("/renos/quality_checklists/{}/new_version", id(&list));
    let twice = json!([{"id": "a", "title": "A"}, {"id": "b", "title": "B"}, {"id": " a ", "title": "C"}]);
    for (items, fields) in [
        (twice, vec!["items[2].id"]),
        (json!([]), vec!["items"]),
        (json!([{"id": "a", "title": "A", "points": 11}]), vec!["items[0].points"]),
        (json!([{"id": "a", "title": "A", "points": 0}]), vec!["items[0].points"]),
        (json!([{"id": " ", "title": "A", "weight": 1}]), vec!["items[0].id", "items[0].weight"]),
    ] {
        let made = call(&app, COMPOSE, json!({"service_type": "roof", "name": "x", "items": items})).await.expect(400);
        assert_eq!(faults(&made), fields);
        assert_eq!(faults(&call(&app, &path, json!({"items": items})).await.expect(400)), fields);
    }
    let lists: i64 =
        api.query("select count(*) from renos.quality_checklists where service_type in ('gutters', 'roof')").await;
    assert_eq!(lists, 1);
    assert_eq!(row(&app, "quality_checklists", id(&list)).await, list);
}

#[tokio::test]
async fn of_32_lists_at_once_one_is_made_and_versions_have_a_number_each() {
    let (api, app) = backend().await;
    let input = json!({"service_type": "gutters", "name": "x", "items": items()});
    let statuses = at_once(32, async |_| call(&app, COMPOSE, input.clone()).await).await;
    assert_eq!((statuses[0], &statuses[1..]), (201, &[409; 31][..]));
    let list: String = api.query("select id from renos.quality_checklists where service_type = 'gutters'").await;
    let path = format!("/renos/quality_checklists/{list}/new_version");
    assert_eq!(at_once(32, async |_| call(&app, &path, json!({})).await).await, [201; 32]);
    let versions: String = api
        .query(
            "select format('%s %s %s', count(distinct version), max(version), count(*) filter (where is_active))
            from renos.quality_checklists where service_type = 'gutters'",
        )
        .await;
    assert_eq!(versions, "33 33 1");
}

#[tokio::test]
async fn an_assessment_has_the_points_of_what_is_done_over_those_of_the_whole_list() {
    let (api, app) = backend().await;
    let (list, assessor) = (checklist(&app, "gutters").await, user(&api, "ann").await);
    let lead = lead(&api, &customer(&api).await).await;
    let input = |items: Value| {
        json!({"lead_id": lead, "checklist_id": list["id"], "assessed_by": assessor, "overall_score": 4,
            "notes": " n ", "completed_items": items})
    };
    let points = |row: &Value| json!([row["total_points_earned"], row["max_possible_points"], row["percentage_score"]]);
    let made = json!([{"id": " frames ", "points_earned": 5}, {"id": "glass"}, {"id": "sills", "completed": false, "points_earned": 2}]);
    let made = call(&app, ASSESS, input(made)).await.expect(201).json();
    assert_eq!(points(&made), json!([15, 20, 75.0]));
    assert_eq!(
        [&made["status"], &made["notes"], &made["overall_score"]],
        [&json!("completed"), &json!("n"), &json!(4)]
    );
    assert_eq!(
        made["completed_items"][0],
        json!({"id": "frames", "completed": true, "photo_urls": [], "points_earned": 5})
    );
    let part = call(&app, ASSESS, input(json!([{"id": "sills", "points_earned": 1}]))).await.expect(201).json();
    assert_eq!(points(&part), json!([1, 20, 5.0]), "of the whole list, not of what was done");
    assert_eq!(points(&call(&app, ASSESS, input(json!([]))).await.expect(201).json()), json!([0, 20, 0.0]));

    let path = format!("/renos/quality_assessments/{}", id(&made));
    let changed =
        patch(&app, &path, json!({"completed_items": [{"id": "frames"}], "notes": null})).await.expect(200).json();
    assert_eq!(points(&changed), json!([8, 20, 40.0]));
    assert_eq!([&changed["notes"], &changed["overall_score"]], [&Value::Null, &json!(4)]);
    let changed = patch(&app, &path, json!({"overall_score": 5})).await.expect(200).json();
    assert_eq!((points(&changed), &changed["overall_score"]), (json!([8, 20, 40.0]), &json!(5)));
    for (items, field) in [
        (json!([{"id": "frames"}, {"id": "doors"}]), "completed_items[1].id"),
        (json!([{"id": "frames"}, {"id": "frames"}]), "completed_items[1].id"),
        (json!([{"id": "sills", "points_earned": 3}]), "completed_items[0].points_earned"),
    ] {
        assert_eq!(
            patch(&app, &path, json!({"completed_items": items})).await.expect(422).json()["details"]["field"],
            field
        );
        assert_eq!(call(&app, ASSESS, input(items)).await.expect(422).json()["details"]["field"], field);
    }
    assert_eq!(faults(&patch(&app, &path, json!({})).await.expect(400)), [""]);
    assert_eq!(faults(&patch(&app, &path, json!({"percentage_score": 99})).await.expect(400)), ["percentage_score"]);
    assert_eq!(row(&app, "quality_assessments", id(&made)).await, changed);

    let review = format!("{path}/review");
    let statuses = at_once(32, async |_| call(&app, &review, json!({})).await).await;
    assert_eq!((statuses[0], &statuses[1..]), (200, &[409; 31][..]));
    let reviewed = row(&app, "quality_assessments", id(&made)).await;
    refused_in(call(&app, &review, json!({})).await, &json!("reviewed"), &json!(["completed"]));
    refused_in(
        patch(&app, &path, json!({"overall_score": 1})).await,
        &json!("reviewed"),
        &json!(["in_progress", "completed"]),
    );
    assert_eq!(row(&app, "quality_assessments", id(&made)).await, reviewed);
    patch(&app, "/renos/quality_assessments/no", json!({"overall_score": 1})).await.expect(404);
    call(&app, "/renos/quality_assessments/no/review", json!({})).await.expect(404);
}

#[tokio::test]
async fn an_assessment_is_of_a_lead_with_a_list_by_somebody() {
    let (api, app) = backend().await;
    let (list, assessor) = (checklist(&app, "gutters").await, user(&api, "ann").await);
    let lead = lead(&api, &customer(&api).await).await;
    let sql = "select count(*) from renos.quality_assessments";
    let before: i64 = api.query(sql).await;
    for (change, status, field) in [
        (json!({"lead_id": "no"}), 422, "lead_id"),
        (json!({"checklist_id": "no"}), 422, "checklist_id"),
        (json!({"assessed_by": "no"}), 422, "assessed_by"),
        (json!({"overall_score": 6}), 400, "overall_score"),
        (json!({"overall_score": 0}), 400, "overall_score"),
        (json!({"completed_items": [{"id": "frames", "points_earned": 11}]}), 400, "completed_items[0].points_earned"),
        (json!({"status": "reviewed"}), 400, "status"),
    ] {
        let mut input = json!({"lead_id": lead, "checklist_id": list["id"], "assessed_by": assessor, "overall_score": 4,
            "completed_items": []});
        input.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let answer = call(&app, ASSESS, input).await.expect(status);
        match status {
            422 => assert_eq!(answer.json()["details"]["field"], field),
            _ => assert_eq!(faults(&answer), [field]),
        }
    }
    let after: i64 = api.query(sql).await;
    assert_eq!(after, before);
}

/// Assessments of one day of 2031: stars and percentage.
async fn assessments(api: &Api, app: &Person) -> String {
    let (list, assessor) = (checklist(app, "gutters").await, user(api, "ann").await);
    let other = checklist(app, "roof").await;
    let lead = lead(api, &customer(api).await).await;
    api.execute(&format!(
        "insert into renos.quality_assessments
            (lead_id, checklist_id, assessed_by, completed_items, overall_score, percentage_score, total_points_earned,
             max_possible_points, status, created_at)
         select '{lead}', list, '{assessor}', '[]', stars, percentage, 0, 0, status, at::timestamptz
         from (values
            ('{0}', 5, 90.5, 'completed', '2031-01-31T22:59:00Z'), ('{0}', 3, 60, 'reviewed', '2031-01-31T23:00:00Z'),
            ('{1}', 1, 10, 'completed', '2031-02-01T12:00:00Z'), ('{1}', 1, 20, 'completed', '2031-02-01T12:00:00Z'),
            ('{1}', 2, 30, 'completed', '2031-02-02T12:00:00Z'), ('{1}', 1, 0, 'in_progress', '2031-02-02T12:00:00Z')
         ) a (list, stars, percentage, status, at)",
        id(&list),
        id(&other)
    ))
    .await;
    lead
}

#[tokio::test]
async fn figures_of_quality_are_by_stars_service_and_month() {
    let (api, app) = backend().await;
    assessments(&api, &app).await;
    let figures = read(&app, "/renos/quality/metrics?from=2031-01-01").await.expect(200).json();
    assert_eq!(
        [&figures["assessments"], &figures["average_score"], &figures["average_percentage"]],
        [&json!(5), &json!(2.4), &json!(42.1)]
    );
    assert_eq!(figures["distribution"], json!({"1": 2, "2": 1, "3": 1, "4": 0, "5": 1}));
    let rows = |name: &str, key: &str| -> Vec<Value> {
        let list = figures[name].as_array().unwrap().iter();
        list.map(|row| json!([row[key], row["assessments"], row["average_score"], row["average_percentage"]])).collect()
    };
    assert_eq!(
        rows("by_service_type", "service_type"),
        [json!(["gutters", 2, 4.0, 75.25]), json!(["roof", 3, 1.33, 20.0])]
    );
    assert_eq!(rows("by_month", "month"), [json!(["2031-01", 1, 5.0, 90.5]), json!(["2031-02", 4, 1.75, 30.0])]);
    let day = read(&app, "/renos/quality/metrics?from=2031-02-01&to=2031-02-01").await.expect(200).json();
    assert_eq!([&day["assessments"], &day["average_score"]], [&json!(3), &json!(1.67)]);
    let none = read(&app, "/renos/quality/metrics?from=2031-03-01").await.expect(200).json();
    assert_eq!(
        [&none["assessments"], &none["average_score"], &none["by_month"]],
        [&json!(0), &Value::Null, &json!([])]
    );
    assert_eq!(faults(&read(&app, "/renos/quality/metrics?to=x").await.expect(400)), ["to"]);

    api.execute(
        "update renos.quality_assessments a set created_at = timestamptz '2032-01-15Z' + n * interval '1 month'
         from (select id, row_number() over (order by id) as n from renos.quality_assessments) numbered
         where numbered.id = a.id",
    )
    .await;
    let year = read(&app, "/renos/quality/metrics").await.expect(200).json();
    assert_eq!(year["by_month"].as_array().unwrap().len(), 12);
}

#[tokio::test]
async fn the_worst_assessments_come_first_with_their_people() {
    let (api, app) = backend().await;
    api.execute("delete from renos.quality_assessments").await;
    let lead = assessments(&api, &app).await;
    let list = async |query: &str| -> Vec<Value> {
        let rows = read(&app, &format!("/renos/quality/issues?{query}")).await.expect(200).json();
        rows.as_array().unwrap().iter().map(|row| json!([row["overall_score"], row["percentage_score"]])).collect()
    };
    let all = [json!([1, 10.0]), json!([1, 20.0]), json!([2, 30.0]), json!([3, 60.0])];
    assert_eq!(list("").await, all);
    assert_eq!(list("severity=low").await, all);
    assert_eq!(list("severity=medium").await, all[..3]);
    assert_eq!(list("severity=high").await, all[..2]);
    assert_eq!(list("limit=2&offset=1").await, all[1..3]);
    let answer = read(&app, "/renos/quality/issues?limit=1").await.expect(200);
    assert!(!answer.text().contains("password"), "no secret");
    let worst = answer.json()[0].clone();
    assert_eq!([&worst["lead"]["id"], &worst["checklist"]["service_type"]], [&json!(lead), &json!("roof")]);
    assert_eq!([&worst["assessor"]["name"], &worst["assessor"]["id"]], [&json!("ann"), &worst["assessed_by"]]);
    for (query, field) in [("severity=great", "severity"), ("limit=0", "limit"), ("offset=-1", "offset")] {
        let answer = read(&app, &format!("/renos/quality/issues?{query}")).await;
        assert_eq!(faults(&answer.expect(400)), [field]);
    }
}
