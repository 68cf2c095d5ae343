//! Schemas of answers that are no row: what the documentation says of them.

use utoipa::openapi::{ObjectBuilder, OneOfBuilder, RefOr, Schema, schema::Type};

/// Schema of a plain value.
pub(super) fn of(ty: Type) -> RefOr<Schema> {
    ObjectBuilder::new().schema_type(ty).into()
}

/// Schema of a value that may be null.
pub(super) fn nullable(schema: impl Into<RefOr<Schema>>) -> RefOr<Schema> {
    OneOfBuilder::new().item(schema).item(of(Type::Null)).into()
}

/// Schema of an object that has all of these fields.
pub(super) fn object(fields: impl IntoIterator<Item = (&'static str, RefOr<Schema>)>) -> RefOr<Schema> {
    let object = |object: ObjectBuilder, (name, schema)| object.property(name, schema).required(name);
    fields.into_iter().fold(ObjectBuilder::new(), object).into()
}
