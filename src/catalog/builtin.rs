//! The types that the service renders itself from their binary form.

/// A type of `pg_catalog` whose binary form is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "named as in Postgres")]
pub enum Builtin {
    Bool,
    Int2,
    Int4,
    Int8,
    Oid,
    Float4,
    Float8,
    Numeric,
    /// text, varchar, char(n), name, citext-free: bytes that are the text.
    Text,
    Uuid,
    Json,
    Jsonb,
    Date,
    Time,
    Timestamp,
    TimestampTz,
    Bytea,
}

/// How values of a type come over the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Wire {
    /// A value we render.
    Plain(Builtin),
    /// An array of values we render, of any number of dimensions.
    Array(Builtin),
    /// Anything else: the statement has to cast it (`to_json`, or `text` for CSV).
    Other,
}

impl Builtin {
    /// By `pg_type.oid`; these OIDs are fixed (src/include/catalog/pg_type.dat).
    pub fn of(oid: u32) -> Option<Self> {
        Some(match oid {
            16 => Self::Bool,
            21 => Self::Int2,
            23 => Self::Int4,
            20 => Self::Int8,
            26 => Self::Oid,
            700 => Self::Float4,
            701 => Self::Float8,
            1700 => Self::Numeric,
            25 | 1043 | 1042 | 19 => Self::Text,
            2950 => Self::Uuid,
            114 => Self::Json,
            3802 => Self::Jsonb,
            1082 => Self::Date,
            1083 => Self::Time,
            1114 => Self::Timestamp,
            1184 => Self::TimestampTz,
            17 => Self::Bytea,
            _ => return None,
        })
    }
}

impl Wire {
    /// For a base type and, of an array, its element's base type.
    pub fn of(oid: u32, element: Option<u32>) -> Self {
        match (Builtin::of(oid), element.and_then(Builtin::of)) {
            (Some(builtin), _) => Self::Plain(builtin),
            (None, Some(element)) => Self::Array(element),
            (None, None) => Self::Other,
        }
    }
}
