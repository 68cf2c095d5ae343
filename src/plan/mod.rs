//! The tree checked against the catalog.

pub mod shape;

pub use shape::{Layout, OutputColumn, Shape};
