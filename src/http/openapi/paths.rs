//! The operations of a relation and of a function.

use utoipa::openapi::{
    Content, Header, HeaderBuilder, Ref, RefOr,
    path::{
        HttpMethod, Operation, OperationBuilder, Parameter, ParameterBuilder, ParameterIn, PathItem, PathItemBuilder,
    },
    request_body::{RequestBody, RequestBodyBuilder},
    response::{Response, ResponseBuilder},
};

use super::{View, key, operation_id, parameters, schema};
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
    let rows = schema::array(schema::row(relation));
    let page = |about| {
        ResponseBuilder::new()
            .description(about)
            .content("application/json", Content::new(Some(rows.clone())))
            .content("application/vnd.pgrst.object+json", Content::new(Some(schema::row(relation))))
            .content("application/x-ndjson", Content::new(Some(text())))
            .content("text/csv", Content::new(Some(text())))
            .header("Content-Range", header("The rows shown, counted from 0, and how many there are: `0-19/*`"))
            .header("More-Rows", header("Lists that go on after what is shown; `.` is that of the rows themselves"))
            .header("ETag", header("Of a single object: what `If-None-Match` and `If-Match` take"))
            .header("Link", header("The next page: `<?…>; rel=\"next\"`, to be resolved against the request's address"))
            .build()
    };
    let shared = ["select", "order", "limit", "offset", "and", "or", "range", "prefer_read", "if_none_match"];
    operation(relation, "get", "Read rows")
        .references(parameters::filter_references(view, relation))
        .references(shared.map(parameters::reference))
        .0
        .response("200", page("The rows"))
        .response("206", page("Part of the rows; `Content-Range` says which, of how many"))
        .build()
}

fn insert(view: &View<'_>, relation: &Relation) -> Operation {
    let shared = ["select", "columns", "on_conflict", "prefer_insert", "idempotency_key"];
    operation(relation, "insert", "Insert one row or many")
        .references(shared.map(parameters::reference))
        .0
        .request_body(Some(body(relation, "insert")))
        .response("201", written(view, relation, "Inserted; the rows with `Prefer: return=representation`"))
        .response("200", written(view, relation, "All of them were there and were merged"))
        .build()
}

fn change(view: &View<'_>, relation: &Relation, verb: &str, summary: &str) -> Operation {
    let operation = operation(relation, verb, summary)
        .references(parameters::filter_references(view, relation))
        .references(["select", "and", "or", "prefer_change", "if_match", "idempotency_key"].map(parameters::reference));
    let builder = match verb {
        "update" => {
            let operation = operation.references(["columns", "on_conflict"].map(parameters::reference));
            operation.0.request_body(Some(body(relation, "update")))
        }
        "upsert" => operation.0.request_body(Some(body(relation, "insert"))),
        _ => operation.0,
    };
    builder
        .response("200", written(view, relation, "The rows, with `Prefer: return=representation`"))
        .response("204", ResponseBuilder::new().description("Done").build())
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
    Referenced(failures(builder))
}

/// An operation that takes parameters by reference.
struct Referenced(OperationBuilder);

impl Referenced {
    fn references(self, references: impl IntoIterator<Item = Ref>) -> Self {
        Self(references.into_iter().fold(self.0, OperationBuilder::parameter_ref))
    }
}

/// The failures that every resource may answer with.
fn failures(builder: OperationBuilder) -> OperationBuilder {
    ["4XX", "5XX"].into_iter().fold(builder, |builder, status| {
        builder.response(status, RefOr::<Response>::Ref(Ref::from_response_name("Problem")))
    })
}

fn written(view: &View<'_>, relation: &Relation, about: &str) -> Response {
    let response = ResponseBuilder::new().description(about);
    match view.may(Privilege::Select, relation) {
        true => response.content("application/json", Content::new(Some(schema::array(schema::row(relation))))).build(),
        false => response.build(),
    }
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

fn header(about: &str) -> Header {
    HeaderBuilder::new().schema(Some(text())).description(Some(about)).build()
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
    failures(builder)
        .response(
            "200",
            ResponseBuilder::new().description("What the function returns").content("application/json", result).build(),
        )
        .response("204", ResponseBuilder::new().description("It returns nothing").build())
}
