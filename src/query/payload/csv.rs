//! CSV into JSON.

use bytes::Bytes;
use csv::{ReaderBuilder, StringRecord};
use serde::ser::{SerializeMap, SerializeSeq, Serializer};

use super::PayloadError;

/// Turns lines under a header into an array of objects with text values, and gives the header's names. The field
/// `NULL` is null; PostgREST has it so.
pub(super) fn to_json(text: &str) -> Result<(Bytes, Vec<String>), PayloadError> {
    // Fields are counted by the reader itself.
    let mut reader = ReaderBuilder::new().flexible(false).from_reader(text.as_bytes());
    let header = reader.headers().map_err(refusal)?.clone();
    let mut names: Vec<String> = header.iter().map(str::to_owned).collect();
    names.sort();
    if let Some(twice) = names.windows(2).find(|pair| pair[0] == pair[1]) {
        return Err(PayloadError::ColumnTwice(twice[0].clone()));
    }
    let mut raw = Vec::with_capacity(2 * text.len());
    let mut serializer = serde_json::Serializer::new(&mut raw);
    let mut rows = serializer.serialize_seq(None).map_err(|_| PayloadError::Json)?;
    let mut line = StringRecord::new();
    let mut any = false;
    while reader.read_record(&mut line).map_err(refusal)? {
        any = true;
        rows.serialize_element(&Row { header: &header, line: &line }).map_err(|_| PayloadError::Json)?;
    }
    SerializeSeq::end(rows).map_err(|_| PayloadError::Json)?;
    // Without a line there is nothing to have keys.
    Ok((raw.into(), if any { names } else { Vec::new() }))
}

fn refusal(error: csv::Error) -> PayloadError {
    match error.kind() {
        csv::ErrorKind::Utf8 { .. } => PayloadError::Utf8,
        _ => PayloadError::FieldsDiffer,
    }
}

struct Row<'r> {
    header: &'r StringRecord,
    line: &'r StringRecord,
}

impl serde::Serialize for Row<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_map(Some(self.line.len()))?;
        for (name, field) in self.header.iter().zip(self.line) {
            object.serialize_entry(name, &Some(field).filter(|field| *field != "NULL"))?;
        }
        object.end()
    }
}
