//! Functions, and what makes other media types.

use serde::Deserialize;

use super::{
    privilege::Acl,
    relation::{Column, Type},
};
use crate::name::QualifiedName;

/// A function.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Routine {
    /// Schema and name.
    #[serde(flatten)]
    pub name: QualifiedName,
    /// `COMMENT ON FUNCTION`.
    pub comment: Option<String>,
    /// In parameters (IN, INOUT, VARIADIC), in order.
    pub parameters: Vec<Parameter>,
    /// What it gives back.
    pub returns: Returns,
    /// `pg_proc.provolatile`.
    pub volatility: Volatility,
    /// The last parameter is VARIADIC.
    pub variadic: bool,
    /// Isolation level the function asks for (`SET default_transaction_isolation`), e.g. `serializable`.
    pub isolation: Option<String>,
    /// Settings of the function to apply to its transaction, as configured (`hoisted-tx-settings`).
    #[serde(default)]
    pub settings: Vec<(String, String)>,
    /// Owner and grants (EXECUTE).
    #[serde(flatten)]
    pub acl: Acl,
}

/// A parameter of a function.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Parameter {
    /// Name; empty where it has none.
    pub name: String,
    /// Type, as SQL names it.
    #[serde(rename = "type")]
    pub ty: Type,
    /// The type to read an argument as: `ty`, but one that takes any length (`character varying` for `character`).
    pub full_type: String,
    /// It has no default.
    pub required: bool,
    /// It is VARIADIC.
    pub variadic: bool,
}

/// What a function returns.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Returns {
    /// Schema-qualified name of the (base) type as in `pg_type`; `pg_catalog.void` is nothing.
    #[serde(flatten)]
    pub name: QualifiedName,
    /// The type.
    #[serde(rename = "type")]
    pub ty: Type,
    /// `SETOF` or `TABLE`.
    pub set: bool,
    /// Rows: a table's or composite type, or anything with OUT, INOUT or TABLE columns.
    pub composite: bool,
    /// The type is a domain over what is described here.
    pub composite_alias: bool,
    /// Where it returns rows: the columns, from the composite type or from OUT and TABLE parameters.
    #[serde(default)]
    pub columns: Vec<Column>,
}

/// `pg_proc.provolatile`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum Volatility {
    /// Depends on its arguments only.
    #[serde(rename = "i")]
    Immutable,
    /// Does not modify the database.
    #[serde(rename = "s")]
    Stable,
    /// May do anything.
    #[serde(rename = "v")]
    Volatile,
}

/// What makes a body of some media type.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct MediaHandler {
    /// What to call: an aggregate over rows; for a function's result, the domain named like the media type.
    pub function: QualifiedName,
    /// The relation or function whose rows it takes; `None` is `anyelement`.
    pub target: Option<QualifiedName>,
    /// The media type it answers to, in lower case; `*/*` is any.
    pub accept: String,
    /// The media type it makes; `application/octet-stream` for `*/*`.
    pub media_type: String,
}

impl Routine {
    /// What the rows it returns are to select and embed from: the relation of its composite type, else its own name.
    /// PostgREST looks for either in the function's schema (`callReadPlan`).
    pub fn rows(&self) -> QualifiedName {
        let name = if self.returns.composite { &self.returns.name.name } else { &self.name.name };
        QualifiedName { schema: self.name.schema.clone(), name: name.clone() }
    }
}
