//! Writes of relations.

use crate::support::shapes;
use axum::http::Method;
use serde_json::{Value, json};

#[tokio::test]
async fn insert_answers_as_asked() {
    let api = shapes().await;
    let row = json!({"id": 10, "name": "Gudenå"});
    let minimal = api.writer.write(Method::POST, "/shapes/rivers", &[], row).await.expect(201);
    assert_eq!((minimal.body.len(), minimal.header("content-range"), minimal.header("location")), (0, "*/*", ""));
    let key = [("prefer", "return=headers-only")];
    let headers =
        api.writer.write(Method::POST, "/shapes/rivers", &key, json!({"id": 11, "name": "x"})).await.expect(201);
    assert_eq!((headers.header("location"), headers.body.len()), ("/shapes/rivers?id=eq.11", 0));
    let shown = api
        .writer
        .post("/shapes/rivers?select=name", json!([{"id": 12, "name": "a"}, {"id": 13, "name": "b"}]))
        .await
        .expect(201);
    assert_eq!(shown.json(), json!([{"name": "a"}, {"name": "b"}]));
    assert_eq!(shown.header("preference-applied"), "return=representation");
}

#[tokio::test]
async fn insert_shows_related_rows() {
    let api = shapes().await;
    let answer = api
        .writer
        .post("/shapes/cities?select=name,countries(name)", json!({"name": "Bergen", "country": "NO"}))
        .await
        .expect(201);
    assert_eq!(answer.json(), json!([{"name": "Bergen", "countries": {"name": "Norway"}}]));
}

#[tokio::test]
async fn missing_columns_are_null_or_their_default() {
    let api = shapes().await;
    let rows = json!([{"a": 1, "b": 1, "value": "given"}, {"a": 1, "b": 2}]);
    let refused = api.writer.post("/shapes/keys", rows.clone()).await.expect(400).json();
    assert_eq!(
        (refused["code"].clone(), refused["message"].clone()),
        (json!("PGRST102"), json!("All object keys must match"))
    );
    let path = "/shapes/keys?columns=a,b,value,counter";
    let nulls = api.writer.post(path, rows.clone()).await.expect(400).json();
    assert_eq!(nulls["code"], "23502");
    let defaults = [("prefer", "return=representation, missing=default")];
    let made = api.writer.write(Method::POST, path, &defaults, rows).await.expect(201);
    assert_eq!(
        made.json(),
        json!([{"a": 1, "b": 1, "value": "given", "counter": 7}, {"a": 1, "b": 2, "value": "fresh", "counter": 7}])
    );
    assert_eq!(made.header("preference-applied"), "missing=default, return=representation");
}

#[tokio::test]
async fn csv_and_forms_are_bodies_too() {
    let api = shapes().await;
    let headers = [("content-type", "text/csv"), ("prefer", "return=representation")];
    let csv = "id,name\n20,\"a,b\"\n21,NULL\n22,c";
    let refused = api.writer.send(Method::POST, "/shapes/rivers", &headers, csv).await;
    assert_eq!(refused.json()["code"], "23502", "NULL is null");
    let made = api.writer.send(Method::POST, "/shapes/rivers", &headers, "id,name\n20,\"a,b\"\n22,c").await.expect(201);
    assert_eq!(made.json(), json!([{"id": 20, "name": "a,b"}, {"id": 22, "name": "c"}]));
    let form = [("content-type", "application/x-www-form-urlencoded"), ("prefer", "return=representation")];
    let made = api.writer.send(Method::POST, "/shapes/rivers", &form, "id=23&name=d+e").await.expect(201);
    assert_eq!(made.json(), json!([{"id": 23, "name": "d e"}]));
}

#[tokio::test]
async fn duplicates_are_merged_or_ignored() {
    let api = shapes().await;
    let upsert = |resolution: &'static str, body: Value| {
        let prefer = format!("return=representation, resolution={resolution}");
        let writer = api.writer.clone();
        async move { writer.write(Method::POST, "/shapes/rivers", &[("prefer", &prefer)], body).await }
    };
    let merged = upsert("merge-duplicates", json!([{"id": 1, "name": "Aarhus Å"}])).await.expect(200);
    assert_eq!(merged.json(), json!([{"id": 1, "name": "Aarhus Å"}]));
    assert_eq!(merged.header("preference-applied"), "resolution=merge-duplicates, return=representation");
    upsert("merge-duplicates", json!([{"id": 1, "name": "x"}, {"id": 30, "name": "new"}])).await.expect(201);
    let ignored =
        upsert("ignore-duplicates", json!([{"id": 1, "name": "y"}, {"id": 31, "name": "z"}])).await.expect(201);
    assert_eq!(ignored.json(), json!([{"id": 31, "name": "z"}]));
    api.writer.post("/shapes/rivers", json!({"id": 1, "name": "again"})).await.expect(409);
    let by_key = api
        .writer
        .write(
            Method::POST,
            "/shapes/keys?on_conflict=a,b",
            &[("prefer", "resolution=merge-duplicates")],
            json!({"a": 5, "b": 5}),
        )
        .await;
    by_key.expect(201);
}

