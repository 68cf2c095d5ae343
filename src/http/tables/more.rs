//! Whether there is more than an answer shows: what was asked for in excess is taken out of it again, and told.
//!
//! `More-Rows` names the lists that go on after what is shown, as the keys that lead to them; `.` is the request's own
//! resource. `Link` with `rel="next"` (RFC 8288) leads to that one's next page. Its target is a query string alone, to be
//! resolved against the request's address (RFC 3986, 5.2): what a proxy did to the path doesn't matter.

use std::collections::{BTreeSet, HashMap};

use axum::http::{HeaderName, header};
use serde_json::value::RawValue;

use super::Request;
use crate::{
    db::{Outcome, Row},
    error::Problem,
    http::{request::encode, respond::Answer},
    plan::{
        Keyset, Lookahead, Place,
        lookahead::{Bound, LimitedBy},
    },
    query::{Condition, Kind, Query, Range, TargetNames, keyset, params},
    render,
};

pub(super) const MORE_ROWS: HeaderName = HeaderName::from_static("more-rows");

/// What an answer does not show.
#[derive(Clone, Debug, Default)]
pub(super) struct More {
    /// The root goes on after this limit.
    pub page: Option<Bound>,
    /// Lists of related rows that go on, as header and error name them.
    lists: Vec<String>,
}

/// Where the next page is to start.
#[derive(Clone, Copy, Debug)]
pub(super) struct Page<'a> {
    /// What the parameters are of.
    pub kind: Kind,
    /// The rows that this page was asked for.
    pub range: Range,
    /// What the order goes by, where it tells all rows apart.
    pub keyset: Option<&'a Keyset>,
}

impl More {
    /// Takes out of the rows what was asked for in excess, beyond this range.
    pub fn of(request: &Request<'_>, ahead: &Lookahead, range: Range, outcome: &mut Outcome) -> Result<Self, Problem> {
        let page = ahead.page.filter(|bound| outcome.rows.len() as u64 > bound.rows);
        if let Some(bound) = page {
            outcome.rows.truncate(usize::try_from(bound.rows).unwrap_or(usize::MAX));
        }
        let total = outcome.total.map_or(0, i64::unsigned_abs);
        let counted = ahead.counted.filter(|bound| total > range.offset.saturating_add(bound.rows));
        let cut = match ahead.lists.is_empty() {
            true => BTreeSet::new(),
            false => render::unmark(&mut outcome.rows, request.app.mark.text()),
        };
        let more = Self { page: page.or(counted), lists: Self::lists(ahead, &cut) };
        let is_ours = more.page.is_some_and(|bound| bound.by == LimitedBy::MaxRows) || ahead.any_by_max_rows(&cut);
        match request.preferences.refuses_cuts() && is_ours {
            true => Err(Problem::rows_cut(&more.names())),
            false => Ok(more),
        }
    }

    /// The names of lists, by their numbers.
    pub fn lists(ahead: &Lookahead, lists: &BTreeSet<usize>) -> Vec<String> {
        lists.iter().filter_map(|list| ahead.lists.get(*list)).map(|list| path(&list.path)).collect()
    }

    fn names(&self) -> String {
        let root = self.page.map(|_| ".".to_owned());
        root.into_iter().chain(self.lists.iter().cloned()).collect::<Vec<_>>().join(", ")
    }

    /// Adds the names of lists that go on to an answer.
    pub fn tell_lists(&self, answer: Answer) -> Answer {
        match self.names() {
            none if none.is_empty() => answer,
            names => answer.header(MORE_ROWS, names),
        }
    }

    /// Adds them, and the link to the next page, which follows the last row shown.
    pub fn tell(&self, request: &Request<'_>, page: Page<'_>, last: Option<&Row>, answer: Answer) -> Answer {
        let answer = self.tell_lists(answer);
        match self.page.and_then(|bound| next(request, page, bound, last)) {
            Some(link) => answer.header(header::LINK, format!("<?{link}>; rel=\"next\"")),
            None => answer,
        }
    }
}

