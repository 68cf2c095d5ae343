//! Team members and their figures.

use super::*;

const HIRE: &str = "/renos/team_members/hire";

#[tokio::test]
async fn a_user_becomes_a_member_with_the_next_number() {
    let (api, app) = backend().await;
    let [ann, bob, eve] = [user(&api, "ann").await, user(&api, "bob").await, user(&api, "eve").await];
    let year: i32 = api.query("select extract(year from now() at time zone 'Europe/Copenhagen')::int").await;
    let input = json!({"user_id": ann, "skills": [" windows "], "hourly_rate": 185.005, "hire_date": "2026-01-31",
        "availability": {"monday": {"start": "08:00"}}});
    let hired = call(&app, HIRE, input).await.expect(201).json();
    let of = |name: &str| hired[name].clone();
    assert_eq!(
        [of("user_id"), of("skills"), of("hourly_rate"), of("hire_date"), of("availability"), of("is_active")],
        [
            json!(ann),
            json!(["windows"]),
            json!(185.01),
            json!("2026-01-31"),
            json!({"monday": {"start": "08:00"}}),
            json!(true)
        ]
    );
    let figures = hired["performance_metrics"].as_object().unwrap();
    assert!(figures.len() == 8 && figures.values().all(|figure| figure == 0), "{figures:?}");
    let first: i32 = hired["employee_id"].as_str().unwrap().rsplit_once('-').unwrap().1.parse().unwrap();
    assert_eq!(of("employee_id"), json!(format!("EMP-{year}-{first:04}")));

    api.execute(&format!("delete from renos.team_members where user_id = '{ann}'")).await;
    let next = call(&app, HIRE, json!({"user_id": bob})).await.expect(201).json();
    assert_eq!(next["employee_id"], json!(format!("EMP-{year}-{:04}", first + 1)), "no number comes again");
    let given = format!("EMP-{year}-{:04}", first + 7);
    call(&app, HIRE, json!({"user_id": eve, "employee_id": given})).await.expect(201);
    let after = call(&app, HIRE, json!({"user_id": ann})).await.expect(201).json();
    assert_eq!(after["employee_id"], json!(format!("EMP-{year}-{:04}", first + 8)), "the series goes on behind it");
}

#[tokio::test]
async fn who_is_no_user_or_a_member_already_is_not_hired() {
    let (api, app) = backend().await;
    let (ann, _) = member(&api, &app, "ann").await;
    let bob = user(&api, "bob").await;
    let taken: String = api.query(&format!("select employee_id from renos.team_members where user_id = '{ann}'")).await;
    let count = "select format('%s %s', (select count(*) from renos.team_members),
        (select sum(last_number) from renos.employee_counters))";
    let before: String = api.query(count).await;
    let hire = async |input: Value| call(&app, HIRE, input).await;
    assert_eq!(hire(json!({"user_id": "nobody"})).await.expect(422).json()["details"]["field"], "user_id");
    assert_eq!(hire(json!({"user_id": ann})).await.expect(409).json()["details"], json!({"columns": ["user_id"]}));
    let number = hire(json!({"user_id": bob, "employee_id": taken})).await.expect(409).json();
    assert_eq!(number["details"], json!({"columns": ["employee_id"]}));
    for (input, field) in [
        (json!({}), "user_id"),
        (json!({"user_id": bob, "hourly_rate": -1}), "hourly_rate"),
        (json!({"user_id": bob, "hire_date": "today"}), "hire_date"),
        (json!({"user_id": bob, "is_active": false}), "is_active"),
        (json!({"user_id": bob, "availability": {"text": "x".repeat(262_145)}}), "availability"),
    ] {
        assert_eq!(faults(&hire(input).await.expect(400)), [field]);
    }
    let after: String = api.query(count).await;
    assert_eq!(after, before, "no number was taken");
}

#[tokio::test]
async fn of_32_hired_at_once_each_has_a_number_and_a_user_one_record() {
    let (api, app) = backend().await;
    let mut users = Vec::new();
    for number in 0..32 {
        users.push(user(&api, &format!("u{number}")).await);
    }
    assert_eq!(at_once(32, async |n| call(&app, HIRE, json!({"user_id": users[n]})).await).await, [201; 32]);
    let numbers: i64 = api.query("select count(distinct employee_id) from renos.team_members m join renos.users u on u.id = m.user_id where u.name ~ '^u[0-9]+$'").await;
    assert_eq!(numbers, 32);
    let one = user(&api, "one").await;
    let statuses = at_once(32, async |_| call(&app, HIRE, json!({"user_id": one})).await).await;
    assert_eq!((statuses[0], &statuses[1..]), (201, &[409; 31][..]));
}

#[tokio::test]
async fn a_member_leaves_and_comes_back() {
    let (api, app) = backend().await;
    let (_, ann) = member(&api, &app, "ann").await;
    for (verb, is_active) in [("deactivate", false), ("deactivate", false), ("activate", true)] {
        let changed = call(&app, &format!("/renos/team_members/{ann}/{verb}"), json!({})).await.expect(200).json();
        assert_eq!(changed["is_active"], is_active);
        assert_eq!(row(&app, "team_members", &ann).await, changed);
        call(&app, &format!("/renos/team_members/no/{verb}"), json!({})).await.expect(404);
    }
}

