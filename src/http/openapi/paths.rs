//! The operations of a relation and of a function.

use utoipa::openapi::{
    ComponentsBuilder, Content, HeaderBuilder, Ref, RefOr,
    path::{
        HttpMethod, Operation, OperationBuilder, Parameter, ParameterBuilder, ParameterIn, PathItem, PathItemBuilder,
    },
    request_body::{RequestBody, RequestBodyBuilder},
    response::{Response, ResponseBuilder},
};

use super::{View, failures, key, operation_id, parameters, schema};
use crate::catalog::{Privilege, Relation, Routine, Volatility};

/// GET, POST, PATCH, PUT and DELETE of a relation, as far as the role may.
pub(super) fn relation(view: &View<'_>, relation: &Relation) -> PathItem {
    let mut item = PathItemBuilder::new();
    let reads = view.may(Privilege::Select, relation);
    if reads {
        item = item.operation(HttpMethod::Get, read(view, relation));
    }
    let inserts = relation.insertable && view.may(Privilege::Insert, relation);
    let updates = relation.updatable && view.may(Privilege::Update, relation);
    if inserts {
        item = item.operation(HttpMethod::Post, insert(view, relation));
    }
    if updates {
        item = item
            .operation(HttpMethod::Patch, change(view, relation, "update", "Change the rows that the filters name"));
    }
    if inserts && updates && !relation.primary_key.is_empty() {
        item = item.operation(HttpMethod::Put, change(view, relation, "upsert", "Put one row at its primary key"));
    }
    if relation.deletable && view.may(Privilege::Delete, relation) {
        item = item
            .operation(HttpMethod::Delete, change(view, relation, "delete", "Delete the rows that the filters name"));
    }
    item.build()
}

fn read(view: &View<'_>, relation: &Relation) -> Operation {
    let shared = ["select", "order", "limit", "offset", "and", "or", "range", "prefer_read", "if_none_match"];
    let operation = operation(relation, "get", "Read rows")
        .references(parameters::filter_references(view, relation))
        .references(shared.map(parameters::reference));
    failures::refuse(operation.0, failures::OF_READ)
        .response("200", rows(view, relation, "The rows"))
        .response("206", rows(view, relation, "Part of the rows; `Content-Range` says which, of how many"))
        .response("304", failures::response("304"))
        .build()
}

fn insert(view: &View<'_>, relation: &Relation) -> Operation {
    let shared = ["select", "columns", "on_conflict", "prefer_insert", "idempotency_key"];
    let operation =
        operation(relation, "insert", "Insert one row or many").references(shared.map(parameters::reference));
    failures::refuse(operation.0, failures::OF_WRITE)
        .request_body(Some(body(relation, "insert")))
        .response("201", rows(view, relation, "Inserted; the rows with `Prefer: return=representation`"))
        .response("200", rows(view, relation, "All of them were there and were merged"))
        .build()
}

fn change(view: &View<'_>, relation: &Relation, verb: &str, summary: &str) -> Operation {
    let shared = ["select", "and", "or", "prefer_change", "if_match", "idempotency_key"];
    let operation = operation(relation, verb, summary)
        .references(parameters::filter_references(view, relation))
        .references(shared.map(parameters::reference));
    let builder = match verb {
        "update" => {
            let operation = operation.references(["columns", "on_conflict"].map(parameters::reference));
            operation.0.request_body(Some(body(relation, "update")))
        }
        "upsert" => operation
            .0
            .request_body(Some(body(relation, "insert")))
            .response("201", rows(view, relation, "Inserted, with `Prefer: return=representation`")),
        _ => operation.0,
    };
    failures::refuse(builder, failures::OF_WRITE)
        .response("200", rows(view, relation, "The rows, with `Prefer: return=representation`"))
        .response("204", failures::response("204"))
        .build()
}

/// An operation of a relation with what all of them have.
fn operation(relation: &Relation, verb: &str, summary: &str) -> Referenced {
    let (schema, name) = (relation.name.schema.as_str(), relation.name.name.as_str());
    let builder = OperationBuilder::new()
        .tag(schema)
        .operation_id(Some(operation_id(verb, schema, name)))
        .summary(Some(format!("{summary} of {schema}.{name}")))
        .description(relation.comment.clone());
    Referenced(builder)
}

/// An operation that takes parameters by reference.
struct Referenced(OperationBuilder);

impl Referenced {
    fn references(self, references: impl IntoIterator<Item = Ref>) -> Self {
        Self(references.into_iter().fold(self.0, OperationBuilder::parameter_ref))
    }
}

/// Rows as an answer has them, if the role may read any of a row; `about` is what they are of this answer.
fn rows(view: &View<'_>, relation: &Relation, about: &str) -> RefOr<Response> {
    let name = if view.may(Privilege::Select, relation) { schema::row_key(relation) } else { "204".to_owned() };
    let mut reference = Ref::from_response_name(name);
    about.clone_into(&mut reference.description);
    RefOr::Ref(reference)
}

