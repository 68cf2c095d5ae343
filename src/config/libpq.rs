//! Connection strings of libpq's.
//!
//! In: a URL, the older form `key=value`, or parameters. Out: a URL. Refuses nothing: what is neither is handed on for
//! the reader to refuse.

use url::Url;

/// A URL, or libpq's older form `key=value key='value'` made a URL; `None` where it says nothing.
pub(super) fn connection(text: &str) -> Option<String> {
    match text {
        "" | "postgresql://" | "postgres://" => None,
        url if url.starts_with("postgres://") || url.starts_with("postgresql://") => Some(url.to_owned()),
        pairs => Some(key_values(pairs).map_or(pairs.to_owned(), |pairs| url_of(pairs.into_iter()))),
    }
}

/// PostgreSQL's manual, 34.1.1.1, "Keyword/Value Connection Strings".
fn key_values(text: &str) -> Option<Vec<(String, String)>> {
    let mut pairs = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let (key, after) = rest.split_once('=')?;
        let after = after.trim_start();
        let quoted = after.starts_with('\'');
        let mut value = String::new();
        let mut characters = after.char_indices().skip(usize::from(quoted));
        let end = loop {
            match characters.next() {
                None if quoted => return None,
                None => break after.len(),
                Some((_, '\\')) => value.push(characters.next()?.1),
                Some((at, '\'')) if quoted => break at + 1,
                Some((at, space)) if !quoted && space.is_whitespace() => break at,
                Some((_, other)) => value.push(other),
            }
        };
        pairs.push((key.trim().to_owned(), value));
        rest = after[end..].trim_start();
    }
    Some(pairs)
}

/// The URL that says what the parameters say.
pub(super) fn url_of(parameters: impl Iterator<Item = (String, String)>) -> String {
    let parameters: Vec<_> = parameters.collect();
    match Url::parse("postgresql:///") {
        Ok(mut url) if !parameters.is_empty() => {
            url.query_pairs_mut().extend_pairs(parameters);
            // libpq reads "+" as itself.
            url.to_string().replace('+', "%20")
        }
        _ => "postgresql:///".to_owned(),
    }
}
