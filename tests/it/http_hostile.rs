//! Input that means harm, or nothing: a 4xx in PostgREST's shape, within milliseconds, nothing written.

use std::time::{Duration, Instant};

use crate::support::shapes;
use axum::http::Method;

#[tokio::test]
async fn bad_requests_are_refused_quickly_and_in_shape() {
    let api = shapes().await;
    let deep = format!("/shapes/cities?select={}id{}", "a(".repeat(10_000), ")".repeat(10_000));
    let deep_logic = format!("/shapes/cities?and={}id.eq.1{}", "(and".repeat(10_000), ")".repeat(10_000));
    let paths = [
        ("/shapes/nope", 404, "PGRST205"),
        ("/shapes/cities?select=nope", 400, "42703"),
        ("/shapes/cities?nope=eq.1", 400, "42703"),
        ("/shapes/cities?order=nope", 400, "42703"),
        ("/shapes/cities?id=nope.1", 400, "PGRST100"),
        ("/shapes/cities?id=1", 400, "PGRST100"),
        ("/shapes/cities?id=eq.abc", 400, "22P02"),
        ("/shapes/cities?select=id::nope", 400, "42704"),
        ("/shapes/cities?select=id::int)%3Bdrop", 400, "PGRST100"),
        ("/shapes/cities?select=name::\"x\"", 400, "PGRST100"),
        ("/shapes/cities?limit=abc", 400, "PGRST100"),
        ("/shapes/cities?limit=-1", 416, "PGRST103"),
        ("/shapes/cities?name=eq.%00", 400, "PGRST100"),
        ("/shapes/cities?name=eq.%ff", 400, "PGRST100"),
        ("/shapes/cities?%ff=eq.1", 400, "PGRST100"),
        ("/shapes/cities?columns=id", 400, "query.unknown_parameter"),
        ("/shapes/cities?on_conflict=id", 400, "query.unknown_parameter"),
        ("/shapes/cities?select=id&select=name", 400, "query.unknown_parameter"),
        ("/shapes/cities?name=fts.a%20b", 400, "42601"),
        ("/shapes/cities?tags=cs.{{{", 400, "22P02"),
        ("/shapes/cities?select=population.sum()", 400, "PGRST123"),
        (deep.as_str(), 400, "PGRST100"),
        (deep_logic.as_str(), 400, "PGRST100"),
    ];
    for (path, status, code) in paths {
        let path = path.replace('{', "%7B").replace('"', "%22").replace('>', "%3E");
        let started = Instant::now();
        let answer = api.reader.get(&path).await;
        let shown: String = path.chars().take(80).collect();
        assert_eq!(
            (answer.status.as_u16(), answer.json()["code"].as_str()),
            (status, Some(code)),
            "{shown}: {}",
            answer.text()
        );
        assert!(started.elapsed() < Duration::from_millis(500), "{shown}: {:?}", started.elapsed());
        for member in ["message", "details", "hint"] {
            assert!(answer.json().get(member).is_some(), "{shown}: {member}");
        }
        assert_eq!(answer.header("proxy-status"), format!("PostgREST; error={code}"), "{shown}");
    }
}

#[tokio::test]
async fn bad_bodies_are_refused_and_nothing_is_written() {
    let api = shapes().await;
    let before: i64 = api.query("select count(*) from shapes.rivers").await;
    let deep = format!("{{\"id\": 1, \"name\": {}{}}}", "[".repeat(10_000), "]".repeat(10_000));
    let large = format!("{{\"id\": 1, \"name\": \"{}\"}}", "x".repeat(50_000_000));
    let bodies: [(&[u8], u16); 12] = [
        (b"", 400),
        (b"{", 400),
        (b"{\"id\": 1,}", 400),
        (b"[{\"id\": 1}, {\"name\": 2}]", 400),
        (b"[1, 2]", 400),
        (b"{\"id\": 1, \"name\": \"\\u0000\"}", 400),
        (b"{\"id\": 1, \"name\": \"\xff\"}", 400),
        (b"{\"id\": 1e999, \"name\": \"x\"}", 400),
        (b"\xef\xbb\xbf{}", 400),
        (b"{\"id\": 1, \"name\": \"x\", \"nope\": 1}", 400),
        (deep.as_bytes(), 400),
        (large.as_bytes(), 413),
    ];
    for (body, status) in bodies {
        let headers = [("content-type", "application/json")];
        let answer = api.writer.send(Method::POST, "/shapes/rivers", &headers, body.to_vec()).await;
        let shown = String::from_utf8_lossy(&body[..body.len().min(60)]).into_owned();
        assert_eq!(answer.status.as_u16(), status, "{shown}: {}", answer.text());
        assert!(answer.json()["code"].is_string(), "{shown}");
    }
    let media =
        api.writer.send(Method::POST, "/shapes/rivers", &[("content-type", "image/png")], "x").await.expect(400);
    assert_eq!(media.json()["message"], "Content-Type not acceptable: image/png");
    let after: i64 = api.query("select count(*) from shapes.rivers").await;
    assert_eq!(before, after);
}

#[tokio::test]
async fn tokens_that_are_wrong_never_make_an_anonymous_caller() {
    let api = shapes().await;
    let long = format!("Bearer {}", "a".repeat(100_000));
    for authorization in ["Bearer x", "Bearer a.b.c", "Basic dXNlcjpwYXNz", "nonsense", "Bearer ", long.as_str()] {
        let answer = api.anonymous.get_with("/shapes/countries", &[("authorization", authorization)]).await.expect(401);
        assert!(!answer.header("www-authenticate").is_empty());
    }
    api.anonymous.get("/shapes/countries").await.expect(200);
}

#[tokio::test]
async fn what_can_not_be_made_is_not_acceptable() {
    let api = shapes().await;
    let answer = api.reader.get_with("/shapes/cities", &[("accept", "image/png")]).await.expect(406);
    assert_eq!(answer.json()["code"], "PGRST107");
    let strict = api.reader.get_with("/shapes/cities", &[("prefer", "handling=strict, anything")]).await.expect(400);
    assert_eq!(strict.json()["code"], "PGRST122");
    let method =
        api.reader.send(Method::from_bytes(b"BREW").expect("a method"), "/shapes/cities", &[], "").await.expect(405);
    assert_eq!(method.json()["code"], "PGRST117");
}

#[tokio::test]
async fn a_failure_comes_as_problem_details_to_who_asks_for_them() {
    let api = shapes().await;
    let accept = [("accept", "application/json, application/problem+json")];
    let answer = api.reader.get_with("/shapes/nope", &accept).await.expect(404);
    assert_eq!(answer.header("content-type"), "application/problem+json");
    assert_eq!(answer.header("content-length"), answer.body.len().to_string());
    let problem = answer.json();
    assert_eq!((problem["status"].as_u64(), problem["title"].as_str()), (Some(404), Some("Not Found")));
    assert_eq!((problem["code"].as_str(), &problem["detail"]), (Some("PGRST205"), &problem["message"]));
    api.reader.get_with("/shapes/countries?code=eq.DK", &accept).await.expect(200);
}