/// Adds what all answers with a relation's rows are like, and the one without any.
pub(super) fn answers(components: ComponentsBuilder, view: &View<'_>, relation: &Relation) -> ComponentsBuilder {
    if !view.may(Privilege::Select, relation) {
        return components;
    }
    let rows = ResponseBuilder::new()
        .description(format!(
            "Rows of {}.{}; of a write only where it asks for them",
            relation.name.schema, relation.name.name
        ))
        .content("application/json", Content::new(Some(schema::array(schema::row(relation)))))
        .content("application/vnd.pgrst.object+json", Content::new(Some(schema::row(relation))))
        .content("application/x-ndjson", Content::new(Some(text())))
        .content("text/csv", Content::new(Some(text())));
    let rows = HEADERS.iter().fold(rows, |rows, (name, _)| rows.header_ref(*name, header(name)));
    components.response(schema::row_key(relation), rows)
}

/// Headers of answers with rows.
const HEADERS: [(&str, &str); 7] = [
    ("Content-Range", "The rows shown, counted from 0, and how many there are: `0-19/*`"),
    ("ETag", "Of a single object: what `If-None-Match` and `If-Match` take"),
    ("Idempotency-Replayed", "`true`: the answer to an earlier call with this `Idempotency-Key`"),
    ("Link", "The next page: `<?…>; rel=\"next\"`, to be resolved against the request's address"),
    ("Location", "Where the one row is that was inserted, with `Prefer: return=headers-only`"),
    ("More-Rows", "Lists that go on after what is shown; `.` is that of the rows themselves"),
    ("Preference-Applied", "What of `Prefer` was heeded"),
];

/// Adds the headers that answers share, and the answers without rows.
pub(super) fn shared(components: ComponentsBuilder) -> ComponentsBuilder {
    let components = HEADERS.iter().fold(components, |components, (name, about)| {
        let header = HeaderBuilder::new().schema(Some(text())).description(Some(*about)).build();
        components.header(*name, header)
    });
    let bare = |about: &str, headers: &[&str]| {
        let bare = ResponseBuilder::new().description(about);
        headers.iter().fold(bare, |bare, name| bare.header_ref(*name, header(name)))
    };
    components
        .response("204", bare("Done; there is nothing to show", &["Content-Range", "Preference-Applied"]))
        .response("304", bare("The client has it already, as `If-None-Match` says", &["ETag"]))
}

fn header(name: &str) -> Ref {
    Ref::new(format!("#/components/headers/{name}"))
}

fn body(relation: &Relation, which: &str) -> RequestBody {
    let row = Ref::from_schema_name(key(&[relation.name.schema.as_str(), relation.name.name.as_str(), which]));
    let one_or_many =
        utoipa::openapi::schema::OneOfBuilder::new().item(row.clone()).item(schema::array(row.clone())).build();
    let json = Content::new(Some(RefOr::T(utoipa::openapi::Schema::OneOf(one_or_many))));
    let body = RequestBodyBuilder::new().content("application/json", json);
    match which {
        "insert" => body.content("text/csv", Content::new(Some(text()))).build(),
        _ => body.build(),
    }
}

fn text() -> utoipa::openapi::schema::Object {
    utoipa::openapi::schema::ObjectBuilder::new()
        .schema_type(utoipa::openapi::schema::SchemaType::Type(utoipa::openapi::schema::Type::String))
        .build()
}

/// POST, and GET where it promises to change nothing.
pub(super) fn routine(view: &View<'_>, routine: &Routine) -> PathItem {
    let arguments =
        RequestBodyBuilder::new().content("application/json", Content::new(Some(schema::arguments(routine)))).build();
    let post = call(view, routine, "call").request_body(Some(arguments)).build();
    let mut item = PathItemBuilder::new().operation(HttpMethod::Post, post);
    if routine.volatility != Volatility::Volatile {
        let named = routine.parameters.iter().filter(|parameter| !parameter.name.is_empty());
        let get = named.fold(call(view, routine, "get"), |builder, parameter| builder.parameter(argument(parameter)));
        item = item.operation(HttpMethod::Get, get.build());
    }
    item.build()
}

fn argument(parameter: &crate::catalog::Parameter) -> Parameter {
    let required = if parameter.required { utoipa::openapi::Required::True } else { utoipa::openapi::Required::False };
    ParameterBuilder::new()
        .name(&parameter.name)
        .parameter_in(ParameterIn::Query)
        .required(required)
        .description(Some(parameter.full_type.as_str()))
        .schema(Some(text()))
        .build()
}

fn call(view: &View<'_>, routine: &Routine, verb: &str) -> OperationBuilder {
    let (schema, name) = (routine.name.schema.as_str(), routine.name.name.as_str());
    let builder = OperationBuilder::new()
        .tag(schema)
        .operation_id(Some(operation_id(verb, schema, &format!("rpc_{name}"))))
        .summary(Some(format!("Call {schema}.{name}")))
        .description(routine.comment.clone());
    let result = Content::new(Some(schema::result(view, routine)));
    failures::refuse(builder, failures::OF_CALL)
        .response(
            "200",
            ResponseBuilder::new()
                .description("What the function returns")
                .content("application/json", result.clone())
                .build(),
        )
        .response(
            "206",
            ResponseBuilder::new()
                .description("Part of what it returns; `Content-Range` says which")
                .content("application/json", result)
                .build(),
        )
        .response("204", failures::response("204"))
}
