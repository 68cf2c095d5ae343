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
use crate::{config::ServerConfig, domain::Fault, query::MediaType};

/// What a step may do.
pub(in crate::http) const METHODS: [Method; 6] =
    [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE];
/// Headers that a step may have. The others are the batch's: a proxy has set or looked at them, and row rules trust it.
const OF_A_STEP: [&str; 9] = [
    "accept",
    "accept-profile",
    "content-profile",
    "content-type",
    "prefer",
    "range",
    "range-unit",
    "if-match",
    "if-none-match",
];
/// Headers of the batch that say nothing of its steps, besides those: how it is sent, and what is asked of the whole.
const OF_THE_BATCH: [&str; 6] = [
    "content-length",
    "content-encoding",
    "transfer-encoding",
    "accept-encoding",
    "idempotency-key",
    "x-http-method-override",
];

/// A request in a batch.
pub(super) struct Step {
    method: Method,
    path: String,
    headers: HeaderMap,
    body: Option<Box<RawValue>>,
    /// There is something in the body to be replaced.
    has_references: bool,
    /// Steps whose answers it uses.
    pub(super) refers_to: Vec<usize>,
}

/// As it comes.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    method: String,
    path: String,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    #[serde(default, deserialize_with = "some")]
    body: Option<Box<RawValue>>,
}

/// A body that is `null` is one.
fn some<'de, D: serde::Deserializer<'de>>(body: D) -> Result<Option<Box<RawValue>>, D::Error> {
    Box::deserialize(body).map(Some)
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
                (Ok(name), Ok(value)) if OF_A_STEP.contains(&name.as_str()) => {
                    if headers.insert(name, value).is_some() {
                        fault(&field, "is there twice".to_owned());
                    }
                }
                (Ok(_), Ok(_)) => {
                    fault(&field, format!("can't be a step's own; those that can: {}", OF_A_STEP.join(", ")));
                }
                _ => fault(&field, "is no header".to_owned()),
            }
        }
        let value: Option<Value> = (written.body.as_ref())
            .filter(|body| reference::may_be_in(body.get()))
            .and_then(|body| serde_json::from_str(body.get()).ok());
        let found = [("path", reference::in_path(&written.path)), ("body", reference::in_body(value.as_ref()))];
        let mut refers_to = Vec::new();
        for (field, references) in found {
            for reference in references.unwrap_or_else(|reason| {
                fault(field, reason);
                Vec::new()
            }) {
                refers_to.push(reference.step);
                if reference.step >= index {
                    fault(field, format!("refers to step {}, which is not before this one", reference.step));
                }
            }
        }
        let has_references = value.is_some();
        let step = Self { method, path: written.path, headers, body: written.body, has_references, refers_to };
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

    /// The request, with what it refers to filled in, no longer than a request may be.
    ///
    /// # Errors
    /// What it refers to is not there, or does not fit.
    pub fn request(&self, head: &Parts, answers: &[Value], server: &ServerConfig) -> Result<Request<Body>, String> {
        let path = reference::fill_path(&self.path, answers, server.max_url_bytes)?;
        let uri: Uri = path.parse().map_err(|_| format!("has a path that is no URL: {path}"))?;
        let body = match &self.body {
            None => String::new(),
            Some(body) if self.is_json() && self.has_references => {
                let body =
                    serde_json::from_str(body.get()).map_err(|error| format!("has no JSON in its body: {error}"))?;
                reference::fill_body(&body, answers, server.max_body_bytes)?
            }
            Some(body) if self.is_json() => body.get().to_owned(),
            Some(body) => {
                serde_json::from_str(body.get()).map_err(|error| format!("has no text in its body: {error}"))?
            }
        };
        let mut request = Request::new(Body::from(body));
        *request.method_mut() = self.method.clone();
        *request.uri_mut() = uri;
        let is_inherited =
            |name: &HeaderName| !OF_THE_BATCH.contains(&name.as_str()) && !OF_A_STEP.contains(&name.as_str());
        let inherited = head.headers.iter().filter(|(name, _)| is_inherited(name));
        for (name, value) in inherited.chain(&self.headers) {
            request.headers_mut().append(name, value.clone());
        }
        if self.body.is_some() && !self.headers.contains_key(header::CONTENT_TYPE) {
            request.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
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
