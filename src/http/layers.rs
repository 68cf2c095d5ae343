//! Every layer around the routes, outermost last, each with its reason.

use std::time::{Duration, Instant};

use axum::{
    Router,
    body::Body,
    extract::{MatchedPath, Request, State},
    http::{HeaderName, HeaderValue, Method, Response, StatusCode, header},
    middleware::{self, Next},
};
use tower::ServiceBuilder;
use tower_http::{
    CompressionLevel,
    catch_panic::CatchPanicLayer,
    compression::{
        CompressionLayer, Predicate,
        predicate::{NotForContentType, SizeAbove},
    },
    cors::{AllowOrigin, Any, CorsLayer},
};
use tracing::{Instrument, Level};
use uuid::Uuid;

use super::{App, forwarded::Client, replicas, request::is_query, respond, system::Peer, unread::Unread};
use crate::{
    config::ServerConfig,
    error::Problem,
    telemetry::{TraceContext, metric},
};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Puts the layers around the routes, the outermost first: all in one, since each layer of a router costs a request an
/// allocation of its own.
pub fn around(router: Router<App>, app: &App) -> Router<App> {
    let layers = ServiceBuilder::new()
        // Every answer is counted, logged and carries its id, those of the layers below too.
        .layer(middleware::from_fn_with_state(app.clone(), observe))
        // A bug in one request answers 500 and ends nothing else.
        .layer(CatchPanicLayer::custom(|_| respond::problem(&Problem::internal("a request panicked"))))
        // Browsers of the applications call from other origins. The layer takes every OPTIONS for a preflight: one that asks
        // what a resource allows goes past it in disguise.
        .map_request(hide_options)
        .layer(cors(&app.config.server))
        .map_request(show_options)
        // A body of some size is worth compressing; small ones and pictures are not.
        .map_response(show_content_range)
        .map_response(name_coding)
        .layer(compression())
        .map_response(hide_content_range)
        // A request that takes too long gives its connection back: dropping the work cancels its statement. What of a
        // body is not read by then is thrown away.
        .layer(middleware::from_fn_with_state(app.clone(), bound_time));
    router.layer(layers)
}

fn compression() -> CompressionLayer<impl Predicate> {
    let worth = SizeAbove::new(1024).and(NotForContentType::IMAGES).and(NotForContentType::const_new("font/"));
    CompressionLayer::new().gzip(true).br(true).quality(CompressionLevel::Fastest).compress_when(worth)
}

/// `Content-Range` of PostgREST's kind counts rows, not bytes: it is no reason to leave a body uncompressed, for which
/// the compression takes it.
#[derive(Clone)]
struct Rows(HeaderValue);

fn hide_content_range<B>(mut response: Response<B>) -> Response<B> {
    if let Some(rows) = response.headers_mut().remove(header::CONTENT_RANGE) {
        response.extensions_mut().insert(Rows(rows));
    }
    response
}

fn show_content_range<B>(mut response: Response<B>) -> Response<B> {
    if let Some(Rows(rows)) = response.extensions_mut().remove() {
        response.headers_mut().insert(header::CONTENT_RANGE, rows);
    }
    response
}

/// A strong tag is of the very bytes, so what was compressed has one of its own (RFC 9110, 8.8.3.3).
fn name_coding<B>(mut response: Response<B>) -> Response<B> {
    if response.extensions().get::<respond::OwnTag>().is_none() {
        return response;
    }
    if response.status() == StatusCode::NOT_MODIFIED {
        // What is not sent is not compressed; the answer would have varied all the same.
        response.headers_mut().append(header::VARY, HeaderValue::from_static("accept-encoding"));
        return response;
    }
    let headers = response.headers_mut();
    let coding = headers.get(header::CONTENT_ENCODING).and_then(|coding| coding.to_str().ok());
    let tag = headers.get(header::ETAG).and_then(|tag| tag.to_str().ok()).and_then(|tag| tag.strip_suffix('"'));
    if let (Some(coding), Some(tag)) = (coding, tag)
        && let Ok(tag) = HeaderValue::from_str(&format!("{tag}-{coding}\""))
    {
        headers.insert(header::ETAG, tag);
    }
    response
}

