//! Layouts, and values that are none.

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