impl Request<'_> {
    /// What must not be in the rows before a write may commit: a mark, where a cut list is to be an error.
    pub(super) fn absent(&self, ahead: &Lookahead) -> Option<String> {
        let refuses = self.preferences.refuses_cuts() && ahead.lists.iter().any(|list| list.by == LimitedBy::MaxRows);
        refuses.then(|| self.app.mark.of(LimitedBy::MaxRows))
    }
}

/// The keys that lead to a list, as in `notes.authors`.
fn path(keys: &[String]) -> String {
    keys.iter().map(|key| encode(key).replace('.', "%2E")).collect::<Vec<_>>().join(".")
}

/// The parameters of the next page; `None` where they are too long for a URL.
fn next(request: &Request<'_>, page: Page<'_>, bound: Bound, last: Option<&Row>) -> Option<String> {
    let mut parameters = params::decode(request.parameters().as_bytes()).ok()?;
    parameters.retain(|(key, _)| key != "limit" && key != "offset");
    let room = request.app.config.server.max_url_bytes;
    let after = page.keyset.zip(last).and_then(|(keyset, last)| Some((keyset, after(keyset, last, room)?)));
    let offset = match after {
        Some((keyset, condition)) => {
            // The condition of the page before is contained in that of this one.
            parameters.retain(|parameter| !is_after(page.kind, keyset, parameter));
            let (key, value) = condition.parameter();
            parameters.push((key, Some(value)));
            None
        }
        None => Some(page.range.offset.checked_add(bound.rows)?),
    };
    for (key, value) in [("limit", page.range.limit), ("offset", offset)] {
        parameters.extend(value.map(|value| (key.to_owned(), Some(value.to_string()))));
    }
    let link = params::canonical(&parameters);
    (link.len() <= room).then_some(link)
}

/// The condition of the rows after a row, where a URL has room for it.
fn after(keyset: &Keyset, last: &Row, room: usize) -> Option<Condition> {
    let values: Vec<_> = keyset.values.iter().map(|place| value(place, last)).collect::<Option<_>>()?;
    if values.iter().flatten().map(String::len).sum::<usize>() > room {
        return None;
    }
    keyset::after(&keyset.keys, &values)
}

/// Whether a parameter is the condition that led from the page before to this one.
fn is_after(kind: Kind, keyset: &Keyset, parameter: &params::Parameter) -> bool {
    let alone = params::canonical(std::slice::from_ref(parameter));
    Query::read(kind, &alone, TargetNames::Refused)
        .is_ok_and(|query| query.root.filter.iter().any(|condition| keyset::is_after(&keyset.keys, condition)))
}

/// A value of a row as a filter takes it: `Some(None)` is NULL, `None` is what no filter can say.
fn value(place: &Place, row: &Row) -> Option<Option<String>> {
    match place {
        Place::Text(index) => match row.get(*index) {
            Some(text) => Some(Some(std::str::from_utf8(text).ok()?.to_owned())),
            None => Some(None),
        },
        Place::Value(index, wire) => {
            let Some(bytes) = row.get(*index) else { return Some(None) };
            let mut json = Vec::new();
            render::cell(*wire, bytes, &mut json).ok()?;
            scalar(std::str::from_utf8(&json).ok()?)
        }
        Place::Key(key) => {
            let document: HashMap<String, &RawValue> = serde_json::from_slice(row.get(0)?).ok()?;
            // Where nulls are left out, what is not there is null.
            document.get(key).map_or(Some(None), |value| scalar(value.get()))
        }
    }
}

/// A JSON scalar as text: a number keeps its digits.
fn scalar(json: &str) -> Option<Option<String>> {
    match json.as_bytes().first()? {
        b'"' => Some(Some(serde_json::from_str(json).ok()?)),
        b'[' | b'{' => None,
        _ if json == "null" => Some(None),
        _ => Some(Some(json.to_owned())),
    }
}
