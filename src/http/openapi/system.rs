//! The service's own routes, and the form of failures.

use utoipa::openapi::{
    ComponentsBuilder, Content, PathsBuilder, Ref,
    path::{HttpMethod, OperationBuilder, PathItem},
    response::ResponseBuilder,
    schema::{ObjectBuilder, Schema, SchemaType, Type},
};

fn of(types: &[Type]) -> Schema {
    Schema::Object(ObjectBuilder::new().schema_type(SchemaType::Array(types.to_vec())).build())
}

/// The form of a failure: PostgREST's four members.
pub(super) fn responses(components: ComponentsBuilder) -> ComponentsBuilder {
    let problem = ObjectBuilder::new()
        .description(Some("A failure: what, where, and what would be right"))
        .property("code", of(&[Type::String]))
        .property("message", of(&[Type::String]))
        .property("details", ObjectBuilder::new().schema_type(SchemaType::AnyValue).build())
        .property("hint", of(&[Type::String, Type::Null]))
        .required("code")
        .required("message")
        .required("details")
        .required("hint")
        .build();
    let answer = ResponseBuilder::new()
        .description("Refused or failed")
        .content("application/json", Content::new(Some(Ref::from_schema_name("Problem"))))
        .build();
    components.schema("Problem", Schema::Object(problem)).response("Problem", answer)
}

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
        if path == "/metrics" {
            let refused = ResponseBuilder::new()
                .description("A token is asked for, or the caller is not on loopback or sent on by a proxy")
                .build();
            operation = operation.response("401", refused);
        }
        paths.path(path, PathItem::new(HttpMethod::Get, operation))
    })
}
