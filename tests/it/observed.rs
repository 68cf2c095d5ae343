//! What a service says of itself, and what every answer carries whatever it is about.

use std::time::{Duration, Instant};

use axum::{
    body::Body,
    http::{Method, Request},
};
use serde_json::json;
use tekup_db::{config::Secret, http::system::Peer};
use tower::ServiceExt as _;

use crate::support::{Api, shapes, shapes_with, tekup_with};

/// `/metrics`, asked for from an address.
async fn metrics_from(api: &Api, address: &str) -> (u16, String) {
    metrics_with(api, address, &[]).await
}

async fn metrics_with(api: &Api, address: &str, headers: &[(&str, &str)]) -> (u16, String) {
    let request = Request::get("/metrics");
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    let mut request = request.body(Body::empty()).unwrap();
    request.extensions_mut().insert(Peer(address.parse().unwrap()));
    let response = api.running.router().oneshot(request).await.unwrap();
    let status = response.status().as_u16();
    let body = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

/// The sum of the samples whose name is that and whose labels hold all the parts.
fn sum(metrics: &str, name: &str, labels: &[&str]) -> Option<f64> {
    let values = metrics.lines().filter_map(|line| {
        let rest = line.strip_prefix(name).filter(|rest| rest.starts_with(['{', ' ']))?;
        labels.iter().all(|label| rest.contains(label)).then(|| rest.rsplit_once(' ')?.1.parse::<f64>().ok())?
    });
    values.reduce(std::ops::Add::add)
}

#[tokio::test]
async fn health_live_and_ready_say_how_it_is() {
    let api = shapes().await;
    let health = api.anonymous.get("/health").await.expect(200);
    let said = health.json();
    assert_eq!(health.header("content-type"), "application/json");
    assert_eq!((&said["status"], &said["database"]), (&json!("healthy"), &json!("connected")));
    assert_eq!(said["version"], env!("CARGO_PKG_VERSION"));
    let timestamp = said["timestamp"].as_str().unwrap();
    assert!(timestamp.parse::<jiff::Timestamp>().is_ok() && timestamp.ends_with('Z'), "{timestamp}");
    assert_eq!(said.as_object().unwrap().len(), 4, "{said}");
    api.anonymous.get("/live").await.expect(200);
    api.anonymous.get("/ready").await.expect(200);
}

#[tokio::test]
async fn metrics_are_for_loopback_or_for_the_holder_of_the_token() {
    let open = shapes().await;
    assert_eq!(metrics_from(&open, "127.0.0.1:1").await.0, 200);
    assert_eq!(metrics_from(&open, "[::1]:1").await.0, 200);
    assert_eq!(metrics_from(&open, "[::ffff:127.0.0.1]:1").await.0, 200);
    assert_eq!(metrics_from(&open, "10.0.0.1:1").await.0, 401);
    open.anonymous.get("/metrics").await.expect(401);
    // What a proxy or a page in a browser sends comes from loopback too.
    for header in [
        ("forwarded", "for=192.0.2.1"),
        ("x-forwarded-for", "192.0.2.1"),
        ("x-real-ip", "192.0.2.1"),
        ("origin", "https://example.com"),
    ] {
        assert_eq!(metrics_with(&open, "127.0.0.1:1", &[header]).await.0, 401, "{header:?}");
    }

    let guarded = shapes_with(|config| config.server.metrics_token = Some(Secret::new("sesame"))).await;
    assert_eq!(metrics_from(&guarded, "127.0.0.1:1").await.0, 401);
    let bearer = |token: &str| format!("Bearer {token}");
    for (token, status) in [(bearer("sesame"), 200), (bearer("sesamE"), 401), (bearer("sesam"), 401), (bearer(""), 401)]
    {
        let answer = guarded.anonymous.get_with("/metrics", &[("authorization", &token)]).await.expect(status);
        assert!(!answer.text().contains("sesame"));
        assert_eq!(answer.header("www-authenticate"), if status == 401 { "Bearer" } else { "" });
    }
}

#[tokio::test]
async fn every_metric_is_there_after_some_requests_and_none_names_a_path() {
    let api = shapes_with(|config| config.telemetry.slow_query = Duration::from_millis(50)).await;
    let before = metrics_from(&api, "127.0.0.1:1").await.1;
    for path in ["/shapes/cities?id=eq.1", "/shapes/cities?id=eq.2", "/shapes/very-secret-name", "/no/such/path"] {
        api.reader.get(path).await;
    }
    api.reader.post("/shapes/rpc/nap", json!({"seconds": 0.1})).await;
    api.execute("comment on table shapes.rivers is 'reloads the catalog'").await;
    tokio::time::sleep(Duration::from_millis(600)).await;
    let (status, text) = metrics_from(&api, "127.0.0.1:1").await;
    assert_eq!(status, 200);

    // Metrics are the whole process's, and other tests go on: what was done here is the least.
    let table = ["method=\"GET\"", "route=\"/shapes/{relation}\"", "schema=\"shapes\""];
    let of_table = |label: &'static str| [table.as_slice(), &[label]].concat();
    let at_least = [
        ("http_requests_total", of_table("status=\"200\""), 2.0),
        ("http_requests_total", of_table("status=\"404\""), 1.0),
        ("http_requests_total", vec!["route=\"unmatched\"", "schema=\"\""], 1.0),
        ("http_request_duration_seconds_count", of_table("status=\"200\""), 2.0),
        ("http_request_duration_seconds_bucket", of_table("le=\"+Inf\""), 3.0),
        ("db_slow_queries_total", vec![], 1.0),
        ("db_query_seconds_count", vec![], 3.0),
        ("db_pool_wait_seconds_count", vec![], 3.0),
        ("jwt_cache_misses_total", vec![], 1.0),
        ("jwt_cache_hits_total", vec![], 1.0),
        ("catalog_reloads_total", vec!["result="], 1.0),
    ];
    for (name, labels, least) in at_least {
        let rise = sum(&text, name, &labels).unwrap_or_default() - sum(&before, name, &labels).unwrap_or_default();
        assert!(rise >= least, "{name} {labels:?} rose by {rise}");
    }
    let build = format!("version=\"{}\"", env!("CARGO_PKG_VERSION"));
    let now = [
        ("http_requests_in_flight", vec![], 0.0),
        ("db_pool_size", vec![], 0.0),
        ("db_pool_idle", vec![], 0.0),
        ("db_pool_waiting", vec![], 0.0),
        ("catalog_age_seconds", vec![], 0.0),
        ("db_schema_size_bytes", vec!["schema=\"shapes\""], 1.0),
        ("db_connections", vec!["state="], 1.0),
        ("build_info", vec![&*build, "commit="], 1.0),
    ];
    for (name, labels, least) in now {
        let value = sum(&text, name, &labels);
        assert!(value.is_some_and(|value| value >= least), "{name} {labels:?} is {value:?}");
    }
    for raw in ["cities", "very-secret-name", "such/path", "eq.1"] {
        let line = text.lines().find(|line| line.contains(raw));
        assert_eq!(line, None, "{raw}");
    }
}

#[tokio::test]
async fn a_sensible_request_id_is_kept_and_any_other_replaced() {
    let api = shapes().await;
    let get = |id: String| {
        let person = api.reader.clone();
        async move { person.get_with("/shapes/countries", &[("x-request-id", &id)]).await }
    };
    assert_eq!(get("order-4711".to_owned()).await.expect(200).header("x-request-id"), "order-4711");
    let made = api.reader.get("/shapes/countries").await.header("x-request-id").to_owned();
    assert!(made.parse::<uuid::Uuid>().is_ok(), "{made}");
    for senseless in [String::new(), "two words".to_owned(), "x".repeat(129), "tab\there".to_owned()] {
        let answer = get(senseless.clone()).await.expect(200);
        assert!(answer.header("x-request-id").parse::<uuid::Uuid>().is_ok(), "{senseless:?}");
    }
    let refused = api.anonymous.get_with("/shapes/nowhere", &[("x-request-id", "mine")]).await;
    assert_eq!((refused.status.is_success(), refused.header("x-request-id")), (false, "mine"));
}

#[tokio::test]
async fn a_traceparent_is_taken_whatever_it_says() {
    let api = shapes().await;
    for trace in ["00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "00-0-0-0", "nonsense", ""] {
        let headers = [("traceparent", trace), ("tracestate", "a=b"), ("baggage", "k=v")];
        api.reader.get_with("/shapes/countries", &headers).await.expect(200);
    }
}

#[tokio::test]
async fn a_browser_may_send_and_read_what_supabase_js_does() {
    const SENT: &str = "authorization, apikey, content-type, x-client-info, x-retry-count, prefer, accept-profile, \
        content-profile, range, traceparent, tracestate, baggage, idempotency-key, if-match, if-none-match";
    const READ: &str = "content-range, content-location, location, preference-applied, etag, link, retry-after, \
        server-timing, proxy-status, ratelimit, ratelimit-policy";
    let api = shapes().await;
    let headers = [
        ("origin", "https://app.example"),
        ("access-control-request-method", "PATCH"),
        ("access-control-request-headers", SENT),
    ];
    for path in ["/shapes/cities", "/rest/v1/cities", "/shapes/rpc/add"] {
        let preflight = api.anonymous.send(Method::OPTIONS, path, &headers, "").await.expect(200);
        assert_eq!(preflight.header("access-control-allow-origin"), "*");
        let allowed = preflight.header("access-control-allow-headers").to_ascii_lowercase();
        let is_allowed = |name: &str| allowed.split(',').any(|allowed| allowed.trim() == name);
        for name in SENT.split(", ") {
            assert!(is_allowed(name), "{name} in {allowed}");
        }
        for method in ["GET", "HEAD", "POST", "PATCH", "PUT", "DELETE", "OPTIONS"] {
            assert!(preflight.header("access-control-allow-methods").contains(method), "{method}");
        }
    }
    let answers = [
        api.reader.get_with("/shapes/cities", &headers[..1]).await.expect(200),
        api.reader.get_with("/shapes/nowhere", &headers[..1]).await.expect(404),
    ];
    for answer in answers {
        assert_eq!(answer.header("access-control-allow-origin"), "*");
        let exposed = answer.header("access-control-expose-headers").to_ascii_lowercase();
        for name in READ.split(", ") {
            assert!(exposed.split(',').any(|exposed| exposed.trim() == name), "{name} in {exposed}");
        }
    }
}

#[tokio::test]
async fn only_listed_origins_may_where_there_is_a_list() {
    let api = shapes_with(|config| config.server.cors_allowed_origins = vec!["https://app.example".into()]).await;
    for (origin, allowed) in [("https://app.example", "https://app.example"), ("https://evil.example", "")] {
        let answer = api.reader.get_with("/shapes/countries", &[("origin", origin)]).await.expect(200);
        assert_eq!(answer.header("access-control-allow-origin"), allowed);
    }
}

#[tokio::test]
async fn a_page_comes_compressed_to_whoever_takes_it_so() {
    let api = tekup_with(|_| {}).await;
    let page = "/vault/documents?select=id,path,content&order=id";
    let plain = api.service.get(page).await.expect(200);
    assert_eq!(plain.header("content-encoding"), "");
    for (encoding, magic) in [("gzip", Some([0x1f, 0x8b])), ("br", None)] {
        let packed = api.service.get_with(page, &[("accept-encoding", encoding)]).await.expect(200);
        assert_eq!(packed.header("content-encoding"), encoding);
        assert_eq!(packed.header("content-range"), plain.header("content-range"));
        let mut vary = packed.headers.get_all("vary").iter().map(|value| value.to_str().unwrap().to_ascii_lowercase());
        assert!(vary.any(|vary| vary.contains("accept-encoding")), "{:?}", packed.headers);
        assert!(packed.body.len() * 2 < plain.body.len(), "{} of {}", packed.body.len(), plain.body.len());
        assert!(magic.is_none_or(|magic| packed.body.starts_with(&magic)), "{encoding}");
    }
}

#[tokio::test]
async fn a_body_may_be_as_large_as_configured_and_no_larger() {
    let api = shapes_with(|config| config.server.max_body_bytes = 1000).await;
    let body = |length: usize| json!({"any": "x".repeat(length - r#"{"any":""}"#.len())});
    api.reader.post("/shapes/rpc/echo", body(1000)).await.expect(200);
    let refused = api.reader.post("/shapes/rpc/echo", body(1001)).await.expect(413);
    assert_eq!(refused.json()["code"], "request.body_too_large");
    // Nobody has said how long it is.
    let chunks = (0..20).map(|_| Ok::<_, std::io::Error>("x".repeat(100)));
    let unannounced = Body::from_stream(futures_util::stream::iter(chunks));
    let headers = [("content-type", "application/json")];
    api.reader.send(Method::POST, "/shapes/rpc/echo", &headers, unannounced).await.expect(413);
}

#[tokio::test]
async fn a_request_that_takes_too_long_is_ended_and_so_is_its_statement() {
    let api = shapes_with(|config| config.server.request_timeout = Duration::from_millis(300)).await;
    let started = Instant::now();
    let late = api.reader.post("/shapes/rpc/nap", json!({"seconds": 30})).await.expect(504);
    assert!(started.elapsed() < Duration::from_secs(3));
    assert_eq!(late.json()["code"], "request.timeout");
    assert!(!late.header("x-request-id").is_empty());
    tokio::time::sleep(Duration::from_millis(500)).await;
    let running = "select count(*) from pg_stat_activity where datname = current_database()
        and state = 'active' and query like '%nap%' and pid <> pg_backend_pid()";
    assert_eq!(api.query::<i64>(running).await, 0);
    api.reader.get("/shapes/countries").await.expect(200);
}