/// The headers that supabase-js and PostgREST's clients send and read.
fn cors(config: &ServerConfig) -> CorsLayer {
    let allowed = [
        "authorization",
        "apikey",
        "content-type",
        "x-client-info",
        "x-retry-count",
        "prefer",
        "accept",
        "accept-profile",
        "content-profile",
        "range",
        "range-unit",
        "x-http-method-override",
        "traceparent",
        "tracestate",
        "baggage",
        "x-request-id",
        "idempotency-key",
        "x-api-key",
        "x-organization-id",
        "if-match",
        "if-none-match",
        "x-database-lsn",
    ];
    let exposed = [
        "content-range",
        "content-location",
        "content-profile",
        "location",
        "preference-applied",
        "etag",
        "link",
        "more-rows",
        "accept-query",
        "idempotency-replayed",
        "retry-after",
        "server-timing",
        "proxy-status",
        "ratelimit",
        "ratelimit-policy",
        "x-request-id",
        "x-database-lsn",
    ];
    let origins = match config.cors_allowed_origins.iter().any(|origin| origin == "*") {
        true => AllowOrigin::from(Any),
        false => AllowOrigin::list(config.cors_allowed_origins.iter().filter_map(|origin| origin.parse().ok())),
    };
    let standard =
        [Method::GET, Method::HEAD, Method::POST, Method::PATCH, Method::PUT, Method::DELETE, Method::OPTIONS];
    let methods: Vec<_> = standard.into_iter().chain(Method::from_bytes(b"QUERY")).collect();
    // Cookies and the like only from origins that are named.
    let is_open = config.cors_allowed_origins.iter().any(|origin| origin == "*");
    CorsLayer::new()
        .allow_origin(origins)
        .allow_credentials(!is_open)
        .allow_methods(methods)
        .allow_headers(allowed.map(HeaderName::from_static))
        .expose_headers(exposed.map(HeaderName::from_static))
        .max_age(Duration::from_secs(86_400))
}

/// A request that is an OPTIONS in truth.
#[derive(Clone)]
struct AsksOptions;

fn hide_options<B>(mut request: Request<B>) -> Request<B> {
    let is_preflight = request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    if request.method() == Method::OPTIONS && !is_preflight {
        *request.method_mut() = Method::GET;
        request.extensions_mut().insert(AsksOptions);
    }
    request
}

fn show_options<B>(mut request: Request<B>) -> Request<B> {
    if request.extensions_mut().remove::<AsksOptions>().is_some() {
        *request.method_mut() = Method::OPTIONS;
    }
    request
}

async fn bound_time(State(app): State<App>, mut request: Request, next: Next) -> Response<Body> {
    let limit = app.config.server.request_timeout;
    let unread = Unread::of(&mut request);
    match tokio::time::timeout(limit, replicas::marked(&app, request, next)).await {
        Ok(response) => {
            if let Some(unread) = unread {
                unread.skip().await;
            }
            response
        }
        Err(_) => respond::problem(
            &Problem::new(504, "request.timeout", format!("The request took longer than {} ms", limit.as_millis()))
                .hint("Ask for less, or raise REQUEST_TIMEOUT_MS"),
        ),
    }
}

