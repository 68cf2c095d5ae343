//! Calls of functions.

use crate::support::shapes;
use axum::http::Method;
use serde_json::json;

#[tokio::test]
async fn a_scalar_is_the_body() {
    let api = shapes().await;
    assert_eq!(api.reader.get("/shapes/rpc/add?a=2&b=3").await.expect(200).text(), "5");
    assert_eq!(api.reader.post("/shapes/rpc/add", json!({"a": 2})).await.expect(200).text(), "3");
    assert_eq!(api.reader.post("/shapes/rpc/who", json!({})).await.expect(200).text(), "\"authenticated\"");
}

#[tokio::test]
async fn sets_and_rows_are_filtered_selected_and_embedded() {
    let api = shapes().await;
    assert_eq!(
        api.reader.get("/shapes/rpc/names").await.expect(200).json(),
        json!(["Denmark", "Norway", "Nowhere", "Sweden"])
    );
    let rows = api.reader.get("/shapes/rpc/cities_of?code=DK&select=name,countries(name)&id=gt.1").await.expect(200);
    assert_eq!(rows.json(), json!([{"name": "Odense", "countries": {"name": "Denmark"}}]));
    let one = api.reader.get("/shapes/rpc/first_city?select=name").await.expect(200);
    assert_eq!(one.text(), r#"{"name":"Aarhus"}"#);
    let table = api.reader.get("/shapes/rpc/totals?country=eq.DK").await.expect(200);
    assert_eq!(table.json(), json!([{"country": "DK", "people": 472_985}]));
}

#[tokio::test]
async fn a_count_of_a_call_is_of_the_same_call() {
    let api = shapes().await;
    let answer = api
        .reader
        .get_with("/shapes/rpc/cities_of?code=DK&select=id&limit=1", &[("prefer", "count=exact")])
        .await
        .expect(206);
    assert_eq!((answer.json(), answer.header("content-range").to_owned()), (json!([{"id": 1}]), "0-0/2".to_owned()));
}

#[tokio::test]
async fn overloads_and_variadics_are_chosen_by_their_arguments() {
    let api = shapes().await;
    assert_eq!(api.reader.get("/shapes/rpc/over?x=1").await.text(), "\"int\"");
    assert_eq!(api.reader.get("/shapes/rpc/over?x=1&y=2").await.text(), "\"two\"");
    assert_eq!(api.reader.get("/shapes/rpc/sum?numbers=1&numbers=2&numbers=3").await.expect(200).text(), "6");
    let unknown = api.reader.get("/shapes/rpc/over?z=1").await.expect(404).json();
    assert_eq!(unknown["code"], "PGRST202");
}

#[tokio::test]
async fn an_unnamed_json_parameter_takes_the_whole_body() {
    let api = shapes().await;
    assert_eq!(
        api.reader.post("/shapes/rpc/echo", json!({"any": [1, "thing"]})).await.expect(200).json(),
        json!({"any": [1, "thing"]})
    );
}

#[tokio::test]
async fn void_is_no_content_and_settings_override_the_answer() {
    let api = shapes().await;
    api.reader.post("/shapes/rpc/nothing", json!({})).await.expect(204);
    let tea = api.reader.post("/shapes/rpc/teapot", json!({})).await.expect(418);
    assert_eq!(tea.header("x-tea"), "Earl Grey");
}

#[tokio::test]
async fn errors_of_functions_keep_their_code() {
    let api = shapes().await;
    let failed = api.reader.post("/shapes/rpc/fail", json!({"message": "on purpose"})).await.expect(400).json();
    assert_eq!(failed, json!({"code": "P0001", "details": null, "hint": null, "message": "on purpose"}));
    let method = api.reader.send(Method::DELETE, "/shapes/rpc/add", &[], "").await.expect(405).json();
    assert_eq!(method["code"], "PGRST101");
}

#[tokio::test]
async fn a_function_can_not_frame_the_answer() {
    let api = shapes().await;
    for header in [r#""Content-Length": "3""#, r#""Transfer-Encoding": "chunked""#, r#""x y": "z""#, r#""X-A": "b\nc""#]
    {
        let body = json!({"headers": format!("{{{header}}}")});
        let refused = api.reader.post("/shapes/rpc/raise_headers", body).await.expect(500);
        assert_eq!(refused.json()["code"], "PGRST121", "{header}");
    }
    let sound = json!({"headers": r#"{"X-Tea": "Earl Grey"}"#});
    assert_eq!(api.reader.post("/shapes/rpc/raise_headers", sound).await.expect(418).header("x-tea"), "Earl Grey");
}

#[tokio::test]
async fn the_root_answers_with_and_without_a_slash() {
    let api = shapes().await;
    for path in ["/shapes", "/shapes/", "/rest/v1", "/rest/v1/"] {
        api.reader.get_with(path, &[("accept-profile", "shapes")]).await.expect(200);
    }
}

#[tokio::test]
async fn a_get_may_not_write() {
    let api = shapes().await;
    let refused = api.reader.get("/shapes/rpc/leave_state").await.expect(405).json();
    assert_eq!(refused["code"], "25006");
}

#[tokio::test]
async fn what_a_function_leaves_in_its_session_meets_no_other_caller() {
    let api = shapes().await;
    let zone: String = api.query("show timezone").await;
    for _ in 0..8 {
        api.reader.post("/shapes/rpc/leave_state", json!({})).await.expect(204);
        let found = api.reader.post("/shapes/rpc/find_state", json!({})).await.expect(200).json();
        let clean = json!({"setting": "none", "zone": zone, "table": false, "lock": false, "prepared": false});
        assert_eq!(found, clean);
    }
}
