//! Columns and rows as JSON Schema.

use utoipa::openapi::{
    ComponentsBuilder, Ref, RefOr, Schema,
    schema::{ArrayBuilder, KnownFormat, Object, ObjectBuilder, SchemaFormat, SchemaType, Type as JsonType},
};

use super::{View, key};
use crate::catalog::{Builtin, Column, Privilege, Relation, Routine, Type, Wire};

/// Adds a relation's row, and what may be inserted and changed of it.
pub(super) fn relation(components: ComponentsBuilder, view: &View<'_>, relation: &Relation) -> ComponentsBuilder {
    let mut components = components;
    let of = |privilege| relation.columns.iter().filter(move |column| view.may_on(privilege, relation, column));
    if view.may(Privilege::Select, relation) {
        let row = of(Privilege::Select)
            .fold(described(relation), |row, column| row.property(column.name.as_str(), property(column)));
        components = components.schema(row_key(relation), row);
    }
    for (privilege, suffix) in [(Privilege::Insert, "insert"), (Privilege::Update, "update")] {
        if !view.may(privilege, relation) {
            continue;
        }
        let columns = of(privilege).filter(|column| !column.generated);
        let row = columns.fold(described(relation), |row, column| {
            let row = row.property(column.name.as_str(), property(column));
            match privilege == Privilege::Insert && !column.nullable && column.default.is_none() {
                true => row.required(column.name.as_str()),
                false => row,
            }
        });
        components = components.schema(key(&[relation.name.schema.as_str(), relation.name.name.as_str(), suffix]), row);
    }
    components
}

fn described(relation: &Relation) -> ObjectBuilder {
    ObjectBuilder::new().description(relation.comment.clone())
}

/// The component of a relation's row.
pub(super) fn row_key(relation: &Relation) -> String {
    key(&[relation.name.schema.as_str(), relation.name.name.as_str()])
}

/// A reference to a relation's row.
pub(super) fn row(relation: &Relation) -> Ref {
    Ref::from_schema_name(row_key(relation))
}

fn property(column: &Column) -> RefOr<Schema> {
    value(&column.ty, column.nullable, column.comment.clone(), column.max_length)
}

/// A value of a type.
pub(super) fn value(ty: &Type, nullable: bool, description: Option<String>, max_length: Option<i32>) -> RefOr<Schema> {
    match ty.wire() {
        Wire::Array(element) => {
            let types = [Some(JsonType::Array), nullable.then_some(JsonType::Null)].into_iter().flatten().collect();
            // Elements of a Postgres array may be null, and may be arrays.
            let items = json(Some(element), &ty.name, true);
            RefOr::T(Schema::Array(
                ArrayBuilder::new().schema_type(SchemaType::Array(types)).items(items).description(description).build(),
            ))
        }
        Wire::Plain(builtin) => {
            let mut object = json(Some(builtin), &ty.name, nullable);
            object.description = description;
            object.max_length = max_length.and_then(|length| usize::try_from(length).ok());
            RefOr::T(Schema::Object(object))
        }
        Wire::Other => {
            let mut object = json(None, &ty.name, nullable);
            object.description = description;
            if ty.kind == 'c' || ty.kind == 'r' {
                object.schema_type = SchemaType::AnyValue;
            }
            if !ty.labels.is_empty() {
                let mut values: Vec<serde_json::Value> = ty.labels.iter().map(|label| label.clone().into()).collect();
                values.extend(nullable.then_some(serde_json::Value::Null));
                object.enum_values = Some(values);
            }
            RefOr::T(Schema::Object(object))
        }
    }
}

fn json(builtin: Option<Builtin>, name: &str, nullable: bool) -> Object {
    let known = |format| Some(SchemaFormat::KnownFormat(format));
    let named = || Some(SchemaFormat::Custom(name.to_owned()));
    let (ty, format) = match builtin {
        Some(Builtin::Bool) => (JsonType::Boolean, None),
        Some(Builtin::Int2 | Builtin::Int4) => (JsonType::Integer, known(KnownFormat::Int32)),
        Some(Builtin::Int8 | Builtin::Oid) => (JsonType::Integer, known(KnownFormat::Int64)),
        Some(Builtin::Float4) => (JsonType::Number, known(KnownFormat::Float)),
        Some(Builtin::Float8) => (JsonType::Number, known(KnownFormat::Double)),
        Some(Builtin::Numeric) => (JsonType::Number, named()),
        Some(Builtin::Text) => (JsonType::String, None),
        Some(Builtin::Uuid) => (JsonType::String, Some(SchemaFormat::Custom("uuid".to_owned()))),
        Some(Builtin::Date) => (JsonType::String, known(KnownFormat::Date)),
        Some(Builtin::TimestampTz) => (JsonType::String, known(KnownFormat::DateTime)),
        Some(Builtin::Json | Builtin::Jsonb) => {
            return ObjectBuilder::new().schema_type(SchemaType::AnyValue).build();
        }
        // A timestamp has no offset, which RFC 3339's date-time demands; the rest have formats of Postgres' own.
        Some(Builtin::Time | Builtin::Timestamp | Builtin::Bytea) | None => (JsonType::String, named()),
    };
    let types = match nullable {
        true => SchemaType::Array(vec![ty, JsonType::Null]),
        false => SchemaType::Type(ty),
    };
    ObjectBuilder::new().schema_type(types).format(format).build()
}

/// The arguments of a function as an object.
pub(super) fn arguments(routine: &Routine) -> Object {
    let named = routine.parameters.iter().filter(|parameter| !parameter.name.is_empty());
    named
        .fold(ObjectBuilder::new(), |object, parameter| {
            let object = object.property(&parameter.name, value(&parameter.ty, true, None, None));
            if parameter.required { object.required(&parameter.name) } else { object }
        })
        .build()
}

/// What a function answers.
pub(super) fn result(view: &View<'_>, routine: &Routine) -> RefOr<Schema> {
    let returns = &routine.returns;
    let one = match view.catalog.relation(&returns.name).filter(|relation| view.may(Privilege::Select, relation)) {
        Some(relation) if returns.composite => RefOr::Ref(row(relation)),
        _ if returns.composite => {
            let row = returns
                .columns
                .iter()
                .fold(ObjectBuilder::new(), |row, column| row.property(column.name.as_str(), property(column)));
            RefOr::T(Schema::Object(row.build()))
        }
        _ => value(&returns.ty, true, None, None),
    };
    match returns.set {
        true => array(one),
        false => one,
    }
}

/// An array of something.
pub(super) fn array(items: impl Into<RefOr<Schema>>) -> RefOr<Schema> {
    RefOr::T(Schema::Array(ArrayBuilder::new().items(items.into()).build()))
}
