//! Updates in bulk: an array whose objects each change the row that they name.

use axum::http::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Api, shapes, shapes_with};

async fn patch(api: &Api, path: &str, prefer: &str, body: Value) -> Answer {
    api.writer.write(Method::PATCH, path, &[("prefer", prefer)], body).await
}

fn sorted(answer: &Answer) -> Vec<Value> {
    let mut rows = answer.json().as_array().unwrap().clone();
    rows.sort_by_key(|row| row["id"].as_i64());
    rows
}

#[tokio::test]
async fn somebody_elses_row_is_not_changed_whatever_an_object_says() {
    let api = shapes().await;
    let body = json!([{"id": 1, "note": "mine"}, {"id": 2, "note": "not mine"}, {"id": 99, "note": "nobody's"}]);
    let changed = patch(&api, "/shapes/guarded", "return=representation, count=exact", body.clone()).await.expect(200);
    assert_eq!(changed.json(), json!([{"id": 1, "owner": "ann", "note": "mine"}]));
    assert_eq!(changed.header("content-range"), "0-0/1");
    let note = async |id: i32| api.query::<String>(&format!("select note from shapes.guarded where id = {id}")).await;
    assert_eq!(note(2).await, "of bob");
    // What a policy does not let a row become undoes the whole statement.
    api.execute("create policy keep on shapes.guarded as restrictive using (true) with check (note <> 'no')").await;
    let given_away = json!([{"id": 1, "note": "again"}, {"id": 1, "note": "no"}]);
    patch(&api, "/shapes/guarded", "", given_away).await.expect(400);
    patch(&api, "/shapes/guarded", "", json!([{"id": 1, "note": "no"}])).await.expect(403);
    patch(&api, "/shapes/guarded", "", json!([{"id": 1, "owner": "bob"}])).await.expect(403);
    assert_eq!((note(1).await, note(2).await), ("mine".to_owned(), "of bob".to_owned()));
    api.anonymous.write(Method::PATCH, "/shapes/guarded", &[], body).await.expect(401);
}

#[tokio::test]
async fn only_columns_that_may_be_written_are_and_keys_need_not_be() {
    let api = shapes().await;
    patch(&api, "/shapes/secrets", "", json!([{"id": 1, "open": "changed"}])).await.expect(204);
    assert_eq!(api.query::<String>("select open from shapes.secrets").await, "changed");
    patch(&api, "/shapes/secrets", "", json!([{"id": 1, "hidden": "changed"}])).await.expect(403);
    patch(&api, "/shapes/secrets?on_conflict=hidden&id=gt.0", "", json!([{"hidden": "unseen", "open": "x"}]))
        .await
        .expect(403);
}

#[tokio::test]
async fn each_row_takes_its_own_values_in_one_statement() {
    let api = shapes().await;
    let body = json!([{"id": 2, "name": "O", "population": null}, {"id": 1, "name": "A", "population": 7}]);
    let changed =
        patch(&api, "/shapes/cities?select=id,name,population", "return=representation", body).await.expect(200);
    assert_eq!(
        sorted(&changed),
        [json!({"id": 1, "name": "A", "population": 7}), json!({"id": 2, "name": "O", "population": null})]
    );
    assert_eq!(api.query::<i64>("select count(*) from shapes.cities where name in ('A', 'O')").await, 2);
    let embedded = json!([{"id": 3, "name": "S"}]);
    let embedded = patch(&api, "/shapes/cities?select=name,mayors(name)", "return=representation", embedded).await;
    assert_eq!(embedded.expect(200).json(), json!([{"name": "S", "mayors": {"name": "Kim"}}]));
    let many: Vec<_> = (1..=5).map(|id| json!({"id": id, "population": id * 10})).collect();
    patch(&api, "/shapes/cities", "", json!(many)).await.expect(204);
    assert_eq!(api.query::<i64>("select sum(population)::bigint from shapes.cities").await, 150);
}

