//! `POST /batch`: requests that all have their effect, or none.
//!
//! In: steps, each a request of its own ([`step`]), in one body. Out: their answers, in order. All run in one SERIALIZABLE
//! transaction, and each goes through the same routes, checks and roles as alone; a later one may use what an earlier one
//! answered ([`reference`]). The first that fails is named, and all is undone.

mod reference;
mod step;

use std::sync::{Arc, OnceLock};

use axum::{
    Router,
    body::Body,
    extract::State,
    http::{HeaderMap, Request, Response, header, request::Parts},
    routing::{MethodRouter, post},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json, value::RawValue};
use tower::ServiceExt as _;

use super::{
    App,
    again::{Attempt, until_done},
    forwarded::Client,
    keys,
    once::{Key, once},
    operations::secrets::named,
    respond::Answer,
    tables::whole,
    unit::Unit,
    unsupported,
};
use crate::{auth::Identity, config::ServerConfig, db::Isolation, domain::Fault, error::Problem, query::MediaType};

pub(super) use step::METHODS;
use step::Step;

/// So many steps are let in.
pub(super) const MOST_STEPS: usize = 100;
/// All answers together have so many bytes at most.
const MOST_BYTES: usize = 32 << 20;
/// Each step is as if nobody else were there, as operations want it.
const ISOLATION: Option<Isolation> = Some(Isolation::Serializable);

/// The route; steps are served by what `steps` makes when the first batch comes.
pub(super) fn route(steps: fn(&App) -> Router) -> MethodRouter<App> {
    let made = Arc::new(OnceLock::new());
    let serve = move |State(app): State<App>, request: Request<Body>| async move {
        let steps = made.get_or_init(|| steps(&app));
        serve(&app, steps, request).await.unwrap_or_else(|problem| app.refuse(&problem))
    };
    post(serve).fallback(unsupported)
}

async fn serve(app: &App, router: &Router, request: Request<Body>) -> Result<Response<Body>, Problem> {
    let (parts, body) = request.into_parts();
    let identity = keys::identify(app, &parts.method, &parts.headers).await?;
    let body = whole(app, body).await?;
    let steps = read(&parts, &body).map_err(|faults| {
        Problem::new(400, "batch.invalid", "The body is no list of requests").details(json!(faults))
    })?;
    let batch = &Batch { router, server: &app.config.server, head: &parts, steps: &steps };
    if let Some(key) = Key::of(app, &parts)? {
        // There may be secrets in it.
        let key = Key::new(key, "batch", &parts, &named(app.sealer.as_deref(), true, &body)?);
        return once(app, &identity, &key, ISOLATION, |unit| async move { batch.run(&unit).await }).await;
    }
    until_done(|| batch.attempt(app, &identity)).await
}

fn read(parts: &Parts, body: &[u8]) -> Result<Vec<Step>, Vec<Fault>> {
    let media = parts.headers.get(header::CONTENT_TYPE).map(|media| MediaType::parse(media.to_str().unwrap_or("")));
    if media.is_some_and(|media| media != MediaType::Json) {
        return Err(vec![Fault::new("", "must be sent with Content-Type: application/json")]);
    }
    if let Some(query) = parts.uri.query().filter(|query| !query.is_empty()) {
        return Err(vec![Fault::new("", format!("goes without parameters, not with ?{query}"))]);
    }
    step::read(body)
}

/// Steps on their way.
struct Batch<'b> {
    router: &'b Router,
    server: &'b ServerConfig,
    /// Method, URL and headers of the request that they came in.
    head: &'b Parts,
    steps: &'b [Step],
}

/// What a step answered.
struct Answered {
    status: u16,
    headers: HeaderMap,
    body: Box<RawValue>,
}

