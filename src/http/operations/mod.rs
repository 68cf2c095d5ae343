//! Typed operations over HTTP: mounted, decoded, run and answered, all in one way.

pub(super) mod secrets;

use std::{
    fmt::Display,
    net::{IpAddr, Ipv4Addr},
    sync::Arc,
    time::Instant,
};

use axum::{
    Router,
    body::Body,
    extract::{RawPathParams, State},
    http::{self, Request, Response, header, request::Parts},
    routing::{MethodFilter, on},
};
use bytes::Bytes;
use serde_json::{Map, Value, json};

use super::{
    App,
    again::{Attempt, is_hindered, until_done},
    forwarded::Client,
    keys,
    once::{Key, LeavesTrail, once},
    request,
    respond::Answer,
    tables::whole,
    unit::Unit,
    unsupported,
};
use crate::{
    auth::Identity,
    db::{Access, DbError, Isolation, Outcome, Row, Transaction},
    domain::{self, Described, Fault, Method, Outcome as Word, Refusal, Sealer},
    error::Problem,
    name::SchemaName,
    query::{MediaType, params},
    sql::Statement,
};

/// The operations of a schema, under its path.
pub fn routes(schema: &SchemaName) -> Router<App> {
    let of_schema = domain::of(schema.as_str());
    of_schema.iter().fold(Router::new(), |router, operation| {
        let method = match operation.method {
            Method::Get => MethodFilter::GET,
            Method::Post => MethodFilter::POST,
            Method::Put => MethodFilter::PUT,
            Method::Patch => MethodFilter::PATCH,
            Method::Delete => MethodFilter::DELETE,
        };
        let serve = move |State(app): State<App>, path: RawPathParams, request: Request<Body>| async move {
            let path = path.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
            match serve(&app, operation, path, request).await {
                Ok(response) => response,
                Err(problem) => app.refuse(&problem),
            }
        };
        // Methods of one path are one route to the router, which wants one fallback.
        let is_first =
            of_schema.iter().find(|other| other.path == operation.path).is_some_and(|first| first.id == operation.id);
        let route = on(method, serve);
        router.route(operation.path, if is_first { route.fallback(unsupported) } else { route })
    })
}

async fn serve(
    app: &App,
    operation: &'static Described,
    path: Vec<(String, String)>,
    request: Request<Body>,
) -> Result<Response<Body>, Problem> {
    let (mut parts, body) = request.into_parts();
    let method = if operation.writes() { &http::Method::POST } else { &http::Method::GET };
    let identity = keys::identify(app, method, &parts.headers).await?;
    admit(&identity, operation.callers, format_args!("use {}", operation.id))?;
    limit(app, operation, &identity, &parts)?;
    let key = if operation.only_reads() { None } else { Key::of(app, &parts)? };
    let unit: Option<Unit> = parts.extensions.remove();
    if operation.answers_secret {
        secrets::refuse_kept(key.is_some(), unit.is_some())?;
    }
    let call = Call { app, operation, identity: &identity, path, parts, body: whole(app, body).await? };
    let answered = match key {
        Some(key) => {
            let body = secrets::named(call.sealer(), !operation.seals.is_empty(), &call.body)?;
            let key = Key::new(key, operation.id, &call.parts, &body);
            let call = &call;
            once(app, &identity, &key, call.isolation(), |unit| async move { call.answer(Some(&unit)).await }).await
        }
        None => call.answer(unit.as_ref()).await,
    };
    // One that reads and leaves an entry in a trail has written, which its method does not tell.
    if operation.method == Method::Get && operation.writes() && !app.replicas.are_none() {
        app.replicas.note(&identity, None);
    }
    secrets::open(call.sealer(), operation, unit.is_some(), answered?).await
}

/// Lets in whose role is among these; `what` it is that others may not.
///
/// # Errors
/// 403, or 401 where nobody is known.
pub(super) fn admit(identity: &Identity, roles: &[&str], what: impl Display) -> Result<(), Problem> {
    if roles.contains(&identity.role.as_str()) {
        return Ok(());
    }
    let message = format!("The role {} may not {what}", identity.role);
    let problem = Problem::new(if identity.authenticated { 403 } else { 401 }, "auth.operation_forbidden", message)
        .hint(format!("Roles that may: {}", roles.join(", ")));
    Err(if identity.authenticated { problem } else { problem.header("www-authenticate", "Bearer") })
}

