//! Identifiers as types.
//!
//! In: text from the catalog, the configuration or a request. Out: a newtype per kind of identifier, so that a
//! role can't stand where a column is wanted. Refuses nothing: what exists is the catalog's to say.

use std::{borrow::Borrow, fmt, sync::Arc};

use serde::{Deserialize, Serialize};

macro_rules! names {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Arc<str>);

        impl $name {
            /// The name, unquoted, as the catalog spells it.
            pub fn as_str(&self) -> &str { &self.0 }
        }
        impl<T: Into<Arc<str>>> From<T> for $name {
            fn from(name: T) -> Self { Self(name.into()) }
        }
        impl Borrow<str> for $name {
            fn borrow(&self) -> &str { &self.0 }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { f.write_str(&self.0) }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { fmt::Debug::fmt(&self.0, f) }
        }
        impl PartialEq<str> for $name {
            fn eq(&self, other: &str) -> bool { &*self.0 == other }
        }
        impl PartialEq<&str> for $name {
            fn eq(&self, other: &&str) -> bool { &*self.0 == *other }
        }
    )*};
}

names! {
    /// A schema.
    SchemaName
    /// A table, view or function's own name, without its schema.
    ObjectName
    /// A column.
    ColumnName
    /// A role of the cluster.
    RoleName
    /// A foreign key or unique constraint.
    ConstraintName
}

/// A relation or routine with its schema.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct QualifiedName {
    /// Schema.
    pub schema: SchemaName,
    /// Name within the schema.
    pub name: ObjectName,
}

impl QualifiedName {
    /// Puts a schema and a name together.
    pub fn new(schema: impl Into<SchemaName>, name: impl Into<ObjectName>) -> Self {
        Self { schema: schema.into(), name: name.into() }
    }
}

impl fmt::Display for QualifiedName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.schema, self.name)
    }
}
