//! Swagger UI at `/docs`, its assets in the binary.

use axum::{Router, http::header, routing::get};
use utoipa_swagger_ui::SwaggerUi;

use super::App;

/// Our own start of the page: its document shows what the caller may use, so it is fetched with the token.
const INITIALIZER: &str = include_str!("docs/swagger-initializer.js");

/// The routes of the page.
pub fn router() -> Router<App> {
    let initializer = get(|| async { ([(header::CONTENT_TYPE, "text/javascript; charset=utf-8")], INITIALIZER) });
    Router::from(SwaggerUi::new("/docs")).route("/docs/swagger-initializer.js", initializer)
}
