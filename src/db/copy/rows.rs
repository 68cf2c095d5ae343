//! Rows of a binary COPY, counted and summed up.
//!
//! In: the messages of a stream. Out: how many rows there were, and a checksum that does not depend on their order. Refuses
//! what is no binary COPY (Postgres: sql-copy, "Binary Format"). Nothing is decoded: values are equal where their bytes are.

use std::hash::{DefaultHasher, Hasher as _};

const SIGNATURE: &[u8] = b"PGCOPY\n\xff\r\n\0";

/// A stream that is no binary COPY.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the server sent something that is no binary COPY")]
pub struct Malformed;

/// What a stream held so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Sum {
    /// Rows.
    pub(super) rows: u64,
    /// The sum of the rows' hashes.
    hashes: u128,
}

impl Sum {
    /// The checksum, in hexadecimal digits. Compared with sums of this program alone.
    pub(super) fn checksum(&self) -> String {
        format!("{:x}", self.hashes)
    }
}

/// Reads a stream.
#[derive(Debug, Default)]
pub(super) struct Reader {
    sum: Sum,
    has_begun: bool,
    has_ended: bool,
}

impl Reader {
    /// Takes a message: Postgres sends whole rows.
    ///
    /// # Errors
    /// [`Malformed`].
    pub(super) fn read(&mut self, mut message: &[u8]) -> Result<(), Malformed> {
        if !self.has_begun && !message.is_empty() {
            message = message.strip_prefix(SIGNATURE).ok_or(Malformed)?;
            let _flags = take(&mut message, 4)?;
            let extension = length(take(&mut message, 4)?).ok_or(Malformed)?;
            take(&mut message, extension)?;
            self.has_begun = true;
        }
        while !message.is_empty() {
            if self.has_ended {
                return Err(Malformed);
            }
            self.row(&mut message)?;
        }
        Ok(())
    }

    /// The sum, once the stream has ended.
    ///
    /// # Errors
    /// It has not.
    pub(super) fn finish(self) -> Result<Sum, Malformed> {
        if self.has_ended { Ok(self.sum) } else { Err(Malformed) }
    }

    /// Rows so far.
    pub(super) fn rows(&self) -> u64 {
        self.sum.rows
    }

    fn row(&mut self, message: &mut &[u8]) -> Result<(), Malformed> {
        let whole = *message;
        let fields = i16::from_be_bytes(take(message, 2)?.try_into().map_err(|_| Malformed)?);
        if fields == -1 {
            self.has_ended = true;
            return Ok(());
        }
        for _ in 0..fields {
            // None is null.
            if let Some(length) = length(take(message, 4)?) {
                take(message, length)?;
            }
        }
        let mut hasher = DefaultHasher::new();
        hasher.write(&whole[..whole.len() - message.len()]);
        self.sum.rows += 1;
        self.sum.hashes = self.sum.hashes.wrapping_add(hasher.finish().into());
        Ok(())
    }
}

fn take<'m>(message: &mut &'m [u8], length: usize) -> Result<&'m [u8], Malformed> {
    let (taken, rest) = message.split_at_checked(length).ok_or(Malformed)?;
    *message = rest;
    Ok(taken)
}

fn length(bytes: &[u8]) -> Option<usize> {
    usize::try_from(i32::from_be_bytes(bytes.try_into().ok()?)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header() -> Vec<u8> {
        [SIGNATURE, &[0; 8]].concat()
    }

    /// A row of texts and nulls.
    fn row(fields: &[Option<&str>]) -> Vec<u8> {
        let mut row = i16::try_from(fields.len()).unwrap().to_be_bytes().to_vec();
        for field in fields {
            match field {
                None => row.extend((-1_i32).to_be_bytes()),
                Some(text) => {
                    row.extend(i32::try_from(text.len()).unwrap().to_be_bytes());
                    row.extend(text.as_bytes());
                }
            }
        }
        row
    }

    const END: [u8; 2] = [0xff, 0xff];

    fn sum(messages: &[&[u8]]) -> Result<Sum, Malformed> {
        let mut reader = Reader::default();
        for message in messages {
            reader.read(message)?;
        }
        reader.finish()
    }

    #[test]
    fn the_sum_is_that_of_the_rows_whatever_their_order() {
        let (one, two) = (row(&[Some("a"), None]), row(&[Some(""), Some("b")]));
        let forth = sum(&[&[header(), one.clone()].concat(), &two, &END]).unwrap();
        let back = sum(&[&header(), &two, &one, &END]).unwrap();
        assert_eq!((forth, forth.rows), (back, 2));
        assert_ne!(forth, sum(&[&header(), &one, &one, &END]).unwrap());
        let other = row(&[None, Some("a")]);
        assert_ne!(forth, sum(&[&header(), &other, &two, &END]).unwrap());
        assert_eq!(sum(&[&header(), &END]).unwrap(), Sum::default());
    }

    #[test]
    fn what_is_no_copy_is_refused() {
        let one = row(&[Some("a")]);
        for messages in [
            vec![&b"PGCOPY"[..]],
            vec![&header()[..15], &END],
            vec![&header(), &one],
            vec![&header(), &one[..one.len() - 1], &END],
            vec![&header(), &END, &one],
        ] {
            assert_eq!(sum(&messages), Err(Malformed), "{messages:?}");
        }
    }
}