#[tokio::test]
async fn update_changes_what_the_filters_name() {
    let api = shapes().await;
    let none = api.writer.write(Method::PATCH, "/shapes/rivers?id=eq.99", &[], json!({"name": "n"})).await.expect(204);
    assert_eq!(none.header("content-range"), "*/*");
    let one = api.writer.patch("/shapes/rivers?id=eq.2&select=name", json!({"name": "Strömmen"})).await.expect(200);
    assert_eq!(
        (one.json(), one.header("content-range").to_owned()),
        (json!([{"name": "Strömmen"}]), "0-0/*".to_owned())
    );
    let counted = [("prefer", "count=exact")];
    let counted =
        api.writer.write(Method::PATCH, "/shapes/rivers?id=in.(1,2)", &counted, json!({"name": "n"})).await.expect(204);
    assert_eq!(counted.header("content-range"), "0-1/2");
    let empty = api.writer.patch("/shapes/rivers?id=eq.1", json!({})).await.expect(200);
    assert_eq!(empty.json(), json!([]));
}

#[tokio::test]
async fn put_puts_one_row_at_its_key() {
    let api = shapes().await;
    let made = api
        .writer
        .put("/shapes/keys?a=eq.7&b=eq.8", json!({"a": 7, "b": 8, "value": "v", "counter": 1}))
        .await
        .expect(201);
    assert_eq!(made.json()[0]["value"], "v");
    let changed = api
        .writer
        .put("/shapes/keys?a=eq.7&b=eq.8", json!({"a": 7, "b": 8, "value": "w", "counter": 1}))
        .await
        .expect(200);
    assert_eq!(changed.json()[0]["value"], "w");
    let other = api
        .writer
        .put("/shapes/keys?a=eq.7&b=eq.8", json!({"a": 7, "b": 9, "value": "x", "counter": 1}))
        .await
        .expect(400);
    assert_eq!(other.json()["code"], "PGRST115");
    let filters = api.writer.put("/shapes/keys?a=eq.7", json!({"a": 7, "b": 8, "value": "x"})).await.expect(405);
    assert_eq!(filters.json()["code"], "PGRST105");
    let limited = api.writer.put("/shapes/keys?a=eq.7&b=eq.8&limit=1", json!({"a": 7, "b": 8})).await.expect(400);
    assert_eq!(limited.json()["code"], "PGRST114");
    let rows: i64 = api.query("select count(*) from shapes.keys where a = 7").await;
    assert_eq!(rows, 1);
}

#[tokio::test]
async fn delete_removes_what_the_filters_name() {
    let api = shapes().await;
    let gone = api.writer.delete("/shapes/cities_rivers?city=eq.4&select=river").await.expect(200);
    assert_eq!((gone.json(), gone.header("content-range").to_owned()), (json!([{"river": 3}]), "*/*".to_owned()));
    api.writer.send(Method::DELETE, "/shapes/cities_rivers?city=eq.3", &[], "").await.expect(204);
}

#[tokio::test]
async fn a_write_without_a_filter_is_refused() {
    let api = shapes().await;
    let patch = api.writer.patch("/shapes/rivers", json!({"name": "all"})).await.expect(400).json();
    let delete = api.writer.delete("/shapes/rivers").await.expect(400).json();
    assert_eq!((patch["code"].clone(), delete["code"].clone()), (json!("21000"), json!("21000")));
    assert_eq!(patch["message"], "UPDATE requires a WHERE clause");
    let rows: i64 = api.query("select count(*) from shapes.rivers where name = 'all'").await;
    assert_eq!(rows, 0);
}

#[tokio::test]
async fn a_singular_write_of_several_rows_changes_nothing() {
    let api = shapes().await;
    let headers = [("prefer", "return=representation"), ("accept", "application/vnd.pgrst.object+json")];
    let refused = api
        .writer
        .write(Method::PATCH, "/shapes/rivers?id=in.(1,2)", &headers, json!({"name": "both"}))
        .await
        .expect(406);
    assert_eq!(refused.json()["code"], "PGRST116");
    let limited = [("prefer", "handling=strict, max-affected=1")];
    let refused = api
        .writer
        .write(Method::PATCH, "/shapes/rivers?id=in.(1,2)", &limited, json!({"name": "both"}))
        .await
        .expect(400);
    assert_eq!(refused.json()["code"], "PGRST124");
    let rows: i64 = api.query("select count(*) from shapes.rivers where name = 'both'").await;
    assert_eq!(rows, 0);
    let one =
        api.writer.write(Method::PATCH, "/shapes/rivers?id=eq.1", &headers, json!({"name": "one"})).await.expect(200);
    assert_eq!(one.json(), json!({"id": 1, "name": "one"}));
}

#[tokio::test]
async fn constraints_and_rights_answer_with_their_codes() {
    let api = shapes().await;
    let foreign = api.writer.post("/shapes/cities", json!({"name": "x", "country": "ZZ"})).await.expect(409).json();
    assert_eq!(foreign["code"], "23503");
    let column = api.writer.post("/shapes/rivers", json!({"id": 1, "nope": 2})).await.expect(400).json();
    assert_eq!(
        (column["code"].clone(), column["message"].clone()),
        (json!("PGRST204"), json!("Could not find the 'nope' column of 'rivers' in the schema cache"))
    );
    let wrong_type = api.writer.post("/shapes/rivers", json!({"id": "x", "name": "y"})).await.expect(400).json();
    assert_eq!(wrong_type["code"], "22P02");
    let refused = api.anonymous.post("/shapes/rivers", json!({"id": 1, "name": "y"})).await.expect(401);
    assert_eq!((refused.json()["code"].clone(), refused.header("www-authenticate")), (json!("42501"), "Bearer"));
    api.writer.patch("/shapes/secrets?id=eq.1&select=id", json!({"hidden": "x"})).await.expect(403);
}