#[tokio::test]
async fn another_key_and_filters_narrow_what_is_changed() {
    let api = shapes().await;
    api.execute("insert into shapes.keys values (1, 1, 'a', 1), (1, 2, 'b', 2), (2, 1, 'c', 3)").await;
    let values = async || api.query::<String>("select string_agg(value, '' order by a, b) from shapes.keys").await;
    let body = json!([{"a": 1, "b": 1, "value": "x"}, {"a": 2, "b": 1, "value": "y"}]);
    patch(&api, "/shapes/keys", "", body.clone()).await.expect(204);
    assert_eq!(values().await, "xby");
    let body = json!([{"a": 1, "b": 1, "value": "p"}, {"a": 2, "b": 1, "value": "q"}]);
    patch(&api, "/shapes/keys?on_conflict=a,b&counter=gt.1", "", body).await.expect(204);
    assert_eq!(values().await, "xbq");
    patch(
        &api,
        "/shapes/keys?on_conflict=counter&a=gt.0&columns=counter,value",
        "",
        json!([{"counter": 2, "value": "z", "b": 9}]),
    )
    .await
    .expect(204);
    assert_eq!(values().await, "xzq");
    let strict = "handling=strict, max-affected=1";
    let two = json!([{"a": 1, "b": 1, "value": "m"}, {"a": 1, "b": 2, "value": "m"}]);
    assert_eq!(patch(&api, "/shapes/keys", strict, two).await.expect(400).json()["code"], "PGRST124");
    let defaults = json!([{"a": 1, "b": 1, "value": "d"}]);
    patch(&api, "/shapes/keys?columns=a,b,value,counter", "missing=default", defaults).await.expect(204);
    assert_eq!(api.query::<i32>("select counter from shapes.keys where value = 'd'").await, 7);
}

#[tokio::test]
async fn what_names_no_row_or_one_twice_is_refused_and_changes_nothing() {
    let api = shapes().await;
    let refused = async |path: &str, body: Value| {
        let answer = patch(&api, path, "", body).await.expect(400).json();
        answer["code"].as_str().unwrap().to_owned()
    };
    let twice = json!([{"id": 1, "name": "x"}, {"id": 2, "name": "y"}, {"id": 1, "name": "z"}]);
    assert_eq!(refused("/shapes/rivers", twice).await, "query.duplicate_key");
    assert_eq!(refused("/shapes/rivers", json!([{"name": "x"}])).await, "query.missing_key");
    assert_eq!(refused("/shapes/rivers?on_conflict=nope", json!([{"id": 1, "name": "x"}])).await, "42703");
    assert_eq!(refused("/shapes/rivers", json!([{"id": 1, "name": "x"}, {"id": 2}])).await, "PGRST102");
    assert_eq!(refused("/shapes/rivers", json!([{"id": "one", "name": "x"}])).await, "22P02");
    assert_eq!(refused("/shapes/rivers", json!({"name": "x"})).await, "21000", "one object for all rows");
    let by_name = json!([{"name": "Å", "id": 7}]);
    assert_eq!(refused("/shapes/rivers?on_conflict=name", by_name).await, "21000", "a name may be many rows'");
    let nobodys = json!([{"name": null, "id": 8}, {"name": null, "id": 9}]);
    patch(&api, "/shapes/rivers?on_conflict=name&id=gt.0", "", nobodys).await.expect(204);
    let names = api.query::<String>("select string_agg(name, ',' order by id) from shapes.rivers").await;
    assert_eq!(names, "Å,Norrström,Akerselva");
    for nothing in [json!([]), json!([{"id": 1}])] {
        assert_eq!(patch(&api, "/shapes/rivers", "return=representation", nothing).await.expect(200).json(), json!([]));
    }
}

#[tokio::test]
async fn an_array_with_a_filter_and_no_key_is_read_as_postgrest_reads_it() {
    let api = shapes_with(|config| config.api.safe_writes = false).await;
    patch(&api, "/shapes/countries?code=eq.XX", "", json!([{"code": "YY", "name": "Z"}])).await.expect(204);
    assert_eq!(api.query::<String>("select name from shapes.countries where code = 'YY'").await, "Z");
    // All rows, where that is allowed.
    patch(&api, "/shapes/mayors", "", json!([{"name": "Everybody"}])).await.expect(204);
    assert_eq!(api.query::<i64>("select count(*) from shapes.mayors where name = 'Everybody'").await, 2);
}
