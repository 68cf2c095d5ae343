//! `numeric`, whose binary form is digits of base 10,000 (src/backend/utils/adt/numeric.c, `numeric_send`).

use super::Malformed;

const POSITIVE: u16 = 0;
const NEGATIVE: u16 = 0x4000;
const NAN: u16 = 0xC000;
const INFINITY: u16 = 0xD000;
const NEGATIVE_INFINITY: u16 = 0xF000;
/// Digits after the point that a numeric can have.
const MAX_SCALE: u16 = 0x3FFF;
/// Decimal digits in one digit of base 10,000.
const WIDTH: usize = 4;

/// Writes a numeric with all the digits it has; what is no number becomes a string.
pub(super) fn numeric(bytes: &[u8], out: &mut Vec<u8>) -> Result<(), Malformed> {
    let (&[n0, n1, w0, w1, s0, s1, d0, d1], digits) = bytes.split_first_chunk::<8>().ok_or(Malformed)?;
    let (digits, rest) = digits.as_chunks::<2>();
    if !rest.is_empty() || digits.len() != usize::from(u16::from_be_bytes([n0, n1])) {
        return Err(Malformed);
    }
    let (sign, scale) = (u16::from_be_bytes([s0, s1]), u16::from_be_bytes([d0, d1]));
    match sign {
        _ if scale > MAX_SCALE => return Err(Malformed),
        POSITIVE => {}
        NEGATIVE => out.push(b'-'),
        _ => {
            out.extend_from_slice(name(sign)?);
            return Ok(());
        }
    }
    let weight = i32::from(i16::from_be_bytes([w0, w1]));
    whole(digits, weight, out)?;
    if scale > 0 {
        fraction(digits, weight, usize::from(scale), out)?;
    }
    Ok(())
}

fn name(sign: u16) -> Result<&'static [u8], Malformed> {
    match sign {
        NAN => Ok(b"\"NaN\""),
        INFINITY => Ok(b"\"Infinity\""),
        NEGATIVE_INFINITY => Ok(b"\"-Infinity\""),
        _ => Err(Malformed),
    }
}

fn whole(digits: &[[u8; 2]], weight: i32, out: &mut Vec<u8>) -> Result<(), Malformed> {
    let start = out.len();
    for index in 0..=weight {
        out.extend_from_slice(&decimals(digits, index)?);
    }
    let zeros = out[start..].iter().take_while(|&&digit| digit == b'0').count();
    out.drain(start..start + zeros);
    if out.len() == start {
        out.push(b'0');
    }
    Ok(())
}

fn fraction(digits: &[[u8; 2]], weight: i32, scale: usize, out: &mut Vec<u8>) -> Result<(), Malformed> {
    out.push(b'.');
    let end = out.len() + scale;
    let mut index = weight + 1;
    while out.len() < end {
        out.extend_from_slice(&decimals(digits, index)?);
        index += 1;
    }
    out.truncate(end);
    Ok(())
}

/// A digit of base 10,000 in decimal; those that were not sent are zero.
fn decimals(digits: &[[u8; 2]], index: i32) -> Result<[u8; WIDTH], Malformed> {
    let sent = usize::try_from(index).ok().and_then(|index| digits.get(index));
    let mut value = sent.map_or(0, |&digit| u16::from_be_bytes(digit));
    if value > 9_999 {
        return Err(Malformed);
    }
    let mut decimals = [b'0'; WIDTH];
    for decimal in decimals.iter_mut().rev() {
        *decimal += (value % 10) as u8;
        value /= 10;
    }
    Ok(decimals)
}
