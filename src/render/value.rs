//! One value as JSON, as `to_json` writes it.

use super::{
    Malformed,
    array::array,
    datetime::{self, Zone},
    float, numeric, text,
};
use crate::catalog::{Builtin, Wire};

/// Writes a value that came over the wire in a given way.
pub(super) fn value(wire: Wire, bytes: &[u8], out: &mut Vec<u8>) -> Result<(), Malformed> {
    match wire {
        Wire::Plain(builtin) => plain(builtin, bytes, out)?,
        Wire::Array(element) => array(element, bytes, out)?,
        Wire::Other => out.extend_from_slice(bytes),
    }
    Ok(())
}

/// Writes a value from its binary form (the type's `send` function).
pub(super) fn plain(builtin: Builtin, bytes: &[u8], out: &mut Vec<u8>) -> Result<(), Malformed> {
    match builtin {
        Builtin::Bool => match bytes {
            [0] => out.extend_from_slice(b"false"),
            [1] => out.extend_from_slice(b"true"),
            _ => return Err(Malformed),
        },
        Builtin::Int2 => integer(i16::from_be_bytes(fixed(bytes)?), out),
        Builtin::Int4 => integer(i32::from_be_bytes(fixed(bytes)?), out),
        Builtin::Int8 => integer(i64::from_be_bytes(fixed(bytes)?), out),
        Builtin::Oid => {
            // `to_json` knows no number in it.
            out.push(b'"');
            integer(u32::from_be_bytes(fixed(bytes)?), out);
            out.push(b'"');
        }
        Builtin::Float4 => float::float(f32::from_be_bytes(fixed(bytes)?), out),
        Builtin::Float8 => float::float(f64::from_be_bytes(fixed(bytes)?), out),
        Builtin::Numeric => numeric::numeric(bytes, out)?,
        Builtin::Text => text::string(bytes, out),
        Builtin::Uuid => uuid(fixed(bytes)?, out),
        Builtin::Json => out.extend_from_slice(bytes),
        Builtin::Jsonb => match bytes {
            [1, text @ ..] => out.extend_from_slice(text),
            _ => return Err(Malformed),
        },
        Builtin::Date => datetime::date(i32::from_be_bytes(fixed(bytes)?), out),
        Builtin::Time => datetime::time(i64::from_be_bytes(fixed(bytes)?), out)?,
        Builtin::Timestamp => datetime::timestamp(i64::from_be_bytes(fixed(bytes)?), Zone::None, out),
        Builtin::TimestampTz => datetime::timestamp(i64::from_be_bytes(fixed(bytes)?), Zone::Utc, out),
        Builtin::Bytea => {
            out.extend_from_slice(b"\"\\\\x");
            text::hex(bytes, out);
            out.push(b'"');
        }
    }
    Ok(())
}

/// The bytes of a type whose values all have one length.
pub(super) fn fixed<const LENGTH: usize>(bytes: &[u8]) -> Result<[u8; LENGTH], Malformed> {
    bytes.try_into().map_err(|_| Malformed)
}

fn integer(number: impl itoa::Integer, out: &mut Vec<u8>) {
    out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
}

fn uuid(bytes: [u8; 16], out: &mut Vec<u8>) {
    let mut text = *b"\"00000000-0000-0000-0000-000000000000\"";
    for (from, at) in [(0..4, 1), (4..6, 10), (6..8, 15), (8..10, 20), (10..16, 25)] {
        text::hex_into(&bytes[from], &mut text[at..]);
    }
    out.extend_from_slice(&text);
}
