//! Conditional requests (RFC 9110, 13) on single rows: a tag for each object, so that a client need not read what it
//! has, and does not overwrite what it has not seen.
//!
//! A tag is of the object as `Accept: application/vnd.pgrst.object+json` gives it, before any coding for transport.
//! That of a write is compared with the object that a GET of the same filters and `select` would give.

use std::sync::Arc;

use axum::http::{HeaderMap, Method, header};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest as _, Sha256};

use super::Request;
use crate::{
    catalog::Relation,
    db::{Precondition, Row},
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
        self.matches.as_ref().is_none_or(|tags| tags.find(current).is_some())
            && self.matches_none.as_ref().is_none_or(|tags| tags.find(current).is_none())
    }
}

impl Tags {
    fn read(headers: &HeaderMap, name: &header::HeaderName) -> Result<Option<Self>, Problem> {
        let text = request::texts(headers, name.as_str())?.join(",");
        let tags: Vec<_> = text.split(',').map(str::trim).filter(|tag| !tag.is_empty()).map(str::to_owned).collect();
        match tags.as_slice() {
            [] => Ok(None),
            [any] if any == "*" => Ok(Some(Self::Any)),
            _ if tags.iter().all(|tag| is_tag(tag)) => Ok(Some(Self::These(tags))),
            _ => Err(Problem::new(400, "request.invalid_header", format!("The header '{name}' holds no entity tags"))
                .hint("Send a tag as ETag gave it, in quotes, or *")),
        }
    }

    /// The tag that is the current one's, as it was sent.
    fn find(&self, current: Option<&Tag>) -> Option<String> {
        let current = current?;
        match self {
            Self::Any => Some(current.0.clone()),
            Self::These(tags) => tags.iter().find(|tag| uncoded(tag) == current.0.trim_matches('"')).cloned(),
        }
    }
}

fn is_tag(text: &str) -> bool {
    let opaque = text.strip_prefix("W/").unwrap_or(text);
    opaque.len() >= 2 && opaque.starts_with('"') && opaque.ends_with('"') && opaque.matches('"').count() == 2
}

/// What a tag is of before compression. It says the same of the row, so that one made weak on the way counts too.
fn uncoded(tag: &str) -> &str {
    let opaque = tag.strip_prefix("W/").unwrap_or(tag).trim_matches('"');
    opaque.strip_suffix("-br").or_else(|| opaque.strip_suffix("-gzip")).unwrap_or(opaque)
}

impl Request<'_> {
    /// Adds the tag of a single object to its answer; to one who has it already, 304 instead.
    ///
    /// # Errors
    /// 412: `If-Match` names another.
    pub(super) fn tagged(&self, answer: Answer, body: &[u8]) -> Result<Answer, Problem> {
        let tag = Tag::of(body);
        let is_read = matches!(self.parts.method, Method::GET | Method::HEAD);
        if !is_read {
            return Ok(answer.header(header::ETAG, tag.0));
        }
        let conditions = Conditions::read(&self.parts.headers)?;
        if conditions.matches.is_some_and(|tags| tags.find(Some(&tag)).is_none()) {
            return Err(Problem::precondition_failed());
        }
        match conditions.matches_none.and_then(|tags| tags.find(Some(&tag))) {
            Some(known) => Ok(answer.header(header::ETAG, known).not_modified()),
            None => Ok(answer.header(header::ETAG, tag.0)),
        }
    }

    /// What must hold of the row before it is written.
    pub(super) fn precondition(
        &self,
        relation: &Relation,
        query: &Query,
        format: Format<'_>,
    ) -> Result<Option<Precondition>, Problem> {
        let conditions = Conditions::read(&self.parts.headers)?;
        if conditions.are_none() {
            return Ok(None);
        }
        if self.parts.method == Method::POST {
            return Err(Problem::new(400, "request.precondition", "An insert has no row that If-Match could be about")
                .hint("PUT with If-None-Match: * makes a row that must not be there yet"));
        }
        let format = Format::Json { singular: true, strip_nulls: format.is_singular() && format.strips_nulls() };
        let context = Context { format, ..self.context(format, None) };
        let root = Node { range: Range::default(), order: Vec::new(), ..query.root.clone() };
        let plan = plan::read(&context, relation, &Query { root, ..Query::default() })?;
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
        Ok(Some(Precondition { statement, holds: Arc::new(holds) }))
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
            assert_eq!(Tags::These(vec!["\"x\"".to_owned(), sent.clone()]).find(Some(&tag)), Some(sent));
        }
        assert_eq!(Tags::These(vec!["\"x\"".to_owned()]).find(Some(&tag)), None);
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
        for bad in ["abc", "\"", "\"a\" \"b\"", "*, \"a\""] {
            assert_eq!(conditions(header::IF_MATCH, bad).unwrap_err().status, 400, "{bad}");
        }
    }
}