/// Counts, times and logs a request, and gives it an id: the caller's own where it is a sensible one.
async fn observe(State(app): State<App>, mut request: Request, next: Next) -> Response<Body> {
    let started = Instant::now();
    let route = request.extensions().get::<MatchedPath>().map_or("unmatched", MatchedPath::as_str).to_owned();
    let method = request.method().clone();
    let id = request_id(&request);
    // PostgREST: `server-trace-header`.
    let traced = app.config.server.trace_header.as_ref().and_then(|name| {
        let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
        let value = request.headers().get(&name).cloned().unwrap_or(HeaderValue::from_static(""));
        Some((name, value))
    });
    let wants_details = respond::accepts_problem_details(request.headers());
    let trace =
        request.headers().get("traceparent").and_then(|value| value.to_str().ok()).and_then(TraceContext::parse);
    let client = client(&app, &request);
    if let Some(client) = client {
        request.extensions_mut().insert(client);
    }
    let span = tracing::span!(
        Level::INFO, "request", request.id = %id, method = %method, route = %route,
        client.address = client.map(|Client(address)| tracing::field::display(address)),
        trace_id = trace.map(|trace| trace.trace_id.to_string()),
        parent_id = trace.map(|trace| trace.parent_id.to_string()),
    );
    metrics::gauge!(metric::HTTP_REQUESTS_IN_FLIGHT).increment(1.0);
    let in_flight = InFlight;
    let mut response = limit_url(&app, request, next).instrument(span.clone()).await;
    drop(in_flight);
    if wants_details {
        response = respond::as_problem_details(response);
    }
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    if let Some((name, value)) = traced {
        response.headers_mut().insert(name, value);
    }
    span.in_scope(|| record(&app, &method, &route, &response, started.elapsed()));
    response
}

/// Who sent it, whatever is in between.
fn client(app: &App, request: &Request) -> Option<Client> {
    let Peer(peer) = request.extensions().get::<Peer>()?;
    Some(Client::find(peer.ip(), request.headers(), &app.config.server.trusted_proxies))
}

/// A request that is dropped midway, its client gone, is no longer in flight either.
struct InFlight;

impl Drop for InFlight {
    fn drop(&mut self) {
        metrics::gauge!(metric::HTTP_REQUESTS_IN_FLIGHT).decrement(1.0);
    }
}

async fn limit_url(app: &App, request: Request, next: Next) -> Response<Body> {
    let limit = app.config.server.max_url_bytes;
    let length = request.uri().path_and_query().map_or(0, |target| target.as_str().len());
    if length <= limit {
        return next.run(request).await;
    }
    respond::problem(
        &Problem::new(
            414,
            "request.url_too_long",
            format!("The request's URL has {length} bytes; {limit} are allowed"),
        )
        .hint("Filter by fewer values, or raise MAX_URL_BYTES"),
    )
}

fn request_id(request: &Request) -> String {
    let given = request.headers().get(REQUEST_ID).and_then(|value| value.to_str().ok());
    let is_sensible = |id: &&str| !id.is_empty() && id.len() <= 128 && id.bytes().all(|byte| byte.is_ascii_graphic());
    given.filter(is_sensible).map_or_else(|| Uuid::now_v7().to_string(), str::to_owned)
}

fn record(app: &App, method: &Method, route: &str, response: &Response<Body>, elapsed: Duration) {
    let status = response.status().as_u16();
    let schema = app.config.api.schemas.iter().find(|schema| {
        route
            .strip_prefix('/')
            .and_then(|rest| rest.strip_prefix(schema.as_str()))
            .is_some_and(|rest| rest.starts_with('/'))
    });
    let schema = schema.map_or("", |schema| schema.as_str()).to_owned();
    let labels = [
        ("method", method_label(method).to_owned()),
        ("route", route.to_owned()),
        ("status", status.to_string()),
        ("schema", schema),
    ];
    metrics::counter!(metric::HTTP_REQUESTS, &labels).increment(1);
    metrics::histogram!(metric::HTTP_REQUEST_DURATION, &labels).record(elapsed.as_secs_f64());
    let failure = response.extensions().get::<respond::Failure>();
    let code = failure.map(|failure| failure.0.code.as_str());
    let internal = failure.and_then(|failure| failure.0.internal.as_deref());
    let milliseconds = elapsed.as_secs_f64() * 1000.0;
    match status {
        500.. => tracing::error!(status, code, internal, milliseconds, "failed"),
        _ => tracing::info!(status, code, milliseconds, "answered"),
    }
}

/// A method of the caller's own invention must not become a label.
fn method_label(method: &Method) -> &str {
    match *method {
        Method::GET | Method::HEAD | Method::POST | Method::PATCH | Method::PUT | Method::DELETE | Method::OPTIONS => {
            method.as_str()
        }
        _ if is_query(method) => "QUERY",
        _ => "other",
    }
}
