//! Typed operations, as they describe themselves.

use serde_json::{Map, Value, json};
use utoipa::openapi::{PathsBuilder, path::PathItem};

use super::{BEARER, KEY, View, failures, key};
use crate::domain::{self, Described, Method, Output, Transition};

/// Length up to which an example helps: nobody reads the numbers of a vector.
const READABLE: usize = 4096;

/// Adds the operations that the role may use.
pub(super) fn paths(paths: PathsBuilder, view: &View<'_>) -> PathsBuilder {
    let shown = domain::all().filter(|operation| {
        let exposed = view.catalog.schemas.iter().any(|schema| schema.name == operation.schema);
        let may = view.role.is_none_or(|role| operation.callers.contains(&role.as_str()));
        exposed && may && view.schema.is_none_or(|schema| *schema == operation.schema)
    });
    shown.fold(paths, |paths, operation| {
        let path = format!("/{}{}", operation.schema, operation.path);
        // What is written here is an item of paths; a test compares the document with the committed one.
        paths.path(path, serde_json::from_value::<PathItem>(item(operation)).unwrap_or_default())
    })
}

fn item(operation: &Described) -> Value {
    let in_path: Vec<_> = operation.path_fields().collect();
    let place = |name: &str| match operation.method {
        _ if in_path.contains(&name) => Some("path"),
        method if method.has_query() => Some("query"),
        _ => None,
    };
    let fields: Map<_, _> = operation.input["properties"]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, schema)| (name.clone(), of_any_type(schema.clone())))
        .collect();
    let required = |name: &str| {
        operation.input["required"].as_array().is_some_and(|names| names.iter().any(|other| other == name))
    };
    let parameters: Vec<_> = fields
        .iter()
        .filter_map(|(name, schema)| {
            let mut schema = schema.clone();
            let description = schema.as_object_mut().and_then(|schema| schema.remove("description"));
            Some(json!({
                "name": name, "in": place(name)?, "required": required(name), "description": description, "schema": schema,
            }))
        })
        .collect();
    let key = json!({"$ref": "#/components/parameters/idempotency_key"});
    let keys = Some(key).filter(|_| !operation.only_reads() && !operation.answers_secret);
    let parameters: Vec<_> = parameters.into_iter().chain(keys).collect();
    let mut described = json!({
        "tags": [operation.schema],
        "operationId": operation.id,
        "summary": operation.summary,
        "description": format!("{}{}\n\nRoles that may: {}.", operation.description, step(operation), operation.callers.join(", ")),
        "parameters": parameters,
        "responses": {"200": response(operation, "Done"), "5XX": shared("Problem")},
    });
    for status in if operation.method.has_query() { failures::OF_ASKING } else { failures::OF_DOING } {
        described["responses"][status] = shared(status);
    }
    if operation.callers.contains(&"anon") {
        described["security"] = json!([{}, {BEARER: []}, {KEY: []}]);
    }
    if operation.creates {
        described["responses"]["201"] = response(operation, "Created");
    }
    if operation.deletes {
        described["responses"]["204"] = shared("204");
    }
    if !operation.method.has_query() {
        let in_body = |name: &String| !in_path.contains(&name.as_str());
        let body: Map<_, _> = fields
            .iter()
            .filter(|(name, _)| in_body(name))
            .map(|(name, schema)| (name.clone(), schema.clone()))
            .collect();
        let needed: Vec<_> = body.keys().filter(|name| required(name)).collect();
        described["requestBody"] = json!({
            "required": !needed.is_empty(),
            "content": {"application/json": {
                "schema": {"type": "object", "properties": body, "required": needed, "additionalProperties": false},
            }},
        });
        if operation.example.len() <= READABLE {
            let example: Value = serde_json::from_str(operation.example).unwrap_or_default();
            described["requestBody"]["content"]["application/json"]["example"] = example;
        }
    }
    let verb = match operation.method {
        Method::Get => "get",
        Method::Post => "post",
        Method::Put => "put",
        Method::Patch => "patch",
        Method::Delete => "delete",
    };
    json!({ verb: described })
}

/// Between which states a step of a state machine is.
fn step(operation: &Described) -> String {
    operation.transition.map_or_else(String::new, |Transition { of, from, to }| {
        format!("\n\n`{}`: from {} to {to}.", of.column, from.join(", "))
    })
}

/// A schema that says its type. That of any JSON says none, which the form that a document is kept in has no room for.
fn of_any_type(mut schema: Value) -> Value {
    let says = ["type", "oneOf", "allOf", "$ref"].iter().any(|word| schema.get(word).is_some());
    if let Some(words) = schema.as_object_mut().filter(|_| !says) {
        words.insert("type".to_owned(), json!(["null", "boolean", "number", "string", "array", "object"]));
    }
    schema
}

/// A reference to a response that is a component.
fn shared(name: &str) -> Value {
    json!({"$ref": format!("#/components/responses/{name}")})
}

fn response(operation: &Described, description: &str) -> Value {
    let schema = match operation.output {
        Output::Row(table) => json!({"$ref": format!("#/components/schemas/{}", key(&[operation.schema, table]))}),
        Output::Value(schema) => schema(),
    };
    json!({"description": description, "content": {"application/json": {"schema": schema}}})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_can_be_documented() {
        for operation in domain::all() {
            let item = serde_json::from_value::<PathItem>(item(operation));
            let item = item.unwrap_or_else(|error| panic!("{}: {error}", operation.id));
            assert!(
                [item.get, item.post, item.put, item.patch, item.delete].iter().any(Option::is_some),
                "{}",
                operation.id
            );
        }
    }
}
