//! A step of a batch: a request, as JSON.
//!
//! In: the body of the batch. Out: its steps, or all that is wrong with them; of each its request, once what it refers to
//! is known.

use std::collections::BTreeMap;

use axum::{
    body::Body,
    http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Uri, header, request::Parts},
};
use serde::Deserialize;
use serde_json::{Value, value::RawValue};

use super::{MOST_STEPS, reference};
use crate::{domain::Fault, query::MediaType};

/// What a step may do.
pub(in crate::http) const METHODS: [Method; 6] =
    [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE];
/// Headers of the batch that say nothing of its steps: what they are written in, and what is asked of the whole.
const OF_THE_BATCH: [&str; 11] = [
    "content-length",
    "content-type",
    "content-encoding",
    "transfer-encoding",
    "accept",
    "accept-encoding",
    "prefer",
    "range",
    "idempotency-key",
    "if-match",
    "if-none-match",
];
/// Headers that a step can't have: who the caller is, and how the whole is sent.
const OF_THE_WHOLE: [&str; 10] = [
    "authorization",
    "cookie",
    "host",
    "content-length",
    "content-encoding",
    "transfer-encoding",
    "connection",
    "te",
    "upgrade",
    "idempotency-key",
];

/// A request in a batch.
pub(super) struct Step {
    method: Method,
    path: String,
    headers: HeaderMap,
    body: Option<Box<RawValue>>,
    /// There is something in the body to be replaced.
    has_references: bool,
}

/// As it comes.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    method: String,
    path: String,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    #[serde(default)]
    body: Option<Box<RawValue>>,
}

/// The steps of a batch.
///
/// # Errors
/// All that is wrong with them.
pub(super) fn read(body: &[u8]) -> Result<Vec<Step>, Vec<Fault>> {
    let written: Vec<Box<RawValue>> = serde_json::from_slice(body)
        .map_err(|error| vec![Fault::new("", format!("must be an array of requests: {error}"))])?;
    if written.is_empty() || written.len() > MOST_STEPS {
        let reason = format!("must have 1 to {MOST_STEPS} requests, not {}", written.len());
        return Err(vec![Fault::new("", reason)]);
    }
    let mut faults = Vec::new();
    let steps = written.iter().enumerate().filter_map(|(index, written)| {
        match serde_json::from_str::<Written>(written.get()) {
            Ok(written) => Some(Step::read(index, written, &mut faults)),
            Err(error) => {
                faults.push(Fault::new(format!("[{index}]"), format!("must be a request: {error}")));
                None
            }
        }
    });
    let steps: Vec<_> = steps.collect();
    if faults.is_empty() { Ok(steps) } else { Err(faults) }
}

impl Step {
    fn read(index: usize, written: Written, faults: &mut Vec<Fault>) -> Self {
        let mut fault = |field: &str, reason: String| faults.push(Fault::new(format!("[{index}].{field}"), reason));
        let method = METHODS.into_iter().find(|method| written.method == method.as_str()).unwrap_or_else(|| {
            fault("method", format!("must be one of {}", METHODS.each_ref().map(Method::as_str).join(", ")));
            Method::GET
        });
        if !written.path.starts_with('/') {
            fault("path", "must begin with a slash, as in /renos/leads?id=eq.1".to_owned());
        }
        let mut headers = HeaderMap::new();
        for (name, value) in &written.headers {
            let field = format!("headers.{name}");
            match (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(value)) {
                (Ok(name), _) if OF_THE_WHOLE.contains(&name.as_str()) => {
                    fault(&field, "belongs to the batch, not to a step".to_owned());
                }
                (Ok(name), Ok(value)) => drop(headers.insert(name, value)),
                _ => fault(&field, "is no header".to_owned()),
            }
        }
        let value: Option<Value> = (written.body.as_ref())
            .filter(|body| reference::may_be_in(body.get()))
            .and_then(|body| serde_json::from_str(body.get()).ok());
        let found = [("path", reference::in_path(&written.path)), ("body", reference::in_body(value.as_ref()))];
        for (field, references) in found {
            for reference in references.unwrap_or_else(|reason| {
                fault(field, reason);
                Vec::new()
            }) {
                if reference.step >= index {
                    fault(field, format!("refers to step {}, which is not before this one", reference.step));
                }
            }
        }
        let has_references = value.is_some();
        let step = Self { method, path: written.path, headers, body: written.body, has_references };
        if step.body.as_ref().is_some_and(|body| !step.is_json() && !body.get().starts_with('"')) {
            fault("body", "must be a string where its Content-Type is not JSON".to_owned());
        }
        step
    }

    fn is_json(&self) -> bool {
        let media = self.headers.get(header::CONTENT_TYPE).and_then(|media| media.to_str().ok());
        media.is_none_or(|media| {
            MediaType::parse(media) == MediaType::Json
                || media.split(';').next().is_some_and(|media| media.ends_with("json"))
        })
    }

    /// The request, with what it refers to filled in.
    ///
    /// # Errors
    /// What it refers to is not there, or does not fit.
    pub fn request(&self, head: &Parts, answers: &[Value]) -> Result<Request<Body>, String> {
        let path = reference::fill_path(&self.path, answers)?;
        let uri: Uri = path.parse().map_err(|_| format!("has a path that is no URL: {path}"))?;
        let body = match &self.body {
            None => String::new(),
            Some(body) if self.is_json() && self.has_references => {
                let body =
                    serde_json::from_str(body.get()).map_err(|error| format!("has no JSON in its body: {error}"))?;
                reference::fill_body(body, answers)?.to_string()
            }
            Some(body) if self.is_json() => body.get().to_owned(),
            Some(body) => {
                serde_json::from_str(body.get()).map_err(|error| format!("has no text in its body: {error}"))?
            }
        };
        let mut request = Request::new(Body::from(body));
        *request.method_mut() = self.method.clone();
        *request.uri_mut() = uri;
        let inherited = head.headers.iter().filter(|(name, _)| !OF_THE_BATCH.contains(&name.as_str()));
        request.headers_mut().extend(inherited.map(|(name, value)| (name.clone(), value.clone())));
        if self.body.is_some() && !self.headers.contains_key(header::CONTENT_TYPE) {
            request.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        for (name, value) in &self.headers {
            request.headers_mut().insert(name, value.clone());
        }
        Ok(request)
    }
}

impl std::fmt::Display for Step {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let path = self.path.split('?').next().unwrap_or_default();
        write!(f, "{} {path}", self.method)
    }
}
