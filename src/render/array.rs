//! Arrays of any number of dimensions, as `array_to_json` writes them: lower bounds do not show.

use super::{Malformed, value};
use crate::catalog::Builtin;

/// Dimensions that an array can have (`MAXDIM`).
const MAX_DIMENSIONS: usize = 6;

/// Writes an array (src/backend/utils/adt/arrayfuncs.c, `array_send`: number of dimensions, whether there are NULLs,
/// element type, length and lower bound of each dimension, then the elements with their lengths, -1 for NULL).
pub(super) fn array(element: Builtin, bytes: &[u8], out: &mut Vec<u8>) -> Result<(), Malformed> {
    let mut reader = Reader(bytes);
    let dimensions = reader.length()?.ok_or(Malformed)?;
    reader.take(8)?;
    if dimensions > MAX_DIMENSIONS {
        return Err(Malformed);
    }
    let mut lengths = [0; MAX_DIMENSIONS];
    for length in &mut lengths[..dimensions] {
        *length = reader.length()?.filter(|&length| length > 0).ok_or(Malformed)?;
        reader.take(4)?;
    }
    match &lengths[..dimensions] {
        [] => out.extend_from_slice(b"[]"),
        lengths => nested(element, lengths, &mut reader, out)?,
    }
    if reader.0.is_empty() { Ok(()) } else { Err(Malformed) }
}

fn nested(element: Builtin, lengths: &[usize], reader: &mut Reader, out: &mut Vec<u8>) -> Result<(), Malformed> {
    let Some((&length, inner)) = lengths.split_first() else {
        match reader.length()? {
            Some(length) => value::plain(element, reader.take(length)?, out)?,
            None => out.extend_from_slice(b"null"),
        }
        return Ok(());
    };
    out.push(b'[');
    for index in 0..length {
        if index > 0 {
            out.push(b',');
        }
        nested(element, inner, reader, out)?;
    }
    out.push(b']');
    Ok(())
}

/// Bytes not read yet.
struct Reader<'b>(&'b [u8]);

impl<'b> Reader<'b> {
    fn take(&mut self, length: usize) -> Result<&'b [u8], Malformed> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or(Malformed)?;
        self.0 = rest;
        Ok(taken)
    }

    /// A length; `None` is -1, which stands for NULL.
    fn length(&mut self) -> Result<Option<usize>, Malformed> {
        let length = i32::from_be_bytes(value::fixed(self.take(4)?)?);
        if length == -1 { Ok(None) } else { usize::try_from(length).map(Some).map_err(|_| Malformed) }
    }
}
