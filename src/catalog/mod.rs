//! What the database holds, as a value.
//!
//! In: one JSON document, the answer to `introspect.sql`. Out: a [`Catalog`]: relations, columns, routines, the links
//! between relations, and who may do what. Refuses a document that is not of that form. Promises no freshness: a
//! request keeps the catalog it took, and a reload swaps the whole.

pub mod builtin;
pub mod link;
pub mod privilege;
pub mod resolve;

use std::collections::HashMap;

use serde::Deserialize;

use crate::name::{ColumnName, QualifiedName, RoleName, SchemaName};
pub use builtin::{Builtin, Wire};
pub use link::{Cardinality, Junction, Link};
pub use privilege::{Acl, Grant, Privilege, Roles};

/// The exposed schemas of one database at one moment.
#[derive(Debug)]
pub struct Catalog {
    /// Facts of the server that rendering and planning depend on.
    pub server: Server,
    /// Exposed schemas with their comments, in the configuration's order.
    pub schemas: Vec<Schema>,
    /// Tables, views, materialised views, foreign tables of the exposed schemas.
    pub relations: HashMap<QualifiedName, Relation>,
    /// Functions of the exposed schemas; more than one under a name are overloads, fewest parameters first.
    pub routines: HashMap<QualifiedName, Vec<Routine>>,
    /// Links by the relation they start from.
    pub links: HashMap<QualifiedName, Vec<Link>>,
    /// Domain representations: (source type, target type) to the cast function that maps between them.
    /// PostgREST: references/api/domain_representations.
    pub representations: HashMap<(String, String), QualifiedName>,
    /// Roles and whose rights they inherit.
    pub roles: Roles,
}

/// Facts of the server.
#[derive(Clone, Debug, Deserialize)]
pub struct Server {
    /// `server_version_num`, e.g. 160014.
    pub version_num: u32,
    /// `server_version`, e.g. `16.14`.
    pub version: String,
    /// `TimeZone` that a session of the service's login role starts with.
    pub time_zone: String,
}

/// An exposed schema.
#[derive(Clone, Debug, Deserialize)]
pub struct Schema {
    /// Name.
    pub name: SchemaName,
    /// `COMMENT ON SCHEMA`.
    pub comment: Option<String>,
}

/// A relation that rows can be read from.
#[derive(Clone, Debug, Deserialize)]
pub struct Relation {
    /// Schema and name.
    #[serde(flatten)]
    pub name: QualifiedName,
    /// Table or view.
    pub kind: RelationKind,
    /// `COMMENT ON TABLE`.
    pub comment: Option<String>,
    /// Columns in their order.
    pub columns: Vec<Column>,
    /// Primary key columns; of a view, those of its base table that it shows.
    pub primary_key: Vec<ColumnName>,
    /// Rows can be inserted (tables; views that are auto-updatable or have an INSTEAD OF trigger).
    pub insertable: bool,
    /// Rows can be updated.
    pub updatable: bool,
    /// Rows can be deleted.
    pub deletable: bool,
    /// Code of the database's own runs when rows change (user triggers, rules), so it may set response headers.
    pub has_triggers: bool,
    /// Owner and grants on the relation.
    #[serde(flatten)]
    pub acl: Acl,
}

/// Kinds of relation, by `pg_class.relkind`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum RelationKind {
    /// Table.
    #[serde(rename = "r")]
    Table,
    /// Partitioned table.
    #[serde(rename = "p")]
    Partitioned,
    /// View.
    #[serde(rename = "v")]
    View,
    /// Materialised view.
    #[serde(rename = "m")]
    MaterializedView,
    /// Foreign table.
    #[serde(rename = "f")]
    Foreign,
}

/// A column.
#[derive(Clone, Debug, Deserialize)]
pub struct Column {
    /// Name.
    pub name: ColumnName,
    /// `COMMENT ON COLUMN`.
    pub comment: Option<String>,
    /// May be null.
    pub nullable: bool,
    /// Its type.
    #[serde(rename = "type")]
    pub ty: Type,
    /// Characters at most, of `varchar(n)` and `char(n)`.
    pub max_length: Option<i32>,
    /// Default as an SQL expression, `nextval(…)` and identity included; `None` where there is none.
    pub default: Option<String>,
    /// Written by the database alone (`GENERATED ALWAYS`).
    pub generated: bool,
    /// Grants on this column alone.
    #[serde(default)]
    pub grants: Vec<Grant>,
}

/// A type as SQL names it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Type {
    /// As `format_type` writes it without modifiers, safe in SQL: `integer`, `character varying`, `crm.stage`, and of
    /// a domain the domain's own name.
    pub name: String,
    /// The same with a domain resolved to what it is over; equal to `name` elsewhere.
    pub base: String,
    /// OID of the base type.
    pub oid: u32,
    /// `pg_type.typtype` of the base type: b, c, d, e, p, r, m.
    pub kind: char,
    /// Labels of an enum, in order.
    #[serde(default)]
    pub labels: Vec<String>,
    /// For arrays (`typcategory` A): OID of the element's base type.
    #[serde(default)]
    pub element: Option<u32>,
}

impl Type {
    /// How values of this type come over the wire and whether we render them ourselves.
    pub fn wire(&self) -> Wire {
        Wire::of(self.oid, self.element)
    }
}

/// A function.
#[derive(Clone, Debug, Deserialize)]
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
#[derive(Clone, Debug, Deserialize)]
pub struct Parameter {
    /// Name; empty where it has none.
    pub name: String,
    /// Type, as SQL names it.
    #[serde(rename = "type")]
    pub ty: Type,
    /// Type with its modifiers, e.g. `character(3)`.
    pub full_type: String,
    /// It has no default.
    pub required: bool,
    /// It is VARIADIC.
    pub variadic: bool,
}

/// What a function returns.
#[derive(Clone, Debug, Deserialize)]
pub struct Returns {
    /// Schema-qualified name of the type as in `pg_type`; `pg_catalog.void` is nothing.
    pub name: QualifiedName,
    /// The type.
    #[serde(rename = "type")]
    pub ty: Type,
    /// `SETOF` or `TABLE`.
    pub set: bool,
    /// Rows: a table's or composite type, `record` with OUT or TABLE columns.
    pub composite: bool,
    /// A composite through a domain or an alias of it (pg_type of a composite that is not the relation itself).
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

impl Catalog {
    /// The relation of that name, if it is exposed.
    pub fn relation(&self, name: &QualifiedName) -> Option<&Relation> {
        self.relations.get(name)
    }

    /// Links that start at a relation.
    pub fn links_from(&self, name: &QualifiedName) -> &[Link] {
        self.links.get(name).map_or(&[], Vec::as_slice)
    }

    /// Columns of a relation that a role may read; all of them where it may read none, so that the database says why.
    pub fn readable<'c>(&'c self, relation: &'c Relation, role: &RoleName) -> Vec<&'c Column> {
        let readable: Vec<_> = relation
            .columns
            .iter()
            .filter(|column| self.roles.may_on_column(role, Privilege::Select, &relation.acl, &column.grants))
            .collect();
        if readable.is_empty() { relation.columns.iter().collect() } else { readable }
    }
}

impl Relation {
    /// The column of that name.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }
}
