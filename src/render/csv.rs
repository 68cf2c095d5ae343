//! CSV, as PostgREST makes it of the text that Postgres gives a row (src/backend/utils/adt/rowtypes.c, `record_out`)
//! without the parentheses around it.

use crate::db::Row;

/// Writes a header and the rows under it, a line break between lines and none at the end. All values are text already.
///
/// Names in the header are not quoted, and without rows the header is an empty line: PostgREST takes the names from
/// the first row.
pub fn csv(header: &[String], rows: &[Row], out: &mut Vec<u8>) {
    if rows.is_empty() {
        return out.push(b'\n');
    }
    out.extend_from_slice(header.join(",").as_bytes());
    csv_rows(header.len(), rows, out);
}

/// Writes rows under what was written before: those after the first, of an answer that is sent while it grows.
pub fn csv_rows(columns: usize, rows: &[Row], out: &mut Vec<u8>) {
    for row in rows {
        out.push(b'\n');
        for index in 0..columns {
            if index > 0 {
                out.push(b',');
            }
            if let Some(text) = row.get(index) {
                field(text, out);
            }
        }
    }
}

fn field(text: &[u8], out: &mut Vec<u8>) {
    if !text.is_empty() && !text.iter().any(|&byte| needs_quotes(byte)) {
        return out.extend_from_slice(text);
    }
    out.push(b'"');
    for &byte in text {
        if matches!(byte, b'"' | b'\\') {
            out.push(byte);
        }
        out.push(byte);
    }
    out.push(b'"');
}

/// Vertical tab is white space to C, not to Rust.
fn needs_quotes(byte: u8) -> bool {
    matches!(byte, b'"' | b'\\' | b'(' | b')' | b',' | b' ' | b'\t'..=b'\r')
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    fn rendered(header: &[&str], rows: &[&[Option<&'static str>]]) -> String {
        let header: Vec<_> = header.iter().map(ToString::to_string).collect();
        let row = |values: &&[Option<&'static str>]| {
            Row::new(values.iter().map(|value| value.map(|text| Bytes::from_static(text.as_bytes()))).collect())
        };
        let mut out = Vec::new();
        csv(&header, &rows.iter().map(row).collect::<Vec<_>>(), &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn null_is_nothing_and_empty_text_is_quoted() {
        assert_eq!(rendered(&["a", "b", "c"], &[&[Some("1"), None, Some("")]]), "a,b,c\n1,,\"\"");
    }

    #[test]
    fn what_would_be_misread_is_quoted() {
        assert_eq!(
            rendered(&["a"], &[&[Some(r#"say "hi" \o/"#)]]),
            r#"a
"say ""hi"" \\o/""#
        );
        for special in ["a,b", "a b", "a\tb", "a\nb", "a\x0bb", "(a", "a)"] {
            assert_eq!(rendered(&["a"], &[&[Some(special)]]), format!("a\n\"{special}\""));
        }
        assert_eq!(rendered(&["a"], &[&[Some("æ;'{}[]")]]), "a\næ;'{}[]");
    }

    #[test]
    fn rows_are_joined_by_line_breaks() {
        assert_eq!(rendered(&["a"], &[&[Some("1")], &[Some("2")], &[None]]), "a\n1\n2\n");
    }

    #[test]
    fn names_are_not_quoted() {
        assert_eq!(rendered(&["a b", "c\"d"], &[&[Some("1"), Some("2")]]), "a b,c\"d\n1,2");
    }

    #[test]
    fn without_rows_the_header_is_empty() {
        assert_eq!(rendered(&["a", "b"], &[]), "\n");
    }
}
