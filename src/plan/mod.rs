//! The tree checked against the catalog.
//!
//! In: a query, the catalog, the caller's role and the limits in force. Out: a plan, whose every name is a reference
//! into the catalog and which says what shape its rows will have. Refuses what does not exist, what is ambiguous and
//! what is not allowed; what the caller may not read or write is Postgres' to refuse.

mod aggregate;
mod bulk;
mod call;
pub mod cast;
mod embed;
mod error;
mod field;
mod keyset;
pub mod lookahead;
mod output;
mod predicate;
mod read;
pub mod shape;
pub mod write;

pub use aggregate::AggregateRef;
pub use call::{Arguments, Call, CallPlan, call};
pub use cast::Cast;
pub use embed::{EmbedKind, EmbedPlan, Join, On, Spread};
pub use error::PlanError;
pub use field::{FieldRef, Target};
pub use keyset::{Keyset, Place};
pub use lookahead::{Lookahead, Mark};
pub use output::Output;
pub use predicate::Predicate;
pub use read::{Alias, From, OrderBy, ReadPlan, Select, SortKey, read};
pub use shape::{Layout, OutputColumn, Shape};
pub use write::{Conflict, Mutation, PayloadColumn, Returning, Write, WritePlan, WriteRequest, write};

use crate::{
    catalog::{Catalog, MediaHandler},
    name::RoleName,
};

/// What a plan is made with besides the query.
#[derive(Clone, Copy, Debug)]
pub struct Context<'c> {
    /// What the database holds.
    pub catalog: &'c Catalog,
    /// The caller's role: `*` means what it may read.
    pub role: &'c RoleName,
    /// Limits of the configuration.
    pub limits: Limits,
    /// What the answer is to be written in.
    pub format: Format<'c>,
    /// The transaction's time zone is UTC, so that a timestamptz can be written without asking Postgres.
    pub utc: bool,
    /// What lists that may be cut are told by; without it nobody asks whether there is more.
    pub mark: Option<&'c Mark>,
    /// PostgREST's API is all there is. CSV is gathered then, as PostgREST's is; and rows without an order are to come as
    /// its own statement brings them, which a limit that is higher by one can change.
    pub is_postgrest_alone: bool,
}

/// Limits of the configuration.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Rows at most on each level of a read.
    pub max_rows: Option<u64>,
    /// Rows at most of a relation's read that is streamed.
    pub max_streamed_rows: Option<u64>,
    /// Aggregate functions are allowed.
    pub aggregates: bool,
    /// PATCH and DELETE need a filter.
    pub safe_writes: bool,
}

/// What an answer is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format<'c> {
    /// JSON: an array, an object or a scalar.
    Json {
        /// One object instead of an array: the result must be exactly one row.
        singular: bool,
        /// Keys whose value is null are left out.
        strip_nulls: bool,
    },
    /// A JSON value a line.
    NdJson,
    /// CSV with a header.
    Csv,
    /// A FeatureCollection, which PostGIS makes.
    GeoJson,
    /// What a function of the database's own makes of the rows.
    Handler(&'c MediaHandler),
}

impl Format<'_> {
    /// JSON as it is by default.
    pub const JSON: Self = Self::Json { singular: false, strip_nulls: false };

    /// Exactly one row is asked for.
    pub fn is_singular(self) -> bool {
        matches!(self, Self::Json { singular: true, .. })
    }

    /// Keys whose value is null are left out.
    pub fn strips_nulls(self) -> bool {
        matches!(self, Self::Json { strip_nulls: true, .. })
    }
}
