//! The query string as keys and values.
//!
//! In: the raw query string. Out: decoded keys and values in order, where a key without `=` has no value. Refuses what
//! PostgreSQL's text cannot hold: bytes that are no UTF-8, and NUL. Like PostgREST (http-types' `parseQuery`), takes
//! `;` for `&`, `+` for a space, and a `%` that no two hexadecimal digits follow as it stands.

use std::fmt::Write as _;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode, utf8_percent_encode};

use super::QueryError;

/// A decoded parameter; the value is `None` where there is no `=`.
pub type Parameter = (String, Option<String>);

/// What stands for itself in [`canonical`]: unreserved characters (RFC 3986).
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// Parameters at most; each of them has a meaning, and nobody means that many.
const MAX_PARAMETERS: usize = 10_000;

/// Reads a query string, with or without its `?`.
///
/// # Errors
/// [`QueryError::Parse`] naming the parameter that is no UTF-8 or holds a NUL, or where there are too many.
pub fn decode(query: &[u8]) -> Result<Vec<Parameter>, QueryError> {
    let mut parameters = Vec::new();
    for (key, value) in pairs(query.strip_prefix(b"?").unwrap_or(query)) {
        if parameters.len() == MAX_PARAMETERS {
            return Err(refusal("", "a request may have 10000 parameters at most"));
        }
        let key = text(key, |bytes| String::from_utf8_lossy(bytes).into_owned())?;
        let value = value.map(|value| text(value, |_| key.clone())).transpose()?;
        parameters.push((key, value));
    }
    Ok(parameters)
}

/// The pairs of a query string or a form, still encoded.
pub(super) fn pairs(encoded: &[u8]) -> impl Iterator<Item = (&[u8], Option<&[u8]>)> {
    encoded.split(|b| matches!(b, b'&' | b';')).filter(|pair| !pair.is_empty()).map(|pair| {
        match pair.iter().position(|&b| b == b'=') {
            Some(equals) => (&pair[..equals], Some(&pair[equals + 1..])),
            None => (pair, None),
        }
    })
}

/// Decodes one half of a pair.
pub(super) fn unescape(encoded: &[u8]) -> Vec<u8> {
    let spaced: Vec<u8> = encoded.iter().map(|&b| if b == b'+' { b' ' } else { b }).collect();
    percent_decode(&spaced).collect()
}

/// Decodes one half of a parameter; `name` says which parameter that is, given the decoded bytes.
fn text(encoded: &[u8], name: impl Fn(&[u8]) -> String) -> Result<String, QueryError> {
    let decoded = unescape(encoded);
    let decoded = String::from_utf8(decoded).map_err(|error| refusal(&name(error.as_bytes()), "invalid UTF-8"))?;
    if decoded.contains('\0') {
        return Err(refusal(&name(decoded.as_bytes()), "unexpected NUL character, which text cannot hold"));
    }
    Ok(decoded)
}

fn refusal(parameter: &str, details: &str) -> QueryError {
    QueryError::Parse { message: format!("failed to decode parameter ({parameter})"), details: details.to_owned() }
}

/// The query string that `Content-Location` shows: sorted by key and encoded anew. Unlike PostgREST's it leads back to
/// the same resource: repeated keys stay apart, and other alphabets are encoded once.
pub fn canonical(parameters: &[Parameter]) -> String {
    let mut sorted: Vec<_> = parameters.iter().collect();
    sorted.sort_by(|a, b| a.0.cmp(&b.0));
    let mut text = String::new();
    for (key, value) in sorted {
        let separator = if text.is_empty() { "" } else { "&" };
        let value = value.as_deref().unwrap_or_default();
        let _ = write!(text, "{separator}{}={}", encode(key), encode(value));
    }
    text
}

/// Encodes everything but unreserved characters.
pub(super) fn encode(text: &str) -> impl std::fmt::Display {
    utf8_percent_encode(text, RESERVED)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(query: &str) -> Vec<(String, Option<String>)> {
        decode(query.as_bytes()).unwrap()
    }

    #[test]
    fn keys_and_values_are_decoded() {
        let some = |key: &str, value: &str| (key.to_owned(), Some(value.to_owned()));
        assert_eq!(pairs(""), []);
        assert_eq!(pairs("?"), []);
        assert_eq!(pairs("?a=1&b=2"), [some("a", "1"), some("b", "2")]);
        assert_eq!(pairs("a=1;b=2"), [some("a", "1"), some("b", "2")]);
        assert_eq!(pairs("a=b=c"), [some("a", "b=c")]);
        assert_eq!(pairs("a&b="), [("a".to_owned(), None), some("b", "")]);
        assert_eq!(pairs("a+b=c%20d+%2B"), [some("a b", "c d +")]);
        assert_eq!(pairs("a=%C3%A9"), [some("a", "é")]);
        assert_eq!(pairs("a=like.%25x%"), [some("a", "like.%x%")]);
        assert_eq!(pairs("a=%zz%4"), [some("a", "%zz%4")]);
    }

    #[test]
    fn what_text_cannot_hold_is_refused_by_name() {
        for (query, parameter) in [
            ("a=1&limit=%ff", "limit"),
            ("name=eq.%00", "name"),
            ("%ff=1", "\u{fffd}"),
            ("a%00b=1", "a\0b"),
            ("x=%C3", "x"),
        ] {
            let QueryError::Parse { message, .. } = decode(query.as_bytes()).unwrap_err() else { panic!("{query}") };
            assert_eq!(message, format!("failed to decode parameter ({parameter})"));
        }
    }

    #[test]
    fn the_canonical_form_is_sorted_and_encoded() {
        assert_eq!(canonical(&pairs("a=1&c=3&b=2&d")), "a=1&b=2&c=3&d=");
        assert_eq!(canonical(&pairs("id=lt.5&id=gt.1")), "id=lt.5&id=gt.1");
        assert_eq!(canonical(&pairs("n=eq.é b")), "n=eq.%C3%A9%20b");
    }
}
