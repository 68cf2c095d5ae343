//! Parameters: those that every resource takes, and a filter per column.

use utoipa::openapi::{
    ComponentsBuilder, Ref, RefOr, Required,
    path::{Parameter, ParameterBuilder, ParameterIn},
    schema::{ObjectBuilder, SchemaType, Type},
};

use super::{View, key};
use crate::catalog::{Column, Privilege, Relation};

/// What the shared parameters are called, where they stand, of which type they are and what they do.
const SHARED: [(&str, ParameterIn, &str, &str); 15] = [
    (
        "select",
        ParameterIn::Query,
        "select",
        "Columns, aliases, casts, JSON paths and embedded relations: `id,name,customer:customers(name)`",
    ),
    ("order", ParameterIn::Query, "order", "Sort terms: `created_at.desc.nullslast,id`"),
    ("limit", ParameterIn::Query, "limit", "Rows at most"),
    ("offset", ParameterIn::Query, "offset", "Rows to skip"),
    ("and", ParameterIn::Query, "and", "Conditions that all must hold: `(age.gte.18,status.eq.active)`"),
    ("or", ParameterIn::Query, "or", "Conditions of which one must hold: `(status.eq.new,score.gt.80)`"),
    ("columns", ParameterIn::Query, "columns", "Keys of the payload to use"),
    (
        "on_conflict",
        ParameterIn::Query,
        "on_conflict",
        "Columns that tell which row an object is for: of an upsert, or of an update by an array",
    ),
    ("range", ParameterIn::Header, "Range", "Rows wanted: `0-9`"),
    (
        "prefer_read",
        ParameterIn::Header,
        "Prefer",
        "`count=exact`, `timezone=Europe/Copenhagen`, `handling=strict, max-rows=fail`",
    ),
    (
        "if_none_match",
        ParameterIn::Header,
        "If-None-Match",
        "Tag of the single object that the client has: 304 instead",
    ),
    ("if_match", ParameterIn::Header, "If-Match", "Tag of the single row as the client saw it: 412 if it has changed"),
    (
        "idempotency_key",
        ParameterIn::Header,
        "Idempotency-Key",
        "A key for this request: sent again with the same body within 24 hours, the first answer comes again, with \
            `Idempotency-Replayed: true`",
    ),
    (
        "prefer_insert",
        ParameterIn::Header,
        "Prefer",
        "`return=minimal|headers-only|representation`, `resolution=merge-duplicates|ignore-duplicates`, `missing=default`",
    ),
    (
        "prefer_change",
        ParameterIn::Header,
        "Prefer",
        "`return=minimal|representation`, `count=exact`, `handling=strict, max-affected=1`",
    ),
];

/// Adds the shared parameters.
pub(super) fn shared(components: ComponentsBuilder) -> ComponentsBuilder {
    SHARED.iter().fold(components, |components, (key, place, name, about)| {
        let schema = ObjectBuilder::new();
        let schema = match *name {
            "limit" | "offset" => schema.schema_type(SchemaType::Type(Type::Integer)),
            "Idempotency-Key" => text(schema).min_length(Some(1)).max_length(Some(255)),
            _ => text(schema),
        };
        components.parameter(*key, parameter(name, place.clone(), about, schema))
    })
}

/// A reference to a shared parameter.
pub(super) fn reference(key: &str) -> Ref {
    Ref::new(format!("#/components/parameters/{key}"))
}

/// Adds a filter for each column that the role may read.
pub(super) fn filters(components: ComponentsBuilder, view: &View<'_>, relation: &Relation) -> ComponentsBuilder {
    filtered(view, relation).into_iter().fold(components, |components, column| {
        let about = format!("Filter on {}: `eq.…`, `in.(…)`, `gte.…`, `is.null`, `like.*…*`", column.name);
        let filter = parameter(column.name.as_str(), ParameterIn::Query, &about, text(ObjectBuilder::new()));
        components.parameter(filter_key(relation, column), filter)
    })
}

/// References to a relation's filters.
pub(super) fn filter_references(view: &View<'_>, relation: &Relation) -> Vec<Ref> {
    filtered(view, relation).into_iter().map(|column| reference(&filter_key(relation, column))).collect()
}

fn filtered<'c>(view: &View<'_>, relation: &'c Relation) -> Vec<&'c Column> {
    relation.columns.iter().filter(|column| view.may_on(Privilege::Select, relation, column)).collect()
}

fn filter_key(relation: &Relation, column: &Column) -> String {
    key(&[relation.name.schema.as_str(), relation.name.name.as_str(), column.name.as_str()])
}

fn parameter(name: &str, place: ParameterIn, about: &str, schema: ObjectBuilder) -> RefOr<Parameter> {
    RefOr::T(
        ParameterBuilder::new()
            .name(name)
            .parameter_in(place)
            .required(Required::False)
            .description(Some(about))
            .schema(Some(schema.build()))
            .build(),
    )
}

fn text(schema: ObjectBuilder) -> ObjectBuilder {
    schema.schema_type(SchemaType::Type(Type::String))
}
