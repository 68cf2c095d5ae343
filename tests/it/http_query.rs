//! HTTP QUERY (RFC 10008): a read whose parameters are in the body.

use axum::http::Method;
use serde_json::json;

use crate::support::{Answer, Person, shapes, shapes_with};

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

async fn query(caller: &Person, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    let headers: Vec<_> = headers.iter().copied().chain([FORM]).collect();
    caller.send(Method::from_bytes(b"QUERY").unwrap(), path, &headers, body.to_owned()).await
}

#[tokio::test]
async fn a_query_is_answered_as_the_get_with_the_same_parameters() {
    let api = shapes().await;
    let parameters = "select=id,countries(name)&name=like.*o*&order=id&limit=1";
    let get = api.reader.get(&format!("/shapes/cities?{parameters}")).await.expect(200);
    let whole = query(&api.reader, "/shapes/cities", &[], parameters).await.expect(200);
    let parts =
        query(&api.reader, "/shapes/cities?select=id,countries(name)", &[], "name=like.*o*&order=id&limit=1").await;
    let override_header = [("x-http-method-override", "QUERY"), FORM];
    let disguised = api.reader.send(Method::POST, "/shapes/cities", &override_header, parameters).await;
    let profile = [("accept-profile", "shapes"), ("x-http-method-override", "query"), FORM];
    let by_profile = api.reader.send(Method::POST, "/rest/v1/cities", &profile, parameters).await;
    for answer in [whole, parts.expect(200), disguised.expect(200), by_profile.expect(200)] {
        assert_eq!(answer.text(), get.text());
        for header in ["content-type", "content-range", "link", "more-rows"] {
            assert_eq!(answer.header(header), get.header(header), "{header}");
        }
        assert!(
            answer.header("content-location").ends_with(get.header("content-location").trim_start_matches("/shapes"))
        );
    }
    let ranged = query(&api.reader, "/shapes/cities", &[("range", "1-2")], "select=id&order=id").await.expect(200);
    assert_eq!(ranged.json(), json!([{"id": 2}, {"id": 3}]));
    let single = [("accept", "application/vnd.pgrst.object+json")];
    assert_eq!(
        query(&api.reader, "/shapes/cities", &single, "select=id&id=eq.2").await.expect(200).text(),
        r#"{"id":2}"#
    );
}

#[tokio::test]
async fn a_query_may_be_longer_than_any_url() {
    let api = shapes_with(|config| config.server.max_url_bytes = 1000).await;
    let ids: Vec<_> = (1..20_000).map(|id| id.to_string()).collect();
    let body = format!("select=id&order=id&limit=2&id=in.({})", ids.join(","));
    api.reader.get(&format!("/shapes/cities?{body}")[..2_000]).await.expect(414);
    let answer = query(&api.reader, "/shapes/cities", &[], &body).await.expect(200);
    assert_eq!(answer.json(), json!([{"id": 1}, {"id": 2}]));
    assert_eq!((answer.header("content-location"), answer.header("link"), answer.header("more-rows")), ("", "", "."));
}

#[tokio::test]
async fn functions_that_change_nothing_take_queries_and_others_do_not() {
    let api = shapes().await;
    assert_eq!(query(&api.reader, "/shapes/rpc/add", &[], "a=40&b=2").await.expect(200).text(), "42");
    assert_eq!(
        query(&api.reader, "/shapes/rpc/cities_of?select=id", &[], "code=DK&id=gt.1").await.text(),
        r#"[{"id":2}]"#
    );
    query(&api.writer, "/shapes/cities", &[], "id=eq.1").await.expect(200);
    let api = shapes().await;
    api.execute(
        "create function shapes.touch() returns void language sql as $$ update shapes.cities set name = 'x' $$;
         grant execute on function shapes.touch to authenticated;",
    )
    .await;
    api.running.app().catalogs.reload().await.unwrap();
    let refused = query(&api.writer, "/shapes/rpc/touch", &[], "").await.expect(405);
    assert_eq!(refused.json()["code"], "25006", "a read-only transaction, as for GET");
    assert_eq!(query(&api.reader, "/rest/v1/", &[], "").await.expect(405).json()["code"], "PGRST117");
}

#[tokio::test]
async fn what_a_query_is_not_written_in_is_refused() {
    let api = shapes_with(|config| config.server.max_body_bytes = 100).await;
    let method = || Method::from_bytes(b"QUERY").unwrap();
    for headers in [vec![], vec![("content-type", "application/json")]] {
        let refused = api.reader.send(method(), "/shapes/cities", &headers, "{}").await.expect(415);
        assert_eq!(refused.header("accept-query"), "application/x-www-form-urlencoded");
        assert_eq!(refused.json()["code"], "request.query_media_type");
    }
    assert_eq!(query(&api.reader, "/shapes/cities", &[], "id=foo").await.expect(400).json()["code"], "PGRST100");
    let twice = query(&api.reader, "/shapes/cities?limit=1", &[], "limit=2").await.expect(400);
    assert_eq!(twice.json()["code"], "query.unknown_parameter");
    let bytes = api.reader.send(method(), "/shapes/cities", &[FORM], vec![0xff_u8]).await.expect(400);
    assert_eq!(bytes.json()["code"], "request.invalid_body");
    query(&api.reader, "/shapes/cities", &[], &format!("id=eq.1&name=eq.{}", "x".repeat(100))).await.expect(413);
    query(&api.anonymous, "/shapes/cities", &[], "").await.expect(401);
    let other = [("x-http-method-override", "DELETE"), ("content-type", "application/json")];
    let inserted = api.writer.send(Method::POST, "/shapes/countries", &other, r#"{"code": "FI", "name": "Finland"}"#);
    inserted.await.expect(201);
}

#[tokio::test]
async fn options_says_that_a_resource_takes_queries() {
    let api = shapes().await;
    let options = async |path| api.reader.send(Method::OPTIONS, path, &[], "").await.expect(200);
    assert_eq!(options("/shapes/cities").await.header("accept-query"), "application/x-www-form-urlencoded");
    assert_eq!(options("/shapes/rpc/add?a=1").await.header("accept-query"), "application/x-www-form-urlencoded");
    assert_eq!(options("/shapes/rpc/nothing").await.header("accept-query"), "");
    let preflight = [("origin", "https://a.example"), ("access-control-request-method", "QUERY")];
    let preflight = api.reader.send(Method::OPTIONS, "/shapes/cities", &preflight, "").await.expect(200);
    assert!(preflight.header("access-control-allow-methods").contains("QUERY"));
}