#[tokio::test]
async fn figures_of_a_member_are_by_month_and_overtime_is_above_160_hours_of_one() {
    let (api, app) = backend().await;
    let (ann_user, ann) = member(&api, &app, "ann").await;
    let customer = customer(&api).await;
    let lead = lead(&api, &customer).await;
    let booking: String =
        api.query(&format!("insert into renos.bookings (lead_id) values ('{lead}') returning id")).await;
    // January: 20 entries of 8.5 hours with half an hour of pause, and one of 10 hours. February: one of 90.9 minutes.
    api.execute(&format!(
        "insert into renos.time_entries (team_member_id, start_time, end_time, break_duration, booking_id)
         select '{ann}', at, at + interval '8 hours 30 minutes', 30, '{booking}'
         from (select timestamp '2026-01-01 08:00' at time zone 'Europe/Copenhagen' + n * interval '1 day' as at
            from generate_series(0, 19) n) days;
         insert into renos.time_entries (team_member_id, start_time, end_time, lead_id) values
            ('{ann}', '2026-01-30T08:00:00+01:00', '2026-01-30T18:00:00+01:00', '{lead}'),
            ('{ann}', '2026-01-31T23:30:00Z', '2026-02-01T01:00:54Z', null),
            ('{ann}', '2026-03-01T08:00:00Z', null, null);
         insert into renos.quality_assessments
            (lead_id, checklist_id, assessed_by, completed_items, overall_score, percentage_score, total_points_earned,
             max_possible_points, status)
         select '{lead}', (select id from renos.quality_checklists limit 1), '{ann_user}', '[]', score, 0, 0, 0, status
         from (values (5, 'completed'), (4, 'reviewed'), (4, 'completed'), (1, 'in_progress')) a (score, status)"
    ))
    .await;
    let path = format!("/renos/team_members/{ann}/performance");
    let figures = read(&app, &path).await.expect(200).json();
    let of = |name: &str| figures[name].as_f64().unwrap();
    assert_eq!([of("entries"), of("minutes_worked"), of("overtime_hours")], [22.0, 10_290.0, 10.0]);
    assert_eq!([of("jobs_done"), of("assessments"), of("average_quality_score")], [2.0, 3.0, 4.33]);
    let months: Vec<_> = figures["months"]
        .as_array()
        .unwrap()
        .iter()
        .map(|m| json!([m["month"], m["entries"], m["minutes_worked"]]))
        .collect();
    assert_eq!(months, [json!(["2026-01", 21, 10_200]), json!(["2026-02", 1, 90])]);
    let days = read(&app, &format!("{path}?from=2026-01-02&to=2026-01-02")).await.expect(200).json();
    assert_eq!([&days["entries"], &days["minutes_worked"]], [&json!(1), &json!(480)]);
    assert_eq!(days["overtime_hours"].as_f64(), Some(0.0));
    let none = read(&app, &format!("{path}?from=2026-02-02&to=2026-02-28")).await.expect(200).json();
    assert_eq!(
        [&none["entries"], &none["average_quality_score"], &none["months"]],
        [&json!(0), &Value::Null, &json!([])]
    );
    assert_eq!(faults(&read(&app, &format!("{path}?from=1")).await.expect(400)), ["from"]);
    read(&app, "/renos/team_members/no/performance").await.expect(404);
}

#[tokio::test]
async fn overtime_is_what_a_day_has_above_eight_hours_over_all_its_entries() {
    let (api, app) = backend().await;
    let ((_, ann), (_, bob)) = (member(&api, &app, "ann").await, member(&api, &app, "bob").await);
    api.execute(&format!(
        "insert into renos.time_entries (team_member_id, start_time, end_time, break_duration) values
            ('{ann}', '2031-01-06T06:00:00+01:00', '2031-01-06T11:00:00+01:00', 0),
            ('{ann}', '2031-01-06T12:00:00+01:00', '2031-01-06T17:00:00+01:00', 30),
            ('{ann}', '2031-01-07T08:00:00+01:00', '2031-01-07T17:00:00+01:00', 60),
            ('{ann}', '2031-01-08T00:30:00+01:00', '2031-01-08T10:30:00+01:00', 0),
            ('{bob}', '2031-01-06T08:00:00+01:00', '2031-01-06T16:00:00+01:00', 0),
            ('{bob}', '2031-01-07T08:00:00+01:00', null, 0)"
    ))
    .await;
    let report = read(&app, "/renos/time_entries/overtime?start_date=2031-01-06&end_date=2031-01-08").await;
    let report = report.expect(200).json();
    assert_eq!(report.as_array().unwrap().len(), 1, "who has none is left out");
    assert_eq!(
        [&report[0]["team_member_id"], &report[0]["name"], &report[0]["overtime_minutes"]],
        [&json!(ann), &json!("ann"), &json!(210)]
    );
    assert_eq!(
        report[0]["days"],
        json!([
            {"date": "2031-01-06", "worked_minutes": 570, "overtime_minutes": 90},
            {"date": "2031-01-08", "worked_minutes": 600, "overtime_minutes": 120},
        ])
    );
    let later = read(&app, "/renos/time_entries/overtime?start_date=2031-01-07").await.expect(200).json();
    assert_eq!(later[0]["overtime_minutes"], 120);
    let none = read(&app, "/renos/time_entries/overtime?start_date=2031-01-09").await.expect(200).json();
    assert_eq!(none, json!([]));
    assert_eq!(faults(&read(&app, "/renos/time_entries/overtime?end_date=x").await.expect(400)), ["end_date"]);
}
