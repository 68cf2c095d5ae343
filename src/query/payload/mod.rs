//! What a request body says, without the database.
//!
//! In: the bytes, their media type, what the request does, and `columns=`. Out: a [`Payload`]: JSON with the set of
//! its keys, a form, or raw bytes for a function. Refuses (`PGRST102`) what is not of its media type, objects whose
//! keys differ, and what PostgreSQL cannot take: NUL characters, broken UTF-8, nesting deeper than its stack.
//!
//! JSON is not turned into values: it is read once for its keys, and its bytes go to the database as they came.

mod csv;
mod json;

use std::collections::BTreeMap;

use bytes::Bytes;

use super::{Kind, MediaType, params};

/// Levels of arrays and objects at most. PostgreSQL would fail at a depth that depends on its stack.
const MAX_DEPTH: usize = 500;

/// A body, read as far as it needs be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Payload {
    /// This kind of request has none; a body that came along says nothing.
    None,
    /// JSON for `json_to_recordset` and the like, and for the arguments of a function.
    Json {
        /// The text as it came. Valid JSON, except where `columns` spared the reading: then the database finds out.
        raw: Bytes,
        /// The keys that count, sorted, each once: those of `columns`, else those that every object has.
        keys: Vec<String>,
        /// Whether it is one object rather than an array.
        is_object: bool,
    },
    /// A form's arguments for a function, in order, repeats kept.
    Form(Vec<(String, String)>),
    /// Bytes for the single parameter of a function.
    Raw(Bytes),
}

/// Why a body was refused; all are `PGRST102`, 400.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PayloadError {
    /// Objects of an array differ in their keys, or are no objects.
    #[error("All object keys must match")]
    KeysDiffer,
    /// No JSON.
    #[error("Empty or invalid json")]
    Json,
    /// A line of a CSV has more or fewer fields than the header.
    #[error("All lines must have same number of fields")]
    FieldsDiffer,
    /// A header of a CSV names one column twice; one of the values would be lost.
    #[error("The CSV header names the column '{0}' twice")]
    ColumnTwice(String),
    /// A media type that this request does not take.
    #[error("Content-Type not acceptable: {0}")]
    ContentType(String),
    /// Nested beyond [`MAX_DEPTH`].
    #[error("The json is nested deeper than 500 levels")]
    TooDeep,
    /// A NUL character, plain or as `\u0000`.
    #[error("The payload contains a NUL character, which PostgreSQL cannot store")]
    Nul,
    /// Bytes that are no UTF-8.
    #[error("The payload is not valid UTF-8")]
    Utf8,
}

impl Payload {
    /// Reads a body. `columns` is the request's `columns=`; PostgREST heeds it for JSON only, here it holds for CSV and
    /// forms as well.
    ///
    /// # Errors
    /// Any [`PayloadError`].
    pub fn read(
        body: Bytes,
        content_type: &MediaType,
        kind: Kind,
        columns: Option<&[String]>,
    ) -> Result<Self, PayloadError> {
        let routine = match kind {
            Kind::Insert | Kind::Update | Kind::Upsert => false,
            Kind::RoutineCall => true,
            Kind::RelationRead | Kind::Delete | Kind::RoutineRead => return Ok(Self::None),
        };
        match content_type {
            MediaType::Json => json::read(body, routine, columns),
            MediaType::Csv => {
                let (raw, keys) = csv::to_json(text(&body)?)?;
                Ok(Self::Json { raw, keys: chosen(keys, columns), is_object: false })
            }
            MediaType::Form => {
                let form = form(&body)?;
                if routine {
                    return Ok(Self::Form(form));
                }
                // Of two values for one column the last counts, as at PostgREST.
                let object: BTreeMap<String, String> = form.into_iter().collect();
                let raw = serde_json::to_vec(&object).map_err(|_| PayloadError::Json)?.into();
                Ok(Self::Json { raw, keys: chosen(object.into_keys().collect(), columns), is_object: true })
            }
            MediaType::Text | MediaType::Xml if routine => {
                text(&body)?;
                Ok(Self::Raw(body))
            }
            MediaType::OctetStream if routine => Ok(Self::Raw(body)),
            other => Err(PayloadError::ContentType(other.mime())),
        }
    }

    /// The names of arguments or columns that the body gives: the keys, or a form's names sorted and each once.
    pub fn keys(&self) -> Vec<String> {
        match self {
            Self::None | Self::Raw(_) => Vec::new(),
            Self::Json { keys, .. } => keys.clone(),
            Self::Form(form) => sorted(form.iter().map(|(name, _)| name.clone()).collect()),
        }
    }
}

/// The keys that count.
fn chosen(keys: Vec<String>, columns: Option<&[String]>) -> Vec<String> {
    sorted(columns.map_or(keys, <[_]>::to_vec))
}

fn sorted(mut names: Vec<String>) -> Vec<String> {
    names.sort();
    names.dedup();
    names
}

/// The body as text that PostgreSQL can hold.
fn text(body: &[u8]) -> Result<&str, PayloadError> {
    let text = std::str::from_utf8(body).map_err(|_| PayloadError::Utf8)?;
    if text.contains('\0') { Err(PayloadError::Nul) } else { Ok(text) }
}

/// A form is written like a query string, and a name without `=` has an empty value.
fn form(body: &[u8]) -> Result<Vec<(String, String)>, PayloadError> {
    params::pairs(body)
        .map(|(name, value)| {
            let value = params::unescape(value.unwrap_or_default());
            let decoded = (String::from_utf8(params::unescape(name)), String::from_utf8(value));
            match decoded {
                (Ok(name), Ok(value)) if name.contains('\0') || value.contains('\0') => Err(PayloadError::Nul),
                (Ok(name), Ok(value)) => Ok((name, value)),
                _ => Err(PayloadError::Utf8),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests;
