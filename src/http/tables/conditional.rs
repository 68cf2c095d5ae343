//! Conditional requests (RFC 9110, 13) on single rows: a tag for each object, so that a client need not read what it
//! has, and does not overwrite what it has not seen.
//!
//! A tag is of the object as `Accept: application/vnd.pgrst.object+json` gives it, before any coding for transport.
//! That of a write is compared with the object that a GET of the same filters and `select` would give.

use std::sync::Arc;

use axum::http::{HeaderMap, Method, header};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest as _, Sha256};

use super::{Request, negotiate::Negotiated};
use crate::{
    catalog::Relation,
    db::{Check, Precondition, Row, Transaction},
    error::Problem,
    http::{request, respond::Answer},
    plan::{self, Context, Format, ReadPlan},
    query::{Node, Query, Range},
    render, sql,
};

/// A strong validator (RFC 9110, 8.8.3), in quotes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Tag(String);

/// What `If-Match` and `If-None-Match` ask for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Conditions {
    matches: Option<Tags>,
    matches_none: Option<Tags>,
}

/// How tags are compared (RFC 9110, 8.8.3.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Comparison {
    /// Weak ones are nobody's.
    Strong,
    /// Weak or not makes no difference.
    Weak,
}

/// The tags of a condition.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Tags {
    /// `*`: whatever there is.
    Any,
    /// These, as they were sent.
    These(Vec<String>),
}

impl Tag {
    fn of(body: &[u8]) -> Self {
        let digest = Sha256::digest(body);
        Self(format!("\"{}\"", URL_SAFE_NO_PAD.encode(&digest[..16])))
    }
}

impl Conditions {
    /// Reads the headers.
    ///
    /// # Errors
    /// One of them is no list of tags.
    pub fn read(headers: &HeaderMap) -> Result<Self, Problem> {
        Ok(Self {
            matches: Tags::read(headers, &header::IF_MATCH)?,
            matches_none: Tags::read(headers, &header::IF_NONE_MATCH)?,
        })
    }

    fn are_none(&self) -> bool {
        *self == Self::default()
    }

    /// Whether a write may go ahead.
    fn hold(&self, current: Option<&Tag>) -> bool {
        self.matches.as_ref().is_none_or(|tags| tags.find(current, Comparison::Strong).is_some())
            && self.matches_none.as_ref().is_none_or(|tags| tags.find(current, Comparison::Weak).is_none())
    }
}

impl Tags {
    fn read(headers: &HeaderMap, name: &header::HeaderName) -> Result<Option<Self>, Problem> {
        let text = request::texts(headers, name.as_str())?.join(",");
        match text.trim_matches([' ', '\t', ',']) {
            "" => Ok(None),
            "*" => Ok(Some(Self::Any)),
            list => match tags(list) {
                Some(tags) => Ok(Some(Self::These(tags))),
                None => {
                    let message = format!("The header '{name}' holds no entity tags");
                    let problem = Problem::new(400, "request.invalid_header", message);
                    Err(problem.hint("Send a tag as ETag gave it, in quotes, or *"))
                }
            },
        }
    }

    /// The tag that is the current one's, as it was sent.
    fn find(&self, current: Option<&Tag>, comparison: Comparison) -> Option<String> {
        let current = current?;
        match self {
            Self::Any => Some(current.0.clone()),
            Self::These(tags) => {
                let is_strong = |tag: &&String| comparison == Comparison::Weak || !tag.starts_with(WEAK);
                let same = |tag: &&String| uncoded(tag) == current.0.trim_matches('"');
                tags.iter().find(|tag| is_strong(tag) && same(tag)).cloned()
            }
        }
    }
}

const WEAK: &str = "W/";

/// The tags of a list (RFC 9110, 8.8.3): what is in quotes may hold commas.
fn tags(mut list: &str) -> Option<Vec<String>> {
    let mut tags = Vec::new();
    loop {
        list = list.trim_start_matches([' ', '\t', ',']);
        if list.is_empty() {
            return Some(tags);
        }
        let weak = if list.starts_with(WEAK) { WEAK.len() } else { 0 };
        let opaque = list[weak..].strip_prefix('"')?;
        let end = weak + 1 + opaque.find('"')? + 1;
        tags.push(list[..end].to_owned());
        list = &list[end..];
        if !list.is_empty() && !list.starts_with([' ', '\t', ',']) {
            return None;
        }
    }
}

/// What a tag is of, before compression.
fn uncoded(tag: &str) -> &str {
    let opaque = tag.strip_prefix(WEAK).unwrap_or(tag).trim_matches('"');
    opaque.strip_suffix("-br").or_else(|| opaque.strip_suffix("-gzip")).unwrap_or(opaque)
}

/// Adds the tag of a single object to its answer.
pub(super) fn tagged(mut answer: Answer, body: &[u8]) -> Answer {
    answer.tag = Some(Tag::of(body).0);
    answer
}

