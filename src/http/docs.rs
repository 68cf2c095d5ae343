//! Swagger UI at `/docs`, its assets in the binary.

use axum::Router;
use utoipa_swagger_ui::{Config, SwaggerUi};

use super::App;

/// The routes of the page. Its document is `/openapi.json`, asked for again with the token once one is given.
pub fn router() -> Router<App> {
    let config = Config::from("/openapi.json")
        .try_it_out_enabled(true)
        .persist_authorization(true)
        .display_request_duration(true)
        .filter(true)
        .doc_expansion("none");
    Router::from(SwaggerUi::new("/docs").config(config))
}

/// A path segment with all but unreserved characters percent-encoded (RFC 3986, 2.3).
pub fn encode_segment(segment: &str) -> String {
    super::request::encode(segment)
}
