//! Outcomes to responses: status, headers, body, as PostgREST's `Response` gives them.

use axum::{
    body::Body,
    http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header},
};

use crate::{
    db::Outcome,
    error::{Problem, is_sound_header},
    query::{Range, media::MediaType},
};

/// Headers of an answer, in order.
pub type Headers = Vec<(HeaderName, String)>;

const CONTENT_PROFILE: HeaderName = HeaderName::from_static("content-profile");
const PREFERENCE_APPLIED: HeaderName = HeaderName::from_static("preference-applied");
const PROXY_STATUS: HeaderName = HeaderName::from_static("proxy-status");

/// An answer before the database's own settings had their say.
#[derive(Debug)]
pub struct Answer {
    /// Status.
    pub status: u16,
    /// Headers.
    pub headers: Headers,
    /// The tag of a single object, in quotes; one that the database set itself wins over it.
    pub tag: Option<String>,
    /// Body; `None` sends none and no length.
    pub body: Option<Body>,
}

impl Answer {
    /// An answer of that status.
    pub fn new(status: u16) -> Self {
        Self { status, headers: Vec::new(), tag: None, body: None }
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Adds a body and its length.
    #[must_use]
    pub fn body(mut self, body: Vec<u8>) -> Self {
        self.headers.push((header::CONTENT_LENGTH, body.len().to_string()));
        self.body = Some(body.into());
        self
    }

    /// Adds a body whose length is not known yet.
    #[must_use]
    pub fn stream(mut self, body: Body) -> Self {
        self.body = Some(body);
        self
    }

    /// 304: the caller has the body already, by this tag (RFC 9110, 15.4.5).
    #[must_use]
    pub fn not_modified(mut self, tag: String) -> Self {
        self.headers.retain(|(name, _)| *name != header::CONTENT_LENGTH);
        Self { status: 304, tag: Some(tag), body: None, ..self }
    }

    /// Adds the media type and, where the schema was negotiated, the schema.
    #[must_use]
    pub fn content(self, media: &MediaType, profile: Option<&str>) -> Self {
        let answer = self.header(header::CONTENT_TYPE, media.content_type());
        match profile {
            Some(profile) => answer.header(CONTENT_PROFILE, profile),
            None => answer,
        }
    }

    /// Adds `Preference-Applied`.
    #[must_use]
    pub fn applied(self, preferences: Option<String>) -> Self {
        match preferences {
            Some(preferences) => self.header(PREFERENCE_APPLIED, preferences),
            None => self,
        }
    }

    /// Lets `response.status` and `response.headers` of the transaction override. PostgREST: references/transactions.
    /// Framing headers and values with control characters are refused: they would split or hang the answer.
    pub fn overridden(mut self, outcome: &Outcome) -> Result<Self, Problem> {
        if let Some(status) = &outcome.response_status {
            self.status = status
                .parse()
                .ok()
                .filter(|status| (200..=599).contains(status))
                .ok_or_else(|| Problem::new(500, "PGRST112", "response.status guc must be a valid status code"))?;
        }
        if let Some(headers) = &outcome.response_headers {
            let set = parse_headers(headers).ok_or_else(|| {
                Problem::new(
                    500,
                    "PGRST111",
                    "response.headers guc must be a JSON array composed of objects with a single key and a string value",
                )
            })?;
            self.headers.retain(|(name, _)| !set.iter().any(|(other, _)| other == name));
            self.headers.extend(set);
        }
        Ok(self)
    }

    /// The response to HEAD. The length of the body that GET would have is not known, and must not be said to be 0.
    pub fn into_head_response(self) -> Response<Body> {
        let response = self.into_response();
        response
            .map(|_| Body::from_stream(futures_util::stream::empty::<Result<bytes::Bytes, std::convert::Infallible>>()))
    }

    /// The response.
    pub fn into_response(self) -> Response<Body> {
        let mut response = Response::new(self.body.unwrap_or_default());
        *response.status_mut() = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        for (name, value) in self.headers {
            if let Ok(value) = HeaderValue::from_bytes(value.as_bytes()) {
                response.headers_mut().append(name, value);
            }
        }
        if let Some(tag) = self.tag.and_then(|tag| HeaderValue::from_str(&tag).ok())
            && !response.headers().contains_key(header::ETAG)
        {
            response.headers_mut().insert(header::ETAG, tag);
            response.extensions_mut().insert(OwnTag);
        }
        if !response.headers().contains_key(header::VARY) {
            response.headers_mut().insert(header::VARY, HeaderValue::from_static("Accept, Prefer, Range"));
        }
        response
    }
}

/// A JSON array of objects with one key each, the key a header's name.
fn parse_headers(text: &str) -> Option<Headers> {
    let objects: Vec<serde_json::Map<String, serde_json::Value>> = serde_json::from_str(text).ok()?;
    objects
        .into_iter()
        .map(|object| {
            let mut entries = object.into_iter();
            let (Some((name, serde_json::Value::String(value))), None) = (entries.next(), entries.next()) else {
                return None;
            };
            if !is_sound_header(&name, &value) {
                return None;
            }
            Some((HeaderName::from_bytes(name.as_bytes()).ok()?, value))
        })
        .collect()
}

/// A failure as a response; with `Accept: application/problem+json` in the form of RFC 9457.
pub fn problem(problem: &Problem) -> Response<Body> {
    failed(problem, problem.body())
}

/// The same without details and hint.
pub fn brief_problem(problem: &Problem) -> Response<Body> {
    let brief = Problem { details: None, hint: None, ..problem.clone() };
    failed(&brief, brief.brief_body())
}

fn failed(problem: &Problem, body: Vec<u8>) -> Response<Body> {
    let mut answer = Answer::new(problem.status)
        .header(header::CONTENT_TYPE, "application/json; charset=utf-8")
        .header(PROXY_STATUS, format!("PostgREST; error={}", problem.code));
    for (name, value) in &problem.headers {
        if let Ok(name) = HeaderName::from_bytes(name.as_bytes()) {
            answer = answer.header(name, value.clone());
        }
    }
    let mut response = answer.body(body).into_response();
    response.extensions_mut().insert(Failure(problem.clone()));
    response
}

const PROBLEM_JSON: &str = "application/problem+json";

/// Whether a caller can read RFC 9457's problem details.
pub fn accepts_problem_details(headers: &HeaderMap) -> bool {
    let mut accepted = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    accepted.any(|value| value.split(',').any(|media| media.trim().starts_with(PROBLEM_JSON)))
}

/// A failure in the form of RFC 9457, PostgREST's four members kept; any other response as it is.
pub fn as_problem_details(response: Response<Body>) -> Response<Body> {
    let Some(Failure(problem)) = response.extensions().get().cloned() else { return response };
    let body = serde_json::json!({
        "type": "about:blank",
        "title": response.status().canonical_reason(),
        "status": problem.status,
        "detail": problem.message,
        "code": problem.code,
        "message": problem.message,
        "details": problem.details,
        "hint": problem.hint,
    })
    .to_string();
    let (mut parts, _) = response.into_parts();
    parts.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
    parts.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(body.len()));
    Response::from_parts(parts, Body::from(body))
}

