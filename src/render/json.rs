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
    /// `None` where a row is a document.
    columns: Option<Vec<Key<'s>>>,
    rows: usize,
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
        let columns = match shape {
            Shape::Flat(columns) => {
                Some(columns.iter().enumerate().map(|(index, column)| Key::new(index, column)).collect())
            }
            Shape::Document => None,
            Shape::Text(_) | Shape::Raw | Shape::Nothing => return Err(RenderError::NotJson),
        };
        Ok(Self { layout, columns, rows: 0 })
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
        }
    }

    /// Writes what closes the body.
    pub fn end(self, out: &mut Vec<u8>) {
        out.extend_from_slice(match (self.layout, self.rows) {
            (Layout::Array | Layout::Values, 0) => b"[]",
            (Layout::Array | Layout::Values, _) => b"]",
            (Layout::Object | Layout::Value, 0) => b"null",
            (Layout::Object | Layout::Value, _) => b"",
        });
    }

    /// About what a row of small values takes.
    fn row_size_hint(&self) -> usize {
        let columns = self.columns.iter().flatten();
        columns.map(|key| key.before.len() + 8).sum::<usize>() + STRUCTURED_SEPARATOR.len()
    }

    fn object(&self, row: &Row, out: &mut Vec<u8>) -> Result<(), RenderError> {
        let Some(columns) = &self.columns else { return self.scalar(row, out) };
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
        match self.columns.as_deref() {
            Some([]) => out.extend_from_slice(b"null"),
            Some([key, ..]) => key.value(row.get(0), out)?,
            None => out.extend_from_slice(row.get(0).unwrap_or(b"null")),
        }
        Ok(())
    }

    fn separator_before(&self, row: &Row) -> &'static [u8] {
        let wire = self.columns.as_deref().and_then(<[_]>::first).map_or(Wire::Other, |key| key.column.wire);
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
mod tests {
    use bytes::Bytes;
    use proptest::prelude::*;

    use super::*;
    use crate::catalog::Builtin;

    fn column(key: &str, wire: Wire) -> OutputColumn {
        OutputColumn { key: key.to_owned(), wire }
    }

    fn row(values: &[Option<&'static [u8]>]) -> Row {
        Row::new(values.iter().map(|value| value.map(Bytes::from_static)).collect())
    }

    fn rendered(shape: &Shape, layout: Layout, rows: &[Row]) -> String {
        let mut out = Vec::new();
        json(shape, layout, rows, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn rows_are_objects_in_an_array() {
        let shape = Shape::Flat(vec![column("a", Wire::Plain(Builtin::Text)), column("b\"", Wire::Other)]);
        let rows = [row(&[Some(b"x"), None]), row(&[None, Some(b"{\"c\": 1}")])];
        assert_eq!(
            rendered(&shape, Layout::Array, &rows),
            "[{\"a\":\"x\",\"b\\\"\":null}, \n {\"a\":null,\"b\\\"\":{\"c\": 1}}]"
        );
        assert_eq!(rendered(&shape, Layout::Object, &rows), r#"{"a":"x","b\"":null}"#);
        assert_eq!(rendered(&shape, Layout::Values, &rows), r#"["x", null]"#);
        assert_eq!(rendered(&shape, Layout::Value, &rows), r#""x""#);
    }

    #[test]
    fn documents_are_copied() {
        let rows = [row(&[Some(b"{\"a\":1}")]), row(&[Some(b"{\"a\":2}")])];
        assert_eq!(rendered(&Shape::Document, Layout::Array, &rows), "[{\"a\":1}, \n {\"a\":2}]");
        assert_eq!(rendered(&Shape::Document, Layout::Object, &rows), "{\"a\":1}");
    }

    #[test]
    fn without_rows_there_is_an_empty_array_or_null() {
        let flat = Shape::Flat(vec![column("a", Wire::Plain(Builtin::Int4))]);
        for shape in [flat, Shape::Flat(vec![]), Shape::Document] {
            for (layout, expected) in
                [(Layout::Array, "[]"), (Layout::Values, "[]"), (Layout::Object, "null"), (Layout::Value, "null")]
            {
                assert_eq!(rendered(&shape, layout, &[]), expected);
            }
        }
    }

    #[test]
    fn a_row_without_columns_is_an_empty_object() {
        let shape = Shape::Flat(vec![]);
        assert_eq!(rendered(&shape, Layout::Array, &[row(&[]), row(&[])]), "[{}, \n {}]");
        assert_eq!(rendered(&shape, Layout::Object, &[row(&[])]), "{}");
    }

    #[test]
    fn a_malformed_value_names_its_column_and_leaves_nothing() {
        let wire = Wire::Plain(Builtin::Int4);
        let shape = Shape::Flat(vec![column("a", Wire::Plain(Builtin::Bool)), column("amount", wire)]);
        let mut out = b"before".to_vec();
        let error = json(&shape, Layout::Array, &[row(&[Some(&[1]), Some(&[0, 0, 1])])], &mut out).unwrap_err();
        assert_eq!(error, RenderError::Malformed { column: "amount".to_owned(), wire });
        assert_eq!(error.to_string(), "column \"amount\": not the binary form of Plain(Int4)");
        assert_eq!(out, b"before");
    }

    #[test]
    fn other_shapes_are_refused() {
        for shape in [Shape::Text(vec![]), Shape::Raw, Shape::Nothing] {
            assert_eq!(json(&shape, Layout::Array, &[], &mut Vec::new()), Err(RenderError::NotJson));
        }
    }

    fn wires() -> impl Iterator<Item = Wire> {
        let builtins = (0..4_000).filter_map(Builtin::of);
        builtins.flat_map(|builtin| [Wire::Plain(builtin), Wire::Array(builtin)]).chain([Wire::Other])
    }

    fn render_as_everything(bytes: &[u8]) {
        for wire in wires() {
            let shape = Shape::Flat(vec![column("a", wire)]);
            let row = Row::new(vec![Some(Bytes::copy_from_slice(bytes))]);
            let _ = json(&shape, Layout::Value, &[row], &mut Vec::new());
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
            render_as_everything(&bytes);
        }

        #[test]
        fn no_small_numbers_make_it_panic(words in proptest::collection::vec(-3_i16..4, 0..30)) {
            render_as_everything(&words.into_iter().flat_map(i16::to_be_bytes).collect::<Vec<_>>());
        }
    }
}
