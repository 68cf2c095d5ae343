//! The service's own routes.

use utoipa::openapi::{
    Content, PathsBuilder,
    path::{HttpMethod, OperationBuilder, PathItem},
    request_body::{RequestBody, RequestBodyBuilder},
    response::ResponseBuilder,
    schema::{AdditionalProperties, ArrayBuilder, ObjectBuilder, Schema, SchemaType, Type},
    security::SecurityRequirement,
};

use super::{BEARER, KEY, failures};
use crate::{db::maintain::JOBS, name::RoleName};

/// Routes, each with its operation's id, summary and media type.
const OPEN: [(&str, &str, &str, &str); 6] = [
    ("/health", "get_health", "State of the service and its database", "application/json"),
    ("/health/live", "get_health_live", "The process answers", "text/plain"),
    ("/live", "get_live", "The process answers", "text/plain"),
    ("/ready", "get_ready", "It can serve requests", "text/plain"),
    ("/metrics", "get_metrics", "Prometheus metrics", "text/plain"),
    ("/openapi.json", "get_openapi", "This document, as far as the caller may use it", "application/json"),
];

/// Routes of operators.
const OPERATORS: [(&str, &str, &str); 3] = [
    ("/health/detail", "get_health_detail", "State of the service and of what it needs, part by part"),
    ("/metrics/summary", "get_metrics_summary", "Figures of the service and its database"),
    ("/admin/migrations", "get_admin_migrations", "Migrations that are applied, pending, or changed since"),
];

fn any() -> Schema {
    Schema::Object(ObjectBuilder::new().schema_type(SchemaType::AnyValue).build())
}

/// `/health` and the like; what is for operators alone where the role is theirs.
pub(super) fn paths(paths: PathsBuilder, role: Option<&RoleName>) -> PathsBuilder {
    let paths = OPEN.into_iter().fold(paths, |paths, (path, id, summary, media)| {
        let content = Content::new(Some(any()));
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
    });
    if role.is_some_and(|role| role != "service_role") {
        return paths;
    }
    let paths = OPERATORS.into_iter().fold(paths, |paths, (path, id, summary)| {
        let mut operation = for_operators(id, summary, &["400", "401", "403"]);
        if path == "/health/detail" {
            let unhealthy = ResponseBuilder::new()
                .description("Unhealthy: the database does not answer")
                .content("application/json", Content::new(Some(any())));
            operation = operation.response("503", unhealthy.build());
        }
        paths.path(path, PathItem::new(HttpMethod::Get, operation))
    });
    let statuses = ["400", "401", "403", "409", "413"];
    let maintenance = for_operators("post_admin_maintenance", "Do what has to be done from time to time", &statuses)
        .request_body(Some(maintenance()));
    paths.path("/admin/maintenance", PathItem::new(HttpMethod::Post, maintenance))
}

fn for_operators(id: &str, summary: &str, statuses: &[&str]) -> OperationBuilder {
    let operation = OperationBuilder::new()
        .tag("system")
        .operation_id(Some(id))
        .summary(Some(summary))
        .description(Some("Roles that may: service_role."))
        .response(
            "200",
            ResponseBuilder::new().description(summary).content("application/json", Content::new(Some(any()))).build(),
        );
    failures::refuse(operation, statuses)
}

fn maintenance() -> RequestBody {
    let names: Vec<_> = JOBS.iter().map(|job| job.name).collect();
    let about: Vec<_> = JOBS.iter().map(|job| format!("- {job}")).collect();
    let name = ObjectBuilder::new().schema_type(SchemaType::Type(Type::String)).enum_values(Some(names));
    let input = ObjectBuilder::new()
        .property("jobs", ArrayBuilder::new().items(name).description(Some("Jobs to do; all where there are none")))
        .property(
            "dry_run",
            ObjectBuilder::new()
                .schema_type(SchemaType::Type(Type::Boolean))
                .description(Some("Count what would be touched, and leave everything as it is")),
        )
        .additional_properties(Some(AdditionalProperties::<Schema>::FreeForm(false)))
        .build();
    RequestBodyBuilder::new()
        .description(Some(format!("Jobs, one instance at a time:\n\n{}", about.join("\n"))))
        .content("application/json", Content::new(Some(Schema::Object(input))))
        .build()
}

/// A token is heeded, but need not be sent.
pub(super) fn with_or_without_token(operation: OperationBuilder) -> OperationBuilder {
    let of = |scheme| SecurityRequirement::new(scheme, Vec::<String>::new());
    operation.securities(Some([SecurityRequirement::default(), of(BEARER), of(KEY)]))
}
