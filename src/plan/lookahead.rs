//! One row more than is shown, so that an answer knows whether a list goes on.
//!
//! The rows of the root are seen by whoever reads them: the last of them is left out. Related rows come as one value
//! that Postgres has made: there the rows too many are replaced by a [`Mark`], to be found and taken out again.

use std::{collections::BTreeSet, sync::Arc};

use uuid::Uuid;

use super::{Context, Format, From};

/// What stands, at the end of a list of related rows, for those that were cut off. It is made anew by each process and
/// is told nobody, so that no data can be taken for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark(Arc<str>);

impl Mark {
    /// One that was never there before.
    pub fn random() -> Self {
        Self(format!("{}{}", Uuid::now_v7().simple(), Uuid::now_v7().simple()).into())
    }

    /// What every element contains that stands for rows cut off.
    pub fn text(&self) -> &str {
        &self.0
    }

    /// What every element that stands for rows cut by that one contains.
    pub fn of(&self, by: LimitedBy) -> String {
        let sign = match by {
            LimitedBy::Request => ':',
            LimitedBy::MaxRows => '!',
        };
        format!("{}{sign}", self.0)
    }

    /// The element of a list, by its number in [`Lookahead::lists`], as JSON.
    pub(super) fn element(&self, list: usize, by: LimitedBy) -> String {
        format!("\"{}{list}\"", self.of(by))
    }
}

/// Rows up to which an answer is gathered before it begins, although it could be sent while it grows.
pub const GATHERED: u64 = 1000;

/// Who wants no more rows than that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LimitedBy {
    /// The request: `limit=`, or `Range`.
    Request,
    /// The configuration: `DB_MAX_ROWS`.
    MaxRows,
}

/// A limit that a list may turn out to be longer than.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bound {
    /// Rows shown at most.
    pub rows: u64,
    /// Whose limit it is.
    pub by: LimitedBy,
}

/// A list of related rows that may be cut.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct List {
    /// The keys that lead to it from the root.
    pub path: Vec<String>,
    /// Whose limit would cut it.
    pub by: LimitedBy,
}

/// Which lists of an answer are asked for with a row more than they show.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lookahead {
    /// The root's.
    pub page: Option<Bound>,
    /// The root's limit, where only counting tells whether it goes on: its rows are not seen, or sent while they come.
    pub counted: Option<Bound>,
    /// Those of related rows.
    pub lists: Vec<List>,
}

impl Lookahead {
    /// Whether the configuration's limit is what cuts one of these lists.
    pub fn any_by_max_rows(&self, lists: &BTreeSet<usize>) -> bool {
        lists.iter().filter_map(|list| self.lists.get(*list)).any(|list| list.by == LimitedBy::MaxRows)
    }
}

/// How a list of related rows is cut.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cut {
    /// Rows it shows at most.
    pub rows: u64,
    /// What is put behind them where there are more, as JSON.
    pub element: String,
}

impl<'c> Context<'c> {
    /// The mark for lists inside of values; `None` where those are not looked into afterwards, because the database
    /// makes the whole body.
    pub(super) fn lookahead_in_values(&self) -> Option<&'c Mark> {
        match self.format {
            Format::Json { .. } | Format::NdJson | Format::Csv => self.mark,
            Format::GeoJson | Format::Handler(_) => None,
        }
    }

    /// Whether rows are written one by one, so that they can be sent while they come. What a function or a write gives is
    /// gathered.
    pub(super) fn streams(&self, from: &From<'_>) -> bool {
        let is_streamed = match self.format {
            Format::NdJson => true,
            Format::Csv => !self.is_postgrest_alone,
            Format::Json { .. } | Format::GeoJson | Format::Handler(_) => false,
        };
        is_streamed && matches!(from, From::Relation(_))
    }

    /// What the configuration limits the root's rows to.
    pub(super) fn max_root_rows(&self, from: &From<'_>) -> Option<u64> {
        match self.streams(from) {
            true => self.limits.max_streamed_rows,
            false => self.limits.max_rows,
        }
    }

    /// What limits a list for which a limit was asked, or none. `None` where nothing does, or where it needs no asking
    /// whether there is more.
    pub(super) fn bound(&self, asked: Option<u64>, max_rows: Option<u64>) -> Option<Bound> {
        let bound = match (asked, max_rows) {
            (Some(rows), Some(max)) if max < rows => Bound { rows: max, by: LimitedBy::MaxRows },
            (Some(rows), _) => Bound { rows, by: LimitedBy::Request },
            (None, Some(rows)) => Bound { rows, by: LimitedBy::MaxRows },
            (None, None) => return None,
        };
        // Nothing follows nothing; and nobody has lists as long as Postgres' integers go.
        (1..i32::MAX as u64).contains(&bound.rows).then_some(bound)
    }
}
