//! Types, columns and relations as JSON Schema of OpenAPI 2.

use serde_json::{Map, Value, json};

use super::put;
use crate::catalog::{Cardinality, Catalog, Column, Link, Parameter, Relation, Routine};

/// A relation's rows.
pub(super) fn relation(catalog: &Catalog, relation: &Relation) -> Value {
    let mut schema = json!({ "type": "object" });
    put(&mut schema, "description", relation.comment.as_deref());
    let properties =
        relation.columns.iter().map(|column| (column.name.to_string(), property(catalog, relation, column)));
    put(&mut schema, "properties", non_empty(properties.collect::<Map<_, _>>()));
    let required = relation.columns.iter().filter(|column| !column.nullable).map(|column| column.name.as_str());
    put(&mut schema, "required", list(required));
    schema
}

/// A function's arguments.
pub(super) fn arguments(routine: &Routine) -> Value {
    let mut schema = json!({ "type": "object" });
    put(&mut schema, "description", routine.comment.as_deref());
    let properties = routine.parameters.iter().map(|parameter| {
        let mut property = typed(type_of(parameter, routine));
        put(&mut property, "format", Some(format(type_of(parameter, routine))));
        (parameter.name.clone(), property)
    });
    put(&mut schema, "properties", non_empty(properties.collect::<Map<_, _>>()));
    let required = routine.parameters.iter().filter(|parameter| parameter.required);
    put(&mut schema, "required", list(required.map(|parameter| parameter.name.as_str())));
    schema
}

fn property(catalog: &Catalog, relation: &Relation, column: &Column) -> Value {
    let mut property = typed(&column.ty.base);
    put(&mut property, "format", Some(format(&column.ty.base)));
    put(&mut property, "description", description(catalog, relation, column));
    put(&mut property, "default", column.default.as_deref().and_then(|default| literal(&column.ty.base, default)));
    put(&mut property, "maxLength", column.max_length);
    put(&mut property, "enum", list(column.ty.labels.iter().map(String::as_str)));
    property
}

/// The comment, and what keys the column is part of.
fn description(catalog: &Catalog, relation: &Relation, column: &Column) -> Option<String> {
    let mut notes = Vec::new();
    if relation.primary_key.contains(&column.name) {
        notes.push("This is a Primary Key.<pk/>".to_owned());
    }
    if let Some((table, key)) = foreign_key(catalog, relation, column) {
        notes.push(format!("This is a Foreign Key to `{table}.{key}`.<fk table='{table}' column='{key}'/>"));
    }
    if notes.is_empty() {
        return column.comment.clone();
    }
    let comment = column.comment.as_ref().map(|comment| format!("{comment}\n\n")).unwrap_or_default();
    Some(format!("{comment}Note:\n{}", notes.join("\n")))
}

/// What a column points at on its own: a table before a view.
fn foreign_key<'c>(catalog: &'c Catalog, relation: &Relation, column: &Column) -> Option<(&'c str, &'c str)> {
    let target = |link: &'c Link| match &link.cardinality {
        Cardinality::ManyToOne { columns, .. } | Cardinality::OneToOne { columns, is_parent: false, .. } => {
            match columns.as_slice() {
                [(own, other)] if *own == column.name => Some((link.to.name.as_str(), other.as_str())),
                _ => None,
            }
        }
        _ => None,
    };
    let mut links: Vec<_> = catalog.links_from(&relation.name).iter().collect();
    links.retain(|link| *link.schema() == relation.name.schema);
    links.sort_by_key(|link| link.to_view);
    links.into_iter().find_map(target)
}

/// A parameter's type as its own schema's search path has it.
pub(super) fn type_of<'r>(parameter: &'r Parameter, routine: &Routine) -> &'r str {
    let label = parameter.ty.label();
    let schema = routine.name.schema.as_str();
    label.strip_prefix(schema).and_then(|rest| rest.strip_prefix('.')).unwrap_or(label)
}

/// `type`, and `items` of an array.
pub(super) fn typed(name: &str) -> Value {
    let mut schema = json!({});
    put(&mut schema, "type", kind(name));
    if let Some(element) = element(name) {
        let mut items = json!({});
        put(&mut items, "type", kind(element));
        schema["items"] = items;
    }
    schema
}

/// The element's type, of an array's.
pub(super) fn element(name: &str) -> Option<&str> {
    name.strip_suffix("[]")
}

/// JSON Schema's type; none for JSON, which is any.
pub(super) fn kind(name: &str) -> Option<&'static str> {
    match name {
        "boolean" => Some("boolean"),
        "smallint" | "integer" | "bigint" => Some("integer"),
        "numeric" | "real" | "double precision" => Some("number"),
        "json" | "jsonb" => None,
        name if name.ends_with("[]") => Some("array"),
        _ => Some("string"),
    }
}

pub(super) fn format(name: &str) -> &str {
    match name {
        "smallint" | "integer" => "int32",
        "bigint" => "int64",
        other => other,
    }
}

/// A default that is a literal; any other expression is none.
fn literal(name: &str, default: &str) -> Option<Value> {
    if kind(name) != Some("string") {
        return serde_json::from_str(default).ok();
    }
    let text = match default.strip_suffix(name).and_then(|rest| rest.strip_suffix("::")) {
        Some(quoted) => quoted.trim_matches('\''),
        None => default,
    };
    serde_json::from_str(&format!("\"{text}\"")).ok()
}

fn list<'t>(names: impl Iterator<Item = &'t str>) -> Option<Value> {
    let names: Vec<_> = names.collect();
    (!names.is_empty()).then(|| names.into())
}

fn non_empty(map: Map<String, Value>) -> Option<Map<String, Value>> {
    (!map.is_empty()).then_some(map)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_that_are_literals_are_shown() {
        assert_eq!(literal("text", "'default'::text"), Some("default".into()));
        assert_eq!(literal("integer", "42"), Some(42.into()));
        assert_eq!(literal("integer", "nextval('s'::regclass)"), None);
        assert_eq!(literal("boolean", "false"), Some(false.into()));
        assert_eq!(literal("date", "'1900-01-01'::date"), Some("1900-01-01".into()));
    }
}