/// Rides in a response whose tag is of its body as it was made.
#[derive(Clone, Copy, Debug)]
pub struct OwnTag;

/// Rides in a failed response to the layer that logs it.
#[derive(Clone, Debug)]
pub struct Failure(pub Problem);

/// `Content-Range` (RFC 9110, 14.4, unit left out as PostgREST does): the rows shown of how many.
pub fn content_range(first: i64, last: i64, total: Option<i64>) -> String {
    let range = match total != Some(0) && first <= last {
        true => format!("{first}-{last}"),
        false => "*".to_owned(),
    };
    let total = total.map_or_else(|| "*".to_owned(), |total| total.to_string());
    format!("{range}/{total}")
}

/// How many rows an answer has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Rows shown.
    pub shown: u64,
    /// Rows there are in all, where that was asked for.
    pub total: Option<i64>,
}

/// `Content-Range` of a page.
pub fn page(range: Range, size: Size) -> String {
    let first = i64::try_from(range.offset).unwrap_or(i64::MAX);
    let shown = i64::try_from(size.shown).unwrap_or(i64::MAX);
    content_range(first, first.saturating_add(shown) - 1, size.total)
}

/// Status of a read by how much of the whole it shows.
///
/// # Errors
/// PGRST103: the page begins after the last row.
pub fn range_status(range: Range, size: Size) -> Result<u16, Problem> {
    let lower = i64::try_from(range.offset).unwrap_or(i64::MAX);
    let shown = i64::try_from(size.shown).unwrap_or(i64::MAX);
    match size.total {
        None => Ok(200),
        Some(total) if lower > total => {
            let none = content_range(1, 0, size.total);
            Err(Problem::out_of_bounds(range.offset, total).header("content-range", none))
        }
        Some(total) if shown < total => Ok(206),
        Some(_) => Ok(200),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_range_names_the_rows_shown() {
        assert_eq!(content_range(0, 9, None), "0-9/*");
        assert_eq!(content_range(0, 9, Some(100)), "0-9/100");
        assert_eq!(content_range(0, -1, Some(0)), "*/0");
        assert_eq!(content_range(1, 0, None), "*/*");
    }

    #[test]
    fn a_page_of_more_is_partial_and_one_past_the_end_is_refused() {
        let from = |offset| Range { offset, limit: None };
        let status = |offset, shown, total| range_status(from(offset), Size { shown, total });
        assert_eq!(status(0, 10, None), Ok(200));
        assert_eq!(status(0, 10, Some(100)), Ok(206));
        assert_eq!(status(0, 10, Some(10)), Ok(200));
        let problem = status(11, 0, Some(10)).unwrap_err();
        assert_eq!((problem.status, problem.headers[0].1.as_str()), (416, "*/10"));
    }

    #[test]
    fn headers_that_would_split_or_frame_the_answer_are_refused() {
        assert!(parse_headers(r#"[{"X-One": "1"}, {"Set-Cookie": "a=b"}]"#).is_some());
        for bad in [
            r#"[{"X": "a\r\nY: b"}]"#,
            r#"[{"Content-Length": "3"}]"#,
            r#"[{"transfer-encoding": "chunked"}]"#,
            r#"[{"a": "1", "b": "2"}]"#,
            r#"[{"a": 1}]"#,
            "{}",
        ] {
            assert!(parse_headers(bad).is_none(), "{bad}");
        }
    }
}
