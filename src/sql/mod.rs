//! A plan written as text and parameters.
//!
//! In: a plan, which only the planner can make. Out: a [`Statement`]. Total: what can't be written was refused one
//! stage before. Identifiers come from the catalog and are quoted where they are written; values are always bound.

mod builder;
mod call;
mod embed;
mod explain;
mod field;
mod predicate;
mod read;
mod write;

pub use builder::{Sql, Statement};
pub use call::{call, counted_call, current_user, pre_request};
pub use explain::{estimate, explain};
pub use read::{count, count_up_to, read};
pub use write::{DUPLICATE_KEY, write};
