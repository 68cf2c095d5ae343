//! A plan written as text and parameters.
//!
//! In: a plan, which only the planner can make. Out: a [`Statement`]. Total: what can't be written was refused one
//! stage before. Identifiers come from the catalog and are quoted where they are written; values are always bound.

pub mod builder;

pub use builder::{Sql, Statement};