/// Bounds the calls of an address that nobody is known to be behind; a token of the anonymous role is a public one, and says
/// of nobody who it is. What a backend does, it does for many.
///
/// # Errors
/// 429.
fn limit(app: &App, operation: &Described, identity: &Identity, parts: &Parts) -> Result<(), Problem> {
    let is_known = identity.authenticated && app.config.auth.anon_role.as_ref() != Some(&identity.role);
    let Some(most) = operation.anonymous_per_minute.filter(|_| !is_known) else { return Ok(()) };
    let address = parts.extensions.get().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |Client(address)| *address);
    app.limiter.admit(operation.id, address, most, Instant::now()).map_err(|wait| {
        let seconds = wait.as_secs() + 1;
        Problem::new(429, "operation.rate_limited", "Too many requests from this address")
            .details(json!({"limit": most, "retry_after_seconds": seconds}))
            .header("retry-after", seconds.to_string())
    })
}

/// Fields of a query string, read as what they are to be.
fn from_query(operation: &Described, query: Vec<params::Parameter>, faults: &mut Vec<Fault>) -> Map<String, Value> {
    let mut fields = Map::new();
    for (name, text) in query {
        let text = text.unwrap_or_default();
        let types = &operation.input["properties"][&name]["type"];
        let is =
            |wanted: &str| types == wanted || types.as_array().is_some_and(|types| types.iter().any(|ty| ty == wanted));
        let value = match (is("integer") || is("number"), is("boolean"), text.as_str()) {
            (true, _, number) => number.parse().map_or_else(|_| Value::from(number), Value::Number),
            (_, true, "true") => true.into(),
            (_, true, "false") => false.into(),
            (_, _, text) => text.into(),
        };
        if fields.insert(name.clone(), value).is_some() {
            faults.push(Fault::new(name, "is given twice"));
        }
    }
    fields
}

/// Fields of a body.
fn from_body(parts: &Parts, body: &[u8]) -> Result<Map<String, Value>, Problem> {
    let media = request::text(&parts.headers, "content-type")?;
    if media.is_some_and(|media| MediaType::parse(media) != MediaType::Json) {
        return Err(Problem::new(415, "operation.media_type", "The body of an operation is JSON")
            .hint("Send it with Content-Type: application/json"));
    }
    if body.trim_ascii().is_empty() {
        return Ok(Map::new());
    }
    match serde_json::from_slice(body) {
        Ok(Value::Object(fields)) => Ok(fields),
        Ok(_) => Err(invalid(&[Fault::new("", "must be an object")])),
        Err(error) => Err(invalid(&[Fault::new("", format!("is no JSON: {error}"))])),
    }
}

/// What is wrong with an input.
pub(super) fn invalid(faults: &[Fault]) -> Problem {
    Problem::new(400, "operation.invalid_input", "The input is not what the operation takes")
        .details(serde_json::to_value(faults).unwrap_or_default())
}

/// A call that has been let in.
struct Call<'a> {
    app: &'a App,
    operation: &'static Described,
    identity: &'a Identity,
    path: Vec<(String, String)>,
    parts: Parts,
    body: Bytes,
}

