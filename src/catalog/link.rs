//! Links between relations, derived from the foreign keys that the database reports.
//!
//! PostgREST: references/api/resource_embedding.

use crate::name::{ColumnName, ConstraintName, QualifiedName};

/// A way from one relation to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Where it starts.
    pub from: QualifiedName,
    /// Where it leads.
    pub to: QualifiedName,
    /// How many rows may be there, and through what.
    pub cardinality: Cardinality,
    /// `from` and `to` are the same relation.
    pub is_self: bool,
    /// `from` is a view (the key is that of its base table).
    pub from_view: bool,
    /// `to` is a view.
    pub to_view: bool,
}

/// Cardinality and the columns it goes by; each pair is (column of `from`, column of `to`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cardinality {
    /// `from` holds the key.
    ManyToOne {
        /// The foreign key.
        constraint: ConstraintName,
        /// Joined columns.
        columns: Vec<(ColumnName, ColumnName)>,
    },
    /// `to` holds the key.
    OneToMany {
        /// The foreign key.
        constraint: ConstraintName,
        /// Joined columns.
        columns: Vec<(ColumnName, ColumnName)>,
    },
    /// A key that is unique on its own side.
    OneToOne {
        /// The foreign key.
        constraint: ConstraintName,
        /// Joined columns.
        columns: Vec<(ColumnName, ColumnName)>,
        /// `to` holds the key.
        is_parent: bool,
    },
    /// Through a junction table whose primary key covers both of its foreign keys.
    ManyToMany(Junction),
    /// A function of one argument, a row of `from`, that gives rows of `to`.
    Computed {
        /// The function.
        function: QualifiedName,
        /// One row at most (`ROWS 1` or not a set).
        to_one: bool,
    },
}

/// The table between two others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Junction {
    /// The table.
    pub relation: QualifiedName,
    /// Its key to `from`.
    pub from_constraint: ConstraintName,
    /// Its key to `to`.
    pub to_constraint: ConstraintName,
    /// (column of `from`, column of the junction).
    pub from_columns: Vec<(ColumnName, ColumnName)>,
    /// (column of `to`, column of the junction).
    pub to_columns: Vec<(ColumnName, ColumnName)>,
}

impl Link {
    /// At most one row is at the other end.
    pub fn is_to_one(&self) -> bool {
        matches!(
            self.cardinality,
            Cardinality::ManyToOne { .. } | Cardinality::OneToOne { .. } | Cardinality::Computed { to_one: true, .. }
        )
    }
}
