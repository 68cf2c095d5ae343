//! `float4` and `float8`: the shortest decimal that reads back as the same number, laid out as Postgres does.

use std::{fmt::LowerExp, str::FromStr};

/// A binary floating point number.
pub(super) trait Float: Copy + PartialEq + zmij::Float + LowerExp + FromStr {
    /// Decimal digits that always suffice.
    const DIGITS: usize;
    /// Numbers of this many digits before the point are written with an exponent.
    const EXPONENT_FROM: i32;
    /// The number as an integer, where it is one of fewer digits than [`Self::EXPONENT_FROM`].
    fn integer(self) -> Option<i64>;
    /// Whether it is written without an exponent.
    fn is_plain(self) -> bool;
    /// Its significand as an integer, and whether the next number below is half as far as the next above.
    fn significand(self) -> (u64, bool);
    /// It without its sign.
    fn magnitude(self) -> Self;
    /// `NaN` and the infinities by name.
    fn special(self) -> Option<&'static str>;
}

macro_rules! float {
    ($float:ty, digits: $digits:literal, exponent_from: $exponent_from:literal, limit: $limit:literal) => {
        impl Float for $float {
            const DIGITS: usize = $digits;
            const EXPONENT_FROM: i32 = $exponent_from;

            fn integer(self) -> Option<i64> {
                let negative_zero = self == 0.0 && self.is_sign_negative();
                (self.abs() < $limit && !negative_zero && self.trunc() == self).then_some(self as i64)
            }

            fn is_plain(self) -> bool {
                (1e-4..$limit).contains(&self.abs())
            }

            fn significand(self) -> (u64, bool) {
                const BITS: u32 = <$float>::MANTISSA_DIGITS - 1;
                let bits = u64::from(self.abs().to_bits());
                let (exponent, fraction) = (bits >> BITS, bits & ((1 << BITS) - 1));
                let hidden = u64::from(exponent > 0) << BITS;
                (fraction | hidden, fraction == 0 && exponent > 1)
            }

            fn magnitude(self) -> Self {
                self.abs()
            }

            fn special(self) -> Option<&'static str> {
                match self {
                    _ if self.is_nan() => Some("\"NaN\""),
                    Self::INFINITY => Some("\"Infinity\""),
                    Self::NEG_INFINITY => Some("\"-Infinity\""),
                    _ => None,
                }
            }
        }
    };
}

float!(f32, digits: 9, exponent_from: 6, limit: 1e6);
float!(f64, digits: 17, exponent_from: 15, limit: 1e15);

/// Writes a number (src/common/d2s.c and f2s.c, as `extra_float_digits` of 1, the default, has it); what is no number
/// becomes a string.
pub(super) fn float<F: Float>(number: F, out: &mut Vec<u8>) {
    if let Some(integer) = number.integer() {
        return out.extend_from_slice(itoa::Buffer::new().format(integer).as_bytes());
    }
    if let Some(name) = number.special() {
        return out.extend_from_slice(name.as_bytes());
    }
    let mut buffer = zmij::Buffer::new();
    let text = buffer.format_finite(number);
    // Numbers of this size look the same everywhere, and no decimal short enough lies halfway between two of them.
    if number.is_plain() && !text.contains('e') {
        return out.extend_from_slice(text.as_bytes());
    }
    let magnitude = text.strip_prefix('-').unwrap_or(text);
    if magnitude.len() < text.len() {
        out.push(b'-');
    }
    let mut shortest = Decimal::parse(magnitude).trimmed();
    if shortest.is_halfway(number) {
        shortest = shortest_within(number.magnitude());
    }
    shortest.write(F::EXPONENT_FROM, out);
}

/// digits × 10^exponent
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Decimal {
    digits: u64,
    exponent: i32,
}

