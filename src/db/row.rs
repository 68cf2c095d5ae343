//! Rows as they came over the wire.

use bytes::Bytes;

use super::statement::Raw;

/// A row in Postgres' binary format.
#[derive(Clone, Debug)]
pub struct Row(Source);

#[derive(Clone, Debug)]
enum Source {
    /// The message itself: its columns are looked up in place.
    Message(tokio_postgres::Row),
    /// Values put together by hand.
    Values(Vec<Option<Bytes>>),
}

impl Row {
    /// A row of these values.
    pub fn new(columns: Vec<Option<Bytes>>) -> Self {
        Self(Source::Values(columns))
    }

    /// The bytes of a column; `None` is NULL. Columns past the end are NULL.
    pub fn get(&self, index: usize) -> Option<&[u8]> {
        match &self.0 {
            Source::Message(row) => row.try_get::<_, Option<Raw<'_>>>(index).ok().flatten().map(|raw| raw.0),
            Source::Values(columns) => columns.get(index)?.as_deref(),
        }
    }

    /// A column that is a bigint.
    pub fn bigint(&self, index: usize) -> Option<i64> {
        self.get(index).and_then(|bytes| bytes.try_into().ok()).map(i64::from_be_bytes)
    }

    /// How many columns there are.
    pub fn len(&self) -> usize {
        match &self.0 {
            Source::Message(row) => row.len(),
            Source::Values(columns) => columns.len(),
        }
    }

    /// There are no columns.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl From<tokio_postgres::Row> for Row {
    fn from(row: tokio_postgres::Row) -> Self {
        Self(Source::Message(row))
    }
}
