//! The service's own routes.

use utoipa::openapi::{
    Content, PathsBuilder,
    path::{HttpMethod, OperationBuilder, PathItem},
    response::ResponseBuilder,
    schema::{ObjectBuilder, SchemaType},
    security::SecurityRequirement,
};

use super::{BEARER, failures};

/// `/health` and the like.
pub(super) fn paths(paths: PathsBuilder) -> PathsBuilder {
    let routes = [
        ("/health", "get_health", "State of the service and its database", "application/json"),
        ("/live", "get_live", "The process answers", "text/plain"),
        ("/ready", "get_ready", "It can serve requests", "text/plain"),
        ("/metrics", "get_metrics", "Prometheus metrics", "text/plain"),
        ("/openapi.json", "get_openapi", "This document, as far as the caller may use it", "application/json"),
    ];
    routes.into_iter().fold(paths, |paths, (path, id, summary, media)| {
        let content = Content::new(Some(ObjectBuilder::new().schema_type(SchemaType::AnyValue).build()));
        let mut operation = OperationBuilder::new()
            .tag("system")
            .operation_id(Some(id))
            .summary(Some(summary))
            .response("200", ResponseBuilder::new().description(summary).content(media, content.clone()).build());
        if matches!(path, "/health" | "/ready") {
            let unhealthy =
                ResponseBuilder::new().description("The database can't be reached").content(media, content).build();
            operation = operation.response("503", unhealthy);
        }
        operation = match path {
            // Of the metrics a token is asked for where there is one, and of whoever is not on loopback.
            "/metrics" | "/openapi.json" => with_or_without_token(operation).response("401", failures::response("401")),
            _ => operation.securities(Some([])),
        };
        if path == "/openapi.json" {
            operation = operation.response("503", failures::response("Problem"));
        }
        paths.path(path, PathItem::new(HttpMethod::Get, operation))
    })
}

/// A token is heeded, but need not be sent.
pub(super) fn with_or_without_token(operation: OperationBuilder) -> OperationBuilder {
    operation.securities(Some([SecurityRequirement::default(), SecurityRequirement::new(BEARER, Vec::<String>::new())]))
}
