//! Names in a request looked up in the catalog, and what is said where they aren't found.
//!
//! In: a name as the request spells it. Out: what it names, or a [`LookupError`] that is already worded. Codes, texts
//! and suggestions are PostgREST's (Error.hs, `SchemaCacheError`).

use serde_json::Value;

use super::{Catalog, Column, Relation, suggest};
use crate::name::QualifiedName;

/// Schemas of this many relations get no suggestions (PostgREST's `maxDbTablesForFuzzySearch`).
const MANY_RELATIONS: usize = 500;

/// A name that leads nowhere, or to more than one thing.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{message}")]
pub struct LookupError {
    /// What went wrong.
    pub failure: LookupFailure,
    /// The sentence.
    pub message: String,
    /// What was looked for: a sentence, or for an ambiguous embed an array of the candidates.
    pub details: Option<Box<Value>>,
    /// What to do.
    pub hint: Option<String>,
}

/// The ways of a lookup to go wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LookupFailure {
    /// No link leads from the relation to what is embedded.
    NoLink,
    /// More than one does.
    AmbiguousLink,
    /// No function has that name and those parameters.
    NoRoutine,
    /// More than one has.
    AmbiguousRoutine,
    /// The relation has no such column.
    NoColumn,
    /// There is no such relation.
    NoRelation,
}

impl LookupFailure {
    /// PostgREST's code.
    pub fn code(self) -> &'static str {
        match self {
            Self::NoLink => "PGRST200",
            Self::AmbiguousLink => "PGRST201",
            Self::NoRoutine => "PGRST202",
            Self::AmbiguousRoutine => "PGRST203",
            Self::NoColumn => "PGRST204",
            Self::NoRelation => "PGRST205",
        }
    }

    /// The status it is answered with.
    pub fn status(self) -> u16 {
        match self {
            Self::AmbiguousLink | Self::AmbiguousRoutine => 300,
            Self::NoLink | Self::NoColumn => 400,
            Self::NoRoutine | Self::NoRelation => 404,
        }
    }
}

impl Catalog {
    /// The relation of that name.
    ///
    /// # Errors
    /// [`LookupFailure::NoRelation`] where none is exposed under it.
    pub fn resolve_relation(&self, name: &QualifiedName) -> Result<&Relation, LookupError> {
        self.relations.get(name).ok_or_else(|| {
            let mut names: Vec<_> = self
                .relations
                .keys()
                .filter(|other| other.schema == name.schema)
                .map(|other| other.name.as_str())
                .collect();
            names.sort_unstable();
            let closest = (names.len() < MANY_RELATIONS)
                .then(|| suggest::closest(names, name.name.as_str(), suggest::CLOSE))
                .flatten();
            LookupError {
                failure: LookupFailure::NoRelation,
                message: format!("Could not find the table '{name}' in the schema cache"),
                details: None,
                hint: closest.map(|(_, closest)| format!("Perhaps you meant the table '{}.{closest}'", name.schema)),
            }
        })
    }
}

impl Relation {
    /// The column of that name, to write to.
    ///
    /// # Errors
    /// [`LookupFailure::NoColumn`] where it has none.
    pub fn resolve_column(&self, name: &str) -> Result<&Column, LookupError> {
        self.column(name).ok_or_else(|| LookupError {
            failure: LookupFailure::NoColumn,
            message: format!("Could not find the '{name}' column of '{}' in the schema cache", self.name.name),
            details: None,
            hint: None,
        })
    }
}
