//! Answers that are sent while they grow: lines of JSON, and CSV.
//!
//! In: the first rows of a read and the rest of them. Out: a body in pieces. What comes to light after the headers were
//! sent is told behind the body: cut lists in a trailer (RFC 9110, 6.5), a failure by breaking off, so that nobody takes
//! what there is for the whole.

use std::{collections::BTreeSet, io};

use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, Version, header},
};
use bytes::Bytes;
use futures_util::stream;
use http_body_util::StreamBody;
use hyper::body::Frame;

use super::{
    Request, Rows,
    more::{MORE_ROWS, More},
};
use crate::{
    db::{Rest, Row},
    error::Problem,
    http::respond::Answer,
    plan::{Layout, Lookahead, Mark, ReadPlan, Shape},
    render,
};

/// A body on its way.
struct Flow {
    rest: Rest,
    writer: Writer,
    mark: Mark,
    ahead: Lookahead,
    /// A list that the service's own limit cuts ends it.
    refuses_cuts: bool,
    /// Lists that were found to be cut after the headers were sent.
    cut: BTreeSet<usize>,
    state: State,
}

enum State {
    /// The first piece is written.
    First(Vec<u8>),
    Rows,
    Ended,
}

/// Rows to bytes, piece by piece.
struct Writer {
    shape: Shape,
    layout: Layout,
}

impl Writer {
    /// Writes rows after the first.
    fn write(&self, rows: &[Row]) -> Result<Vec<u8>, render::RenderError> {
        let mut out = Vec::new();
        match &self.shape {
            Shape::Text(header) => render::csv_rows(header.len(), rows, &mut out),
            shape => render::json(shape, self.layout, rows, &mut out)?,
        }
        Ok(out)
    }
}

impl Request<'_> {
    /// Whether a read is answered while its rows come. Not as a part of a unit of work, which goes on after it; and not
    /// where a client could take a part for the whole, because HTTP/1.0 has no way to break off a body, or would not be
    /// told of cut lists, because it takes no trailers (RFC 9110, 6.5.1).
    pub(super) fn streams(&self, plan: &ReadPlan<'_>) -> bool {
        let takes_trailers = || {
            let accepted = self.parts.headers.get_all(header::TE).iter().filter_map(|value| value.to_str().ok());
            accepted.flat_map(|value| value.split(',')).any(|coding| coding.trim().eq_ignore_ascii_case("trailers"))
        };
        let may_last = self.unit.is_none() && plan.is_streamed;
        may_last && self.parts.version >= Version::HTTP_11 && (plan.ahead.lists.is_empty() || takes_trailers())
    }

    /// Adds a body that begins with these rows and goes on with the rest.
    pub(super) fn flowing(
        &self,
        answer: Answer,
        plan: &ReadPlan<'_>,
        rows: Rows<'_>,
        rest: Rest,
    ) -> Result<Answer, Problem> {
        let mut first = Vec::new();
        match rows.shape {
            Shape::Text(names) => render::csv(names, rows.rows, &mut first),
            shape => render::json(shape, rows.layout, rows.rows, &mut first)?,
        }
        let flow = Flow {
            rest,
            writer: Writer { shape: rows.shape.clone(), layout: rows.layout },
            mark: self.app.mark.clone(),
            ahead: plan.ahead.clone(),
            refuses_cuts: self.preferences.refuses_cuts(),
            cut: BTreeSet::new(),
            state: State::First(first),
        };
        let answer = match plan.ahead.lists.is_empty() {
            true => answer,
            false => answer.header(header::TRAILER, MORE_ROWS.as_str()),
        };
        Ok(answer.stream(Body::new(StreamBody::new(stream::try_unfold(flow, Flow::next)))))
    }
}

impl Flow {
    async fn next(mut self) -> io::Result<Option<(Frame<Bytes>, Self)>> {
        let frame = match std::mem::replace(&mut self.state, State::Rows) {
            State::First(first) => Frame::data(first.into()),
            State::Ended => return Ok(None),
            State::Rows => match self.rest.next().await {
                Ok(Some(rows)) => Frame::data(self.piece(rows)?.into()),
                Ok(None) => {
                    self.state = State::Ended;
                    match self.trailers() {
                        Some(trailers) => Frame::trailers(trailers),
                        None => return Ok(None),
                    }
                }
                Err(error) => return Err(broken_off(&error)),
            },
        };
        Ok(Some((frame, self)))
    }

    fn piece(&mut self, mut rows: Vec<Row>) -> io::Result<Vec<u8>> {
        if !self.ahead.lists.is_empty() {
            let cut = render::unmark(&mut rows, self.mark.text());
            if self.refuses_cuts && self.ahead.any_by_max_rows(&cut) {
                return Err(broken_off("a list has more rows than the service gives at once"));
            }
            self.cut.extend(cut);
        }
        self.writer.write(&rows).map_err(|error| broken_off(&error))
    }

    fn trailers(&self) -> Option<HeaderMap> {
        let names = More::lists(&self.ahead, &self.cut);
        let names = HeaderValue::from_str(&names.join(", ")).ok().filter(|names| !names.is_empty())?;
        Some(HeaderMap::from_iter([(MORE_ROWS, names)]))
    }
}

/// The end of a body that is not whole.
fn broken_off<E: std::fmt::Display + std::fmt::Debug + ?Sized>(error: &E) -> io::Error {
    tracing::warn!(%error, "an answer was broken off");
    io::Error::other(error.to_string())
}