impl Call<'_> {
    /// Decodes, checks, runs and answers.
    async fn answer(&self, unit: Option<&Unit>) -> Result<Response<Body>, Problem> {
        let parameter = self.operation.parameter(self.input()?, self.sealer());
        let mut parameter = parameter.map_err(|refusal| match refusal {
            Refusal::Input(faults) => invalid(&faults),
            Refusal::Secret(error) => secrets::unsealed(error),
        })?;
        if let Some(look) = &self.operation.look {
            let asked = self.transaction(look.sql.into(), Access::ReadOnly, &parameter);
            let row = self.run(asked, unit).await?;
            let found = row.get(0).and_then(|json| serde_json::from_slice(json).ok()).unwrap_or_default();
            (look.judge)(&mut parameter, &found, self.sealer()).map_err(secrets::unsealed)?;
        }
        let access = if self.operation.writes() { Access::ReadWrite } else { Access::ReadOnly };
        let row = self.run(self.transaction(self.operation.sql.clone(), access, &parameter), unit).await?;
        self.told(&row)
    }

    fn sealer(&self) -> Option<&Sealer> {
        self.app.sealer.as_deref()
    }

    /// The answer for a row; a refusal that leaves an entry in a trail is one, too.
    fn told(&self, row: &Row) -> Result<Response<Body>, Problem> {
        let word = String::from_utf8_lossy(row.get(0).unwrap_or_default());
        let outcome =
            Word::read(&word).ok_or_else(|| Problem::internal(format!("an operation's outcome is {word:?}")))?;
        match answer(outcome, row.get(1).unwrap_or(b"null")) {
            Err(problem) if outcome.leaves_trail() => {
                let mut response = self.app.refuse(&problem);
                response.extensions_mut().insert(LeavesTrail);
                Ok(response)
            }
            told => told,
        }
    }

    /// The input, of the path and of the query string or the body.
    fn input(&self) -> Result<Value, Problem> {
        let query = params::decode(self.parts.uri.query().unwrap_or_default().as_bytes())?;
        let mut faults = Vec::new();
        let mut fields = match self.operation.method.has_query() {
            true => from_query(self.operation, query, &mut faults),
            false => {
                faults.extend(query.iter().map(|(name, _)| Fault::new(name, "goes into the body")));
                from_body(&self.parts, &self.body)?
            }
        };
        for (name, value) in &self.path {
            if fields.insert(name.clone(), value.clone().into()).is_some() {
                faults.push(Fault::new(name, "is in the path already"));
            }
        }
        if faults.is_empty() { Ok(fields.into()) } else { Err(invalid(&faults)) }
    }

    fn isolation(&self) -> Option<Isolation> {
        self.operation.is_serializable.then_some(Isolation::Serializable)
    }

    fn transaction(&self, text: Arc<str>, access: Access, parameter: &Map<String, Value>) -> Transaction {
        let parameter = serde_json::to_string(parameter).unwrap_or_default();
        let api = &self.app.config.api;
        let mut settings = request::settings(&self.parts);
        settings.extend(api.app_settings.iter().cloned());
        settings.push(request::search_path(&self.operation.schema.into(), &api.extra_search_path));
        let main = Statement { text, parameters: vec![Some(parameter.into())] };
        Transaction {
            role: Some(domain::operator(self.operation.schema).as_str().into()),
            isolation: self.isolation(),
            settings,
            ..Transaction::new(access, main)
        }
    }

    /// Runs the statement: again, where it has to be as if it were alone and was not. As a part of a unit of work, all of
    /// that is done again.
    async fn run(&self, transaction: Transaction, unit: Option<&Unit>) -> Result<Row, Problem> {
        let row = |outcome: Outcome| outcome.rows.into_iter().next().ok_or_else(not_found);
        let failed = |error: DbError| of_operation(Problem::database(&error, true));
        if let Some(unit) = unit {
            return row(unit.run(self.identity, &transaction).await.map_err(failed)?);
        }
        until_done(|| async {
            match self.app.database.run(self.identity, transaction.clone()).await {
                Err(error) if is_hindered(error.code()) => Ok(Attempt::Hindered),
                outcome => row(outcome.map_err(failed)?).map(Attempt::Done),
            }
        })
        .await
    }
}

const NOT_FOUND: &str = "There is no such row, or it is not the caller's";

fn not_found() -> Problem {
    Problem::new(404, "operation.not_found", NOT_FOUND)
}

/// What the database refuses, in the words of operations.
fn of_operation(problem: Problem) -> Problem {
    let (status, code) = match problem.code.as_str() {
        "23503" => (422, "operation.unprocessable"),
        "23505" | "23P01" => (409, "operation.conflict"),
        // The last is a value too large for an index.
        "23502" | "23514" | "54000" => (400, "operation.invalid_input"),
        // A value of the right form that the database can't take: out of range, or no such zone.
        code if code.len() == 5 && code.starts_with("22") => (400, "operation.invalid_input"),
        _ => return problem,
    };
    Problem { status, code: code.to_owned(), ..problem }
}

fn answer(outcome: Word, body: &[u8]) -> Result<Response<Body>, Problem> {
    let refused = |status, code: &str, message: &str| {
        let details: Value = serde_json::from_slice(body).unwrap_or_default();
        let after = details["retry_after_seconds"].as_u64().map(|seconds| seconds.max(1).to_string());
        let message = details["message"].as_str().unwrap_or(message).to_owned();
        let problem = Problem::new(status, code, message);
        let problem = if details.is_null() { problem } else { problem.details(details) };
        Err(match after {
            Some(seconds) => problem.header("retry-after", seconds),
            None => problem,
        })
    };
    let done = |status| {
        let answer = Answer::new(status).header(header::CONTENT_TYPE, "application/json; charset=utf-8");
        Ok(answer.body(body.to_vec()).into_response())
    };
    match outcome {
        Word::Done => done(200),
        Word::Created => done(201),
        Word::Deleted => Ok(Answer::new(204).into_response()),
        Word::NotFound => refused(404, "operation.not_found", NOT_FOUND),
        Word::Forbidden => refused(403, "operation.forbidden", "This is not the caller's to do"),
        Word::Conflict => refused(409, "operation.conflict", "Something else is in the way"),
        Word::InvalidState => refused(409, "operation.invalid_state", "The row's state does not allow this step"),
        Word::InvalidInput => refused(400, "operation.invalid_input", "The input is not what the operation takes"),
        Word::Unprocessable => {
            refused(422, "operation.unprocessable", "Something that is referred to does not allow it")
        }
        Word::Unauthenticated => {
            refused(401, "operation.unauthenticated", "What the input proves itself with is wrong")
                .map_err(|problem: Problem| problem.header("www-authenticate", "Signature"))
        }
        Word::RateLimited => refused(429, "operation.rate_limited", "Too many requests"),
    }
}
