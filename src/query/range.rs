//! Which rows of an ordered result: `limit`, `offset` and the `Range` header.
//!
//! In: numbers and a header's text. Out: a [`Range`]. Refuses a header whose ends are crossed and a header and
//! parameters that have no row in common (`PGRST103`). A header of any other form asks for all rows, as at PostgREST.

use super::{QueryError, RangeError};

/// Which rows of an ordered result are wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Range {
    /// Rows to skip.
    pub offset: u64,
    /// Rows at most; `None` is no limit.
    pub limit: Option<u64>,
}

impl Range {
    /// All rows.
    pub const ALL: Self = Self { offset: 0, limit: None };

    /// Reads the `Range` header of a GET request: `5-9` or `5-`, both ends included. HTTP gives it no meaning for any
    /// other method. Numbers beyond the largest `bigint` stand for it.
    ///
    /// # Errors
    /// [`RangeError::LowerAboveUpper`] for `9-5`.
    pub fn from_header(value: Option<&str>) -> Result<Self, QueryError> {
        let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
        match value.and_then(|value| value.split_once('-')) {
            Some((lower, upper)) if !lower.is_empty() && digits(lower) && digits(upper) => {
                let offset = number(lower);
                if upper.is_empty() {
                    return Ok(Self { offset, limit: None });
                }
                let end = number(upper).saturating_add(1);
                match end.checked_sub(offset) {
                    None | Some(0) => Err(QueryError::Range(RangeError::LowerAboveUpper)),
                    limit => Ok(Self { offset, limit }),
                }
            }
            _ => Ok(Self::ALL),
        }
    }

    /// The rows that both the header (`self`) and the parameters ask for. `limit=0` outweighs the header.
    ///
    /// # Errors
    /// [`RangeError::NegativeLimit`] where they have no row in common; that it is called so is PostgREST's choice.
    pub fn intersect(self, parameters: Self) -> Result<Self, QueryError> {
        if parameters.limit == Some(0) {
            return Ok(parameters);
        }
        let offset = self.offset.max(parameters.offset);
        let end = match (self.end(), parameters.end()) {
            (Some(a), Some(b)) => a.min(b),
            (Some(end), None) | (None, Some(end)) => end,
            (None, None) => return Ok(Self { offset, limit: None }),
        };
        match end.checked_sub(offset) {
            None | Some(0) => Err(QueryError::Range(RangeError::NegativeLimit)),
            limit => Ok(Self { offset, limit }),
        }
    }

    /// The first row no longer wanted.
    fn end(self) -> Option<u64> {
        self.limit.map(|limit| self.offset.saturating_add(limit))
    }
}

/// Digits as a number that Postgres' `bigint` can hold.
fn number(digits: &str) -> u64 {
    const MOST: u64 = i64::MAX as u64;
    digits.parse().unwrap_or(MOST).min(MOST)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CROSSED: Result<Range, QueryError> = Err(QueryError::Range(RangeError::LowerAboveUpper));
    const NONE_IN_COMMON: Result<Range, QueryError> = Err(QueryError::Range(RangeError::NegativeLimit));

    fn rows(offset: u64, limit: impl Into<Option<u64>>) -> Range {
        Range { offset, limit: limit.into() }
    }

    #[test]
    fn a_header_names_its_first_and_last_row() {
        for (header, expected) in [
            (None, Ok(Range::ALL)),
            (Some("0-0"), Ok(rows(0, 1))),
            (Some("5-9"), Ok(rows(5, 5))),
            (Some("5-"), Ok(rows(5, None))),
            (Some("5-4"), CROSSED),
            (Some("5-2"), CROSSED),
            (Some("-4"), Ok(Range::ALL)),
            (Some("-"), Ok(Range::ALL)),
            (Some(""), Ok(Range::ALL)),
            (Some("items=0-4"), Ok(Range::ALL)),
            (Some("1-2-3"), Ok(Range::ALL)),
            (Some("99999999999999999999-"), Ok(rows(i64::MAX as u64, None))),
            (Some("0-99999999999999999999"), Ok(rows(0, i64::MAX as u64 + 1))),
            (Some("99999999999999999999-1"), CROSSED),
        ] {
            assert_eq!(Range::from_header(header), expected, "{header:?}");
        }
    }

    #[test]
    fn a_header_and_parameters_share_their_rows() {
        for (header, parameters, expected) in [
            (Range::ALL, Range::ALL, Ok(Range::ALL)),
            (rows(0, 5), rows(2, None), Ok(rows(2, 3))),
            (rows(0, 5), rows(2, 10), Ok(rows(2, 3))),
            (rows(3, None), rows(0, 5), Ok(rows(3, 2))),
            (rows(0, 5), rows(5, 5), NONE_IN_COMMON),
            (rows(9, None), rows(0, 5), NONE_IN_COMMON),
            (rows(9, None), rows(0, 0), Ok(rows(0, 0))),
            (rows(u64::MAX, None), rows(1, u64::MAX), NONE_IN_COMMON),
        ] {
            assert_eq!(header.intersect(parameters), expected, "{header:?} {parameters:?}");
        }
    }
}
