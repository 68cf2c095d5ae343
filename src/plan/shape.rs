//! What the rows of a statement look like, and what they become.

use crate::catalog::Wire;

/// The columns a statement's rows have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shape {
    /// One column per output, rendered here from its binary form.
    Flat(Vec<OutputColumn>),
    /// One column: the row as JSON text, written by the database.
    Document,
    /// All columns as text, for CSV; the names are the header.
    Text(Vec<String>),
    /// One row: the whole body as it is, made by the database, and how many rows went into it.
    Raw,
    /// No columns: only how many rows were affected matters.
    Nothing,
}

/// A column of a flat shape.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutputColumn {
    /// Key in the answer.
    pub key: String,
    /// How its value comes. [`Wire::Other`] has been cast to `json` in the statement and is copied as it is.
    pub wire: Wire,
}

/// How rows become a JSON body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// An array of objects.
    Array,
    /// The first row as an object; `null` where there is none.
    Object,
    /// The first column of each row, as an array: a set of scalars.
    Values,
    /// The first column of the first row alone; `null` where there is none: a scalar.
    Value,
    /// An object a line.
    Lines,
    /// The first column of each row, a line each.
    ValueLines,
}
