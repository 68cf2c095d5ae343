//! What `make fuzz` found, each once.

use super::*;

#[test]
fn a_cast_or_a_language_of_blanks_alone_is_refused() {
    for (text, wanted) in [
        ("select=a:: ", "a cast names a type"),
        ("select=a:: ,b", "a cast names a type"),
        ("select=a.sum():: ", "a cast names a type"),
        ("a=fts( ).x", "the parentheses of a full text search name a language"),
        ("or=(a.fts( ).x)", "the parentheses of a full text search name a language"),
    ] {
        match read(Kind::RelationRead, text) {
            Err(QueryError::Parse { details, .. }) => assert_eq!(details, wanted, "{text}"),
            other => panic!("{text}: {other:?}"),
        }
    }
}
