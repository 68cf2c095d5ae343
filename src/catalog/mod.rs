//! What the database holds, as a value.
//!
//! In: one JSON document, the answer to [`INTROSPECT`]. Out: a [`Catalog`]: relations, columns, routines, the links
//! between relations, and who may do what. Refuses a document that is not of that form. Promises no freshness: a
//! request keeps the catalog it took, and a reload swaps the whole.

pub mod builtin;
pub mod call;
mod document;
mod embed;
pub mod link;
pub mod lookup;
pub mod privilege;
pub mod relation;
pub mod routine;
mod suggest;
#[cfg(test)]
mod tests;
mod views;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::Deserialize;

use crate::name::{QualifiedName, RoleName, SchemaName};
pub use builtin::{Builtin, Wire};
pub use call::Body;
pub use link::{Cardinality, Junction, Link};
pub use lookup::{LookupError, LookupFailure};
pub use privilege::{Acl, Grant, Privilege, Rights, Roles};
pub use relation::{Column, Composite, Enum, Relation, RelationKind, Type};
pub use routine::{MediaHandler, Parameter, Returns, Routine, Volatility};

/// What the transaction of [`INTROSPECT`] has to run first. With an empty `search_path` names come out qualified; and
/// just-in-time compilation, for which the statement's estimates are always large enough, takes seconds.
pub const INTROSPECT_SETTINGS: &str =
    "select pg_catalog.set_config('search_path', '', true), pg_catalog.set_config('jit', 'off', true)";

/// The statement whose one row and column, of type `text`, [`Catalog::from_json`] reads. Its parameters are three
/// `text[]`: exposed schemas in order, extra search path, names of the function settings to hoist.
pub const INTROSPECT: &str = include_str!("introspect.sql");

/// The exposed schemas of one database at one moment.
#[derive(Clone, Debug, PartialEq)]
pub struct Catalog {
    /// Facts of the server that rendering and planning depend on.
    pub server: Server,
    /// Exposed schemas with their comments, in the configuration's order.
    pub schemas: Vec<Schema>,
    /// Tables, views, materialised views, foreign tables of the exposed schemas.
    pub relations: HashMap<QualifiedName, Relation>,
    /// Enums of the exposed schemas.
    pub enums: BTreeMap<QualifiedName, Enum>,
    /// Composite types of the exposed schemas, but for those of relations' rows.
    pub composites: BTreeMap<QualifiedName, Composite>,
    /// Functions of the exposed schemas; more than one under a name are overloads, fewest parameters first.
    pub routines: HashMap<QualifiedName, Vec<Routine>>,
    /// Links by the relation they start from, in the order in which an ambiguity lists them.
    pub links: HashMap<QualifiedName, Vec<Link>>,
    /// Domain representations: (source type, target type) to the cast function that maps between them.
    /// PostgREST: references/api/domain_representations.
    pub representations: HashMap<(String, String), QualifiedName>,
    /// Functions of a row of a relation, which are selected and filtered like its columns.
    /// PostgREST: references/api/computed_fields.
    pub computed_fields: HashMap<QualifiedName, BTreeSet<String>>,
    /// What makes bodies of other media types. PostgREST: references/api/media_type_handlers.
    pub media_handlers: Vec<MediaHandler>,
    /// Roles and whose rights they inherit.
    pub roles: Roles,
}

/// Facts of the server.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Server {
    /// `server_version_num`, e.g. 160014.
    pub version_num: u32,
    /// `server_version`, e.g. `16.14`.
    pub version: String,
    /// `TimeZone` that sessions of the data plane start with.
    pub time_zone: String,
}

/// An exposed schema.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Schema {
    /// Name.
    pub name: SchemaName,
    /// `COMMENT ON SCHEMA`.
    pub comment: Option<String>,
    /// Owner and grants (USAGE).
    #[serde(flatten)]
    pub acl: Acl,
}

/// Why there is no catalog.
#[derive(Debug, thiserror::Error)]
pub enum CatalogError {
    /// The text is not what the statement answers.
    #[error("the catalog could not be read: {0}")]
    Malformed(#[from] serde_json::Error),
}

impl Catalog {
    /// Reads the answer to [`INTROSPECT`], derives the links between relations and the primary keys of views.
    ///
    /// # Errors
    /// [`CatalogError::Malformed`] for text of another form.
    pub fn from_json(text: &str) -> Result<Self, CatalogError> {
        Ok(serde_json::from_str::<document::Document>(text)?.into_catalog())
    }

    /// The relation of that name, if it is exposed.
    pub fn relation(&self, name: &QualifiedName) -> Option<&Relation> {
        self.relations.get(name)
    }

    /// Functions of that name, fewest parameters first.
    pub fn routines(&self, name: &QualifiedName) -> &[Routine] {
        self.routines.get(name).map_or(&[], Vec::as_slice)
    }

    /// The computed field of that name.
    pub fn computed_field<'c>(&'c self, relation: &Relation, name: &str) -> Option<&'c str> {
        self.computed_fields.get(&relation.name)?.get(name).map(String::as_str)
    }

    /// Links that start at a relation.
    pub fn links_from(&self, name: &QualifiedName) -> &[Link] {
        self.links.get(name).map_or(&[], Vec::as_slice)
    }

    /// Columns of a relation that a role may read; all of them where it may read none, so that the database says why.
    pub fn readable<'c>(&'c self, relation: &'c Relation, role: &RoleName) -> Vec<&'c Column> {
        let rights = self.roles.of(role);
        if rights.may(Privilege::Select, &relation.acl) {
            return relation.columns.iter().collect();
        }
        let readable: Vec<_> =
            relation.columns.iter().filter(|column| rights.covered(Privilege::Select, &column.grants)).collect();
        if readable.is_empty() { relation.columns.iter().collect() } else { readable }
    }
}
