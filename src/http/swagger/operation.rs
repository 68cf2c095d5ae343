//! Paths and parameters of OpenAPI 2.

use serde_json::{Map, Value, json};

use super::{MEDIA, put, schema, summary};
use crate::catalog::{Parameter, Relation, Routine, Volatility};

/// A name and what goes by it.
type Entry = (String, Value);

/// The document itself.
pub(super) fn root() -> Entry {
    let get = json!({
        "tags": ["Introspection"],
        "summary": "OpenAPI description (this document)",
        "produces": ["application/openapi+json", "application/json"],
        "responses": { "200": { "description": "OK" } },
    });
    ("/".to_owned(), json!({ "get": get }))
}

/// A relation's path.
pub(super) fn relation(relation: &Relation) -> Entry {
    let name = relation.name.name.as_str();
    let filters = || relation.columns.iter().map(|column| format!("rowFilter.{name}.{}", column.name));
    let body = format!("body.{name}");
    let operation = |parameters: Vec<String>, responses: Value| {
        let mut operation = described(relation.comment.as_deref());
        operation["tags"] = json!([name]);
        operation["parameters"] = parameters.iter().map(|name| reference(name)).collect();
        operation["responses"] = responses;
        operation
    };
    let with = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let page = ["select", "order", "range", "rangeUnit", "offset", "limit", "preferCount"];
    let rows = json!({
        "description": "OK",
        "schema": { "type": "array", "items": { "$ref": format!("#/definitions/{name}") } },
    });
    let found = json!({ "200": rows, "206": { "description": "Partial Content" } });
    let mut path = json!({ "get": operation(filters().chain(with(&page)).collect(), found) });
    if relation.insertable || relation.updatable || relation.deletable {
        let created = json!({ "201": { "description": "Created" } });
        let changed = json!({ "204": { "description": "No Content" } });
        path["post"] = operation(with(&[&body, "select", "preferPost"]), created);
        path["patch"] = operation(filters().chain(with(&[&body, "preferReturn"])).collect(), changed.clone());
        path["delete"] = operation(filters().chain(with(&["preferReturn"])).collect(), changed);
    }
    (format!("/{name}"), path)
}

/// A function's path.
pub(super) fn routine(routine: &Routine) -> Entry {
    let name = routine.name.name.as_str();
    let operation = |parameters: Vec<Value>| {
        let mut operation = described(routine.comment.as_deref());
        operation["tags"] = json!([format!("(rpc) {name}")]);
        operation["produces"] = json!(MEDIA[..3]);
        if !parameters.is_empty() {
            operation["parameters"] = parameters.into();
        }
        operation["responses"] = json!({ "200": { "description": "OK" } });
        operation
    };
    let arguments = json!({ "in": "body", "name": "args", "required": true, "schema": schema::arguments(routine) });
    let mut path = json!({ "post": operation(vec![arguments, reference("preferParams")]) });
    if routine.volatility != Volatility::Volatile {
        path["get"] = operation(routine.parameters.iter().map(|parameter| argument(parameter, routine)).collect());
    }
    (format!("/rpc/{name}"), path)
}

/// An argument in the query string.
fn argument(parameter: &Parameter, routine: &Routine) -> Value {
    let name = schema::type_of(parameter, routine);
    let mut argument = json!({ "in": "query", "name": parameter.name, "required": parameter.required });
    if parameter.variadic {
        let element = schema::element(name).unwrap_or(name);
        let mut items = json!({ "format": schema::format(element) });
        put(&mut items, "type", schema::kind(element));
        argument["type"] = schema::kind(name).unwrap_or("string").into();
        argument["items"] = items;
        argument["collectionFormat"] = "multi".into();
    } else {
        // An array is written {…} in a query string, and JSON as it is.
        argument["type"] = schema::kind(name).filter(|kind| *kind != "array").unwrap_or("string").into();
        argument["format"] = schema::format(name).into();
    }
    argument
}

fn described(comment: Option<&str>) -> Value {
    let (first, rest) = summary(comment);
    let mut operation = Value::Object(Map::new());
    put(&mut operation, "summary", first);
    put(&mut operation, "description", rest);
    operation
}

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/parameters/{name}") })
}

/// Parameters of every relation.
pub(super) fn shared_parameters() -> Vec<Entry> {
    let returns = ["return=representation", "return=minimal", "return=none"];
    let resolutions = ["resolution=ignore-duplicates", "resolution=merge-duplicates"];
    let post: Vec<_> = returns.into_iter().chain(resolutions).collect();
    let mut unit = parameter("header", "Range-Unit", "Limiting and Pagination");
    unit["default"] = "items".into();
    let entries = [
        ("preferParams", prefer(&[])),
        ("preferReturn", prefer(&returns)),
        ("preferCount", prefer(&["count=none"])),
        ("preferPost", prefer(&post)),
        ("select", parameter("query", "select", "Filtering Columns")),
        ("on_conflict", parameter("query", "on_conflict", "On Conflict")),
        ("order", parameter("query", "order", "Ordering")),
        ("range", parameter("header", "Range", "Limiting and Pagination")),
        ("rangeUnit", unit),
        ("offset", parameter("query", "offset", "Limiting and Pagination")),
        ("limit", parameter("query", "limit", "Limiting and Pagination")),
    ];
    entries.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// A relation's body and filters.
pub(super) fn relation_parameters(relation: &Relation) -> Vec<Entry> {
    let name = relation.name.name.as_str();
    let body = json!({
        "in": "body",
        "name": name,
        "description": name,
        "required": false,
        "schema": { "$ref": format!("#/definitions/{name}") },
    });
    let filters = relation.columns.iter().map(|column| {
        let mut filter = json!({ "in": "query", "name": column.name.as_str(), "required": false, "type": "string" });
        put(&mut filter, "description", column.comment.as_deref());
        (format!("rowFilter.{name}.{}", column.name), filter)
    });
    std::iter::once((format!("body.{name}"), body)).chain(filters).collect()
}

fn parameter(place: &str, name: &str, description: &str) -> Value {
    json!({ "in": place, "name": name, "description": description, "required": false, "type": "string" })
}

fn prefer(values: &[&str]) -> Value {
    let mut prefer = parameter("header", "Prefer", "Preference");
    if !values.is_empty() {
        prefer["enum"] = json!(values);
    }
    prefer
}