impl Batch<'_> {
    /// Runs all steps in a transaction of their own.
    async fn attempt(&self, app: &App, identity: &Identity) -> Result<Attempt<Response<Body>>, Problem> {
        let failed = |error| Problem::database(&error, identity.authenticated);
        let unit = Unit::begin(&app.database, identity, ISOLATION).await.map_err(failed)?;
        let answer = match self.run(&unit).await {
            Ok(answer) => unit.commit().await.map(|_| answer).map_err(failed),
            Err(problem) => {
                // What can't be rolled back is closed.
                let _ = unit.roll_back().await;
                Err(problem)
            }
        };
        if unit.is_hindered() { Ok(Attempt::Hindered) } else { answer.map(Attempt::Done) }
    }

    async fn run(&self, unit: &Unit) -> Result<Response<Body>, Problem> {
        let mut answers: Vec<Value> = Vec::with_capacity(self.steps.len());
        let mut written = Vec::with_capacity(self.steps.len());
        let mut room = MOST_BYTES;
        for (index, step) in self.steps.iter().enumerate() {
            let mut request = step.request(self.head, &answers, self.server).map_err(|reason| {
                let message = format!("Step {index}, {step}, {reason}; nothing was done");
                Problem::new(400, "batch.unresolved_reference", message).details(json!({"step": index}))
            })?;
            request.extensions_mut().insert(unit.clone());
            if let Some(client) = self.head.extensions.get::<Client>() {
                request.extensions_mut().insert(*client);
            }
            let response = match self.router.clone().oneshot(request).await {
                Ok(response) => response,
                Err(never) => match never {},
            };
            let answered = Answered::of(response, room).await.map_err(|problem| of_step(problem, index, step))?;
            tracing::debug!(step = index, status = answered.status, "{step}");
            // Code of the database's own may have failed with any status.
            if answered.status >= 400 || unit.has_failed() {
                return Err(answered.failure(index, step));
            }
            let is_used = self.steps.iter().any(|later| later.refers_to.contains(&index));
            answers.push(if is_used { answered.value() } else { Value::Null });
            let answer = answered.written()?;
            room = room.saturating_sub(answer.get().len());
            written.push(answer);
        }
        let body = serde_json::to_vec(&written).map_err(|error| Problem::internal(error.to_string()))?;
        let answer = Answer::new(200).header(header::CONTENT_TYPE, "application/json; charset=utf-8");
        Ok(answer.body(body).into_response())
    }
}

/// A problem with the step that has it.
fn of_step(problem: Problem, index: usize, step: &Step) -> Problem {
    let message = format!("Step {index}, {step}: {}; nothing was done", problem.message);
    Problem { message, details: Some(json!({"step": index})), ..problem }
}

impl Answered {
    /// The body is JSON as it is, else a text, else `{"base64": …}`.
    async fn of(response: Response<Body>, room: usize) -> Result<Self, Problem> {
        let (head, body) = response.into_parts();
        let body = axum::body::to_bytes(body, room).await.map_err(|_| {
            Problem::new(422, "batch.too_large", format!("The answers are more than {MOST_BYTES} bytes"))
        })?;
        let media = head.headers.get(header::CONTENT_TYPE).and_then(|media| media.to_str().ok()).unwrap_or_default();
        let media = media.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        let json = (media.ends_with("/json") || media.ends_with("+json"))
            .then(|| serde_json::from_slice::<Box<RawValue>>(&body).ok())
            .flatten();
        let body = match (json, std::str::from_utf8(&body)) {
            (Some(json), _) => Ok(json),
            (None, Ok("")) => Ok(RawValue::NULL.to_owned()),
            (None, Ok(text)) => serde_json::value::to_raw_value(text),
            (None, Err(_)) => serde_json::value::to_raw_value(&json!({"base64": STANDARD.encode(&body)})),
        };
        let body = body.map_err(|error| Problem::internal(error.to_string()))?;
        Ok(Self { status: head.status.as_u16(), headers: head.headers, body })
    }

    fn headers(&self) -> Value {
        let text = |name| {
            let values = self.headers.get_all(name).iter().filter_map(|value| str::from_utf8(value.as_bytes()).ok());
            values.collect::<Vec<_>>().join(", ")
        };
        self.headers
            .keys()
            .map(|name| (name.to_string(), Value::from(text(name))))
            .collect::<serde_json::Map<_, _>>()
            .into()
    }

    /// As later steps refer to it.
    fn value(&self) -> Value {
        let body: Value = serde_json::from_str(self.body.get()).unwrap_or_default();
        json!({"status": self.status, "headers": self.headers(), "body": body})
    }

    /// As it is answered: the body as it came, since reading a number may shorten it.
    fn written(self) -> Result<Box<RawValue>, Problem> {
        let text = format!(r#"{{"status":{},"headers":{},"body":{}}}"#, self.status, self.headers(), self.body.get());
        RawValue::from_string(text).map_err(|error| Problem::internal(error.to_string()))
    }

    /// Which step failed, and how.
    fn failure(&self, index: usize, step: &Step) -> Problem {
        let body: Value = serde_json::from_str(self.body.get()).unwrap_or_default();
        let reason = body["message"].as_str().unwrap_or("it was refused").trim_end_matches('.');
        let message = format!("Step {index}, {step}, failed: {reason}; nothing was done");
        let details = json!({"step": index, "status": self.status, "body": body});
        let problem = Problem::new(self.status.max(400), "batch.step_failed", message).details(details);
        [header::RETRY_AFTER, header::WWW_AUTHENTICATE].iter().fold(problem, |problem, name| {
            match self.headers.get(name).and_then(|value| value.to_str().ok()) {
                Some(value) => problem.header(name.as_str(), value),
                None => problem,
            }
        })
    }
}
