//! Casts of the select: never text that reaches the SQL parser.

use crate::catalog::{Builtin, Wire};

/// The target of a cast.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cast {
    /// A type that SQL's grammar knows under a name of its own, which quoting would hide (`int`, `timestamp with time
    /// zone`): the name Postgres' catalog has for it.
    Standard(&'static str, Wire),
    /// Any other type, by its name on the search path; it is quoted where it is written.
    Named(String),
}

impl Cast {
    /// Reads a cast as the grammar gave it. Case is folded, as SQL folds it.
    pub fn read(text: &str) -> Self {
        let name = text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
        match standard(&name) {
            Some((name, wire)) => Self::Standard(name, wire),
            None => Self::Named(name),
        }
    }

    /// How a value of the type comes.
    pub fn wire(&self) -> Wire {
        match self {
            Self::Standard(_, wire) => *wire,
            Self::Named(_) => Wire::Other,
        }
    }
}

/// The names of src/backend/parser/gram.y's `SimpleTypename`, and those of pg_catalog that are rendered here.
fn standard(name: &str) -> Option<(&'static str, Wire)> {
    use Builtin::{Bool, Bytea, Date, Float4, Float8, Int2, Int4, Int8, Json, Jsonb, Numeric, Text, Time, Uuid};
    let (name, builtin) = match name {
        "bool" | "boolean" => ("bool", Bool),
        "smallint" | "int2" => ("int2", Int2),
        "int" | "integer" | "int4" => ("int4", Int4),
        "bigint" | "int8" => ("int8", Int8),
        "real" | "float4" => ("float4", Float4),
        "float" | "double precision" | "float8" => ("float8", Float8),
        "dec" | "decimal" | "numeric" => ("numeric", Numeric),
        "text" => ("text", Text),
        "varchar" | "character varying" | "char varying" => ("varchar", Text),
        "uuid" => ("uuid", Uuid),
        "json" => ("json", Json),
        "jsonb" => ("jsonb", Jsonb),
        "date" => ("date", Date),
        "bytea" => ("bytea", Bytea),
        "time" | "time without time zone" => ("time", Time),
        "timestamp" | "timestamp without time zone" => ("timestamp", Builtin::Timestamp),
        "timestamptz" | "timestamp with time zone" => ("timestamptz", Builtin::TimestampTz),
        // Written by Postgres: char(1) and bit(1) as SQL means them, and types of no form of ours.
        "char" | "character" => return Some(("character(1)", Wire::Other)),
        "bit" => return Some(("bit(1)", Wire::Other)),
        "interval" => return Some(("interval", Wire::Other)),
        "time with time zone" => return Some(("timetz", Wire::Other)),
        _ => return None,
    };
    Some((name, Wire::Plain(builtin)))
}