impl Decimal {
    /// Reads what a formatter wrote: at most 19 digits, a point, an exponent.
    fn parse(text: &str) -> Self {
        let (number, exponent) = text.split_once('e').unwrap_or((text, "0"));
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        let digits = whole.bytes().chain(fraction.bytes()).fold(0, |digits, byte| digits * 10 + u64::from(byte & 15));
        let exponent: i32 = exponent.parse().unwrap_or(0);
        Self { digits, exponent: exponent - fraction.len() as i32 }
    }

    fn trimmed(mut self) -> Self {
        while self.digits != 0 && self.digits.is_multiple_of(10) {
            self.digits /= 10;
            self.exponent += 1;
        }
        self
    }

    /// It lies exactly between a number and one next to it. Such a decimal reads back as the number only where ties
    /// are rounded to even, so Postgres, unlike others, wants a digit more (`STRICTLY_SHORTEST` in d2s.c).
    fn is_halfway<F: Float>(self, number: F) -> bool {
        // Both are close to each other, so they are equal where they are after the removal of all factors of 2.
        let Some(odd) = self.odd_part() else { return false };
        let (significand, half_below) = number.significand();
        let below = if half_below { 4 * significand } else { 2 * significand } - 1;
        odd == 2 * significand + 1 || odd == below
    }

    /// What remains without the factors of 2. `None` where it is no integer, or too large for a significand.
    fn odd_part(self) -> Option<u64> {
        let odd = self.digits.checked_shr(self.digits.trailing_zeros())?;
        let fives = 5_u64.checked_pow(self.exponent.unsigned_abs())?;
        if self.exponent >= 0 { odd.checked_mul(fives) } else { odd.is_multiple_of(fives).then(|| odd / fives) }
    }

    fn reads_back_as<F: Float>(self, number: F) -> bool {
        format!("{}e{}", self.digits, self.exponent).parse().is_ok_and(|read: F| read == number)
    }

    fn write(self, exponent_from: i32, out: &mut Vec<u8>) {
        let mut buffer = itoa::Buffer::new();
        let digits = buffer.format(self.digits).as_bytes();
        let point = digits.len() as i32 + self.exponent;
        if self.digits == 0 {
            out.push(b'0');
        } else if point - 1 < -4 || point > exponent_from {
            scientific(digits, point - 1, out);
        } else if point <= 0 {
            out.extend_from_slice(&b"0.0000"[..2 + point.unsigned_abs() as usize]);
            out.extend_from_slice(digits);
        } else if let Some((whole, fraction)) =
            digits.split_at_checked(point as usize).filter(|parts| !parts.1.is_empty())
        {
            out.extend_from_slice(whole);
            out.push(b'.');
            out.extend_from_slice(fraction);
        } else {
            out.extend_from_slice(digits);
            out.resize(out.len() + self.exponent.unsigned_abs() as usize, b'0');
        }
    }
}

fn scientific(digits: &[u8], exponent: i32, out: &mut Vec<u8>) {
    let (first, rest) = digits.split_at(1);
    out.extend_from_slice(first);
    if !rest.is_empty() {
        out.push(b'.');
        out.extend_from_slice(rest);
    }
    out.extend_from_slice(if exponent < 0 { b"e-" } else { b"e+" });
    if exponent.abs() < 10 {
        out.push(b'0');
    }
    out.extend_from_slice(itoa::Buffer::new().format(exponent.unsigned_abs()).as_bytes());
}

/// The shortest decimal that is nearer to a positive number than to any other. Needed for very few numbers, so it may be slow.
fn shortest_within<F: Float>(number: F) -> Decimal {
    let rounded = |digits: usize| Decimal::parse(&format!("{number:.*e}", digits - 1));
    // Where the numbers below are closer together than those above, the nearest decimal can be too low and the one
    // after it right.
    let candidates = |decimal: Decimal| [decimal, Decimal { digits: decimal.digits + 1, ..decimal }];
    (1..F::DIGITS)
        .flat_map(|digits| candidates(rounded(digits)))
        .map(Decimal::trimmed)
        .find(|decimal| decimal.reads_back_as(number) && !decimal.is_halfway(number))
        .unwrap_or_else(|| rounded(F::DIGITS).trimmed())
}
