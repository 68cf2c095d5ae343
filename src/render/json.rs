//! Rows as a JSON body, as `json_agg` lays them out.

use super::{Malformed, RenderError, text, value::value};
use crate::{
    catalog::Wire,
    db::Row,
    plan::{Layout, OutputColumn, Shape},
};

/// Between rows, and before an element that is an array (src/backend/utils/adt/json.c, `json_agg_transfn`).
const STRUCTURED_SEPARATOR: &[u8] = b", \n ";
/// Between scalars.
const SEPARATOR: &[u8] = b", ";

/// Writes all rows as one body, or nothing.
///
/// # Errors
/// Where the shape is not one of JSON or a value is malformed.
pub fn json(shape: &Shape, layout: Layout, rows: &[Row], out: &mut Vec<u8>) -> Result<(), RenderError> {
    let start = out.len();
    let mut writer = JsonWriter::new(shape, layout)?;
    out.reserve(rows.len() * writer.row_size_hint() + 2);
    if let Err(error) = rows.iter().try_for_each(|row| writer.row(row, out)) {
        out.truncate(start);
        return Err(error);
    }
    writer.end(out);
    Ok(())
}

/// Writes a JSON body row by row, so that it can be sent while it grows.
#[derive(Debug)]
pub struct JsonWriter<'s> {
    layout: Layout,
    content: Content<'s>,
    rows: usize,
}

/// What rows hold.
#[derive(Debug)]
enum Content<'s> {
    /// Values.
    Columns(Vec<Key<'s>>),
    /// Themselves as JSON.
    Document,
}

/// A column with all that goes before its values.
#[derive(Debug)]
struct Key<'s> {
    column: &'s OutputColumn,
    before: Vec<u8>,
}

impl<'s> JsonWriter<'s> {
    /// A body of rows of a shape.
    ///
    /// # Errors
    /// [`RenderError::NotJson`]
    pub fn new(shape: &'s Shape, layout: Layout) -> Result<Self, RenderError> {
        let content = match shape {
            Shape::Flat(columns) => {
                Content::Columns(columns.iter().enumerate().map(|(index, column)| Key::new(index, column)).collect())
            }
            Shape::Document => Content::Document,
            Shape::Text(_) | Shape::Raw | Shape::Nothing => return Err(RenderError::NotJson),
        };
        Ok(Self { layout, content, rows: 0 })
    }

    /// Writes a row, and before it what opens the body or separates it from the row before.
    ///
    /// # Errors
    /// [`RenderError::Malformed`]; what has been written by then is of no use.
    pub fn row(&mut self, row: &Row, out: &mut Vec<u8>) -> Result<(), RenderError> {
        let first = self.rows == 0;
        self.rows += 1;
        match self.layout {
            Layout::Array => {
                out.extend_from_slice(if first { b"[" } else { STRUCTURED_SEPARATOR });
                self.object(row, out)
            }
            Layout::Values => {
                out.extend_from_slice(if first { b"[" } else { self.separator_before(row) });
                self.scalar(row, out)
            }
            Layout::Object if first => self.object(row, out),
            Layout::Value if first => {
                let start = out.len();
                self.scalar(row, out)?;
                trim(out, start);
                Ok(())
            }
            Layout::Object | Layout::Value => Ok(()),
            Layout::Lines => self.line(out, |out| self.object(row, out)),
            Layout::ValueLines => self.line(out, |out| self.scalar(row, out)),
        }
    }

    /// Writes a value and ends the line. A `json` value may have line breaks in it, as white space: a string holds none.
    fn line(
        &self,
        out: &mut Vec<u8>,
        value: impl FnOnce(&mut Vec<u8>) -> Result<(), RenderError>,
    ) -> Result<(), RenderError> {
        let start = out.len();
        value(out)?;
        if memchr::memchr2(b'\n', b'\r', &out[start..]).is_some() {
            out[start..].iter_mut().filter(|byte| matches!(byte, b'\n' | b'\r')).for_each(|byte| *byte = b' ');
        }
        out.push(b'\n');
        Ok(())
    }

    /// Writes what closes the body.
    pub fn end(self, out: &mut Vec<u8>) {
        out.extend_from_slice(match (self.layout, self.rows) {
            (Layout::Array | Layout::Values, 0) => b"[]",
            (Layout::Array | Layout::Values, _) => b"]",
            (Layout::Object | Layout::Value, 0) => b"null",
            (Layout::Object | Layout::Value, _) | (Layout::Lines | Layout::ValueLines, _) => b"",
        });
    }

    /// About what a row of small values takes.
    fn row_size_hint(&self) -> usize {
        self.columns().iter().map(|key| key.before.len() + 8).sum::<usize>() + STRUCTURED_SEPARATOR.len()
    }

    /// None where rows are documents.
    fn columns(&self) -> &[Key<'s>] {
        match &self.content {
            Content::Columns(columns) => columns,
            Content::Document => &[],
        }
    }

    fn object(&self, row: &Row, out: &mut Vec<u8>) -> Result<(), RenderError> {
        let Content::Columns(columns) = &self.content else { return self.scalar(row, out) };
        if columns.is_empty() {
            out.push(b'{');
        }
        for (index, key) in columns.iter().enumerate() {
            out.extend_from_slice(&key.before);
            key.value(row.get(index), out)?;
        }
        out.push(b'}');
        Ok(())
    }

    fn scalar(&self, row: &Row, out: &mut Vec<u8>) -> Result<(), RenderError> {
        match self.columns().first() {
            Some(key) => key.value(row.get(0), out),
            None => {
                out.extend_from_slice(row.get(0).unwrap_or(b"null"));
                Ok(())
            }
        }
    }

    fn separator_before(&self, row: &Row) -> &'static [u8] {
        let wire = self.columns().first().map_or(Wire::Other, |key| key.column.wire);
        match (wire, row.get(0)) {
            (Wire::Array(_), Some(_)) => STRUCTURED_SEPARATOR,
            // Cast to JSON, an array of any type is an array, and of types with a cast of their own none is in sight
            // that becomes one.
            (Wire::Other, Some([b'[', ..])) => STRUCTURED_SEPARATOR,
            _ => SEPARATOR,
        }
    }
}

impl<'s> Key<'s> {
    fn new(index: usize, column: &'s OutputColumn) -> Self {
        let mut before = vec![if index == 0 { b'{' } else { b',' }];
        text::string(column.key.as_bytes(), &mut before);
        before.push(b':');
        Self { column, before }
    }

    fn value(&self, bytes: Option<&[u8]>, out: &mut Vec<u8>) -> Result<(), RenderError> {
        let Some(bytes) = bytes else {
            out.extend_from_slice(b"null");
            return Ok(());
        };
        let OutputColumn { key, wire } = self.column;
        value(*wire, bytes, out).map_err(|Malformed| RenderError::Malformed { column: key.clone(), wire: *wire })
    }
}

/// Removes white space around what was written from a place on: a `json` value keeps what it was given, but taking
/// the first element of `json_agg` leaves it behind.
fn trim(out: &mut Vec<u8>, start: usize) {
    let is_space = |byte: &&u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r');
    let after = out[start..].iter().rev().take_while(is_space).count();
    out.truncate(out.len() - after);
    let before = out[start..].iter().take_while(is_space).count();
    out.drain(start..start + before);
}

#[cfg(test)]
mod tests;
