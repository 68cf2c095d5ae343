//! Rows to bytes.
//!
//! In: rows in Postgres' binary format and what they look like ([`Shape`], [`Layout`]). Out: a body, byte for byte
//! what PostgREST has Postgres write (`json_agg`, `to_json`, `record_out`), in a session whose time zone is UTC and
//! whose output settings are Postgres' defaults. Refuses a value that is not of its type, naming the column; the
//! shape of a row is otherwise taken on trust.

mod array;
mod csv;
mod datetime;
mod float;
mod json;
mod mark;
mod numeric;
mod text;
mod value;

use crate::{catalog::Wire, db::Row};
pub use csv::{csv, csv_rows};
pub use json::{JsonWriter, json};
pub use mark::unmark;

#[cfg(doc)]
use crate::plan::{Layout, Shape};

/// Why rows could not become a body.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RenderError {
    /// The bytes are not a value of the type that the plan said.
    #[error("column {column:?}: not the binary form of {wire:?}")]
    Malformed {
        /// Key of the column in the answer.
        column: String,
        /// The type it should have had.
        wire: Wire,
    },
    /// The rows have a shape that JSON is not made of: they are text, raw, or nothing.
    #[error("rows of this shape are not rendered as JSON")]
    NotJson,
}

/// The bytes are not a value of their type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Malformed;

/// Writes one value as JSON.
///
/// # Errors
/// [`RenderError::Malformed`]
pub fn cell(wire: Wire, bytes: &[u8], out: &mut Vec<u8>) -> Result<(), RenderError> {
    value::value(wire, bytes, out).map_err(|Malformed| RenderError::Malformed { column: String::new(), wire })
}

/// Writes the first column of every row, each with a line break after it.
pub fn lines(rows: &[Row], out: &mut Vec<u8>) {
    for line in rows.iter().filter_map(|row| row.get(0)) {
        out.extend_from_slice(line);
        out.push(b'\n');
    }
}

/// Writes the first column of every row, one after the other, as it came; NULL is nothing.
pub fn raw(rows: &[Row], out: &mut Vec<u8>) {
    rows.iter().filter_map(|row| row.get(0)).for_each(|bytes| out.extend_from_slice(bytes));
}
