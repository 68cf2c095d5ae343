//! Marks for related rows that were cut off, taken out of what Postgres has made.

use std::collections::BTreeSet;

use bytes::Bytes;
use memchr::memmem::Finder;

use crate::db::Row;

/// Takes marks out of all columns of rows, and gives the numbers of the lists they stood in. A mark is the last
/// element of a list that has others: a string that begins with `mark`, a sign that says why it was cut, and the number.
pub fn unmark(rows: &mut [Row], mark: &str) -> BTreeSet<usize> {
    let finder = Finder::new(mark);
    let mut lists = BTreeSet::new();
    for row in rows {
        let is_marked = |index: &usize| row.get(*index).is_some_and(|text| finder.find(text).is_some());
        if (0..row.len()).any(|index| is_marked(&index)) {
            let column = |index| row.get(index).map(|text| Bytes::from(cleaned(text, &finder, &mut lists)));
            *row = Row::new((0..row.len()).map(column).collect());
        }
    }
    lists
}

fn cleaned(text: &[u8], finder: &Finder<'_>, lists: &mut BTreeSet<usize>) -> Vec<u8> {
    let mut cleaned = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = finder.find(rest) {
        let (before, after) = (&rest[..at], &rest[at + finder.needle().len()..]);
        match (element_start(before), element_end(after)) {
            (Some(before), Some((list, after))) => {
                cleaned.extend_from_slice(before);
                lists.insert(list);
                rest = after;
            }
            // Whatever this is, it is no element of ours.
            _ => {
                cleaned.extend_from_slice(&rest[..rest.len() - after.len()]);
                rest = after;
            }
        }
    }
    cleaned.extend_from_slice(rest);
    cleaned
}

/// What stands before an element, less the comma that separates it from the one before.
fn element_start(before: &[u8]) -> Option<&[u8]> {
    before.strip_suffix(b"\"")?.trim_ascii_end().strip_suffix(b",")
}

/// The number of an element, after its mark, and what stands behind it: the end of its list.
fn element_end(after: &[u8]) -> Option<(usize, &[u8])> {
    let digits = after.strip_prefix(b":").or_else(|| after.strip_prefix(b"!"))?;
    let end = digits.iter().position(|byte| !byte.is_ascii_digit())?;
    let rest = digits[end..].strip_prefix(b"\"")?;
    let list = std::str::from_utf8(&digits[..end]).ok()?.parse().ok()?;
    rest.starts_with(b"]").then_some((list, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_taken_out_and_told() {
        let row = |columns: &[&str]| Row::new(columns.iter().map(|text| Some(Bytes::from(text.to_string()))).collect());
        let mut rows = [
            row(&[r#"{"a":[{"b": [1, 2, "m0:1"]}, "m0:0"],"c":[3,"m0!7"]}"#, r#"["m 0", "x"]"#]),
            row(&[r#"{"a":[]}"#, r#"["x", "m0 it says", "m0:1"}, "m0:", "m0:x"]"#]),
        ];
        assert_eq!(unmark(&mut rows, "m0"), BTreeSet::from([0, 1, 7]));
        assert_eq!(rows[0].get(0).unwrap(), br#"{"a":[{"b": [1, 2]}],"c":[3]}"#);
        assert_eq!(rows[0].get(1).unwrap(), br#"["m 0", "x"]"#);
        let others = br#"["x", "m0 it says", "m0:1"}, "m0:", "m0:x"]"#;
        assert_eq!(rows[1].get(1).unwrap(), others, "what only looks like one stays");
    }
}
