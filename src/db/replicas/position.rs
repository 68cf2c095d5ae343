//! Positions in the write-ahead log.
//!
//! In: text as Postgres writes it (`pg_lsn`), `16/B374D848`. Out: a value that says what comes later. Refuses anything else.

use std::{fmt, str::FromStr};

/// A position in the write-ahead log: what is at a later one was written later.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position(u64);

/// A text that is no position.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("two hexadecimal numbers of 32 bits with a slash between them, such as 16/B374D848")]
pub struct NoPosition;

impl FromStr for Position {
    type Err = NoPosition;

    fn from_str(text: &str) -> Result<Self, NoPosition> {
        let half = |digits: &str| {
            let is_hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
            let number = u32::from_str_radix(digits, 16).ok();
            number.filter(|_| is_hex).map(u64::from).ok_or(NoPosition)
        };
        let (high, low) = text.split_once('/').ok_or(NoPosition)?;
        Ok(Self(half(high)? << 32 | half(low)?))
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:X}/{:X}", self.0 >> 32, self.0 & u64::from(u32::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_are_read_written_and_compared() {
        let read = |text: &str| text.parse::<Position>();
        for text in ["0/0", "16/B374D848", "FFFFFFFF/FFFFFFFF", "1/0"] {
            assert_eq!(read(text).unwrap().to_string(), text);
        }
        assert_eq!(read("16/b374d848"), read("16/B374D848"));
        let position = |text| read(text).unwrap();
        assert!(position("1/0") > position("0/FFFFFFFF") && position("9/1") < position("10/0"));
        for text in
            ["", "/", "1", "1/", "/1", "1/2/3", "g/1", "+1/1", "1/-1", " 1/1", "1/1 ", "100000000/0", "1/100000000"]
        {
            assert_eq!(read(text), Err(NoPosition), "{text:?}");
        }
    }
}