impl Request<'_> {
    /// Gives 304 instead of an object to one who has it already.
    ///
    /// # Errors
    /// 412: `If-Match` names another.
    pub(super) fn conditional(&self, answer: Answer) -> Result<Answer, Problem> {
        let is_read = matches!(self.parts.method, Method::GET | Method::HEAD);
        let Some(tag) = answer.tag.clone().filter(|_| is_read && answer.status == 200).map(Tag) else {
            return Ok(answer);
        };
        let conditions = Conditions::read(&self.parts.headers)?;
        if conditions.matches.is_some_and(|tags| tags.find(Some(&tag), Comparison::Strong).is_none()) {
            return Err(Problem::precondition_failed());
        }
        Ok(match conditions.matches_none.and_then(|tags| tags.find(Some(&tag), Comparison::Weak)) {
            Some(known) => answer.not_modified(known),
            None => answer,
        })
    }

    /// Has a write look at its row first, where the request says what that must be. Gives whether it does.
    pub(super) fn require(
        &self,
        transaction: &mut Transaction,
        relation: &Relation,
        query: &Query,
        wanted: &Negotiated<'_>,
    ) -> Result<bool, Problem> {
        let conditions = Conditions::read(&self.parts.headers)?;
        if conditions.are_none() {
            return Ok(false);
        }
        if self.parts.method == Method::POST {
            return Err(Problem::new(400, "request.precondition", "An insert has no row that If-Match could be about")
                .hint("PUT with If-None-Match: * makes a row that must not be there yet"));
        }
        let strip_nulls = wanted.format.is_singular() && wanted.format.strips_nulls();
        let format = Format::Json { singular: true, strip_nulls };
        let context = Context { format, ..self.context(wanted, None) };
        let root = Node { range: Range::default(), order: Vec::new(), ..query.root.clone() };
        let mut plan = plan::read(&context, relation, &Query { root, ..Query::default() })?;
        // A second row is enough to know that there is not one, whatever the configuration's limit.
        plan.select.range.limit = Some(2);
        transaction.resets_session |= plan.select.calls_functions();
        if transaction.check == Check::None {
            transaction.check = Check::One;
        }
        let statement = sql::read(&plan);
        let mark = self.app.mark.clone();
        let ReadPlan { shape, layout, .. } = plan;
        let holds = move |rows: &[Row]| {
            let mut rows = rows.to_vec();
            render::unmark(&mut rows, mark.text());
            let mut body = Vec::new();
            match render::json(&shape, layout, &rows, &mut body) {
                Ok(()) => conditions.hold((rows.len() == 1).then(|| Tag::of(&body)).as_ref()),
                Err(_) => false,
            }
        };
        transaction.precondition = Some(Precondition { statement, holds: Arc::new(holds) });
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn conditions(name: header::HeaderName, value: &'static str) -> Result<Conditions, Problem> {
        Conditions::read(&HeaderMap::from_iter([(name, HeaderValue::from_static(value))]))
    }

    #[test]
    fn tags_are_compared_whatever_the_coding_they_came_in() {
        let tag = Tag::of(b"{}");
        let text = tag.0.trim_matches('"');
        for sent in
            [format!("\"{text}\""), format!("W/\"{text}\""), format!("\"{text}-br\""), format!("\"{text}-gzip\"")]
        {
            let list = Tags::These(tags(&format!("\"x, y\", {sent}")).unwrap());
            assert_eq!(list.find(Some(&tag), Comparison::Weak), Some(sent.clone()));
            let strong = list.find(Some(&tag), Comparison::Strong);
            assert_eq!(strong.is_none(), sent.starts_with(WEAK), "{sent}");
        }
        assert_eq!(Tags::These(vec!["\"x\"".to_owned()]).find(Some(&tag), Comparison::Weak), None);
        assert_ne!(tag, Tag::of(b"{ }"));
    }

    #[test]
    fn a_star_is_about_there_being_a_row() {
        let tag = Tag::of(b"{}");
        let matches = conditions(header::IF_MATCH, "*").unwrap();
        assert_eq!((matches.hold(Some(&tag)), matches.hold(None)), (true, false));
        let none = conditions(header::IF_NONE_MATCH, "*").unwrap();
        assert_eq!((none.hold(Some(&tag)), none.hold(None)), (false, true));
    }

    #[test]
    fn what_is_no_tag_is_refused() {
        assert!(conditions(header::IF_MATCH, "").unwrap().are_none());
        assert!(!conditions(header::IF_MATCH, "\"a\", W/\"b\"").unwrap().are_none());
        for bad in ["abc", "\"", "\"a\"\"b\"", "*, \"a\"", "W/a"] {
            assert_eq!(conditions(header::IF_MATCH, bad).unwrap_err().status, 400, "{bad}");
        }
    }
}
