//! Typed operations over HTTP: mounted, decoded, run and answered, all in one way.

mod once;

use std::time::Duration;

use axum::{
    Router,
    body::Body,
    extract::{RawPathParams, State},
    http::{HeaderName, HeaderValue, Request, Response, header, request::Parts},
    routing::{MethodFilter, on},
};
use serde_json::{Map, Value};

use super::{App, request, respond::Answer};
use crate::{
    auth::Identity,
    db::{Access, Check, End, Isolation, Row, Transaction},
    domain::{self, Described, Fault, Method, Outcome},
    error::Problem,
    name::SchemaName,
    query::{MediaType, params},
    sql::Statement,
};

use once::{Key, Once, Replayed};

const IDEMPOTENCY_REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
/// How often an operation is run that others got in the way of.
const ATTEMPTS: u32 = 20;

/// The operations of a schema, under its path.
pub fn routes(schema: &SchemaName) -> Router<App> {
    let of_schema = domain::all().iter().filter(|operation| *schema == operation.schema);
    of_schema.fold(Router::new(), |router, operation| {
        let method = match operation.method {
            Method::Get => MethodFilter::GET,
            Method::Post => MethodFilter::POST,
            Method::Put => MethodFilter::PUT,
        };
        let serve = move |State(app): State<App>, path: RawPathParams, request: Request<Body>| async move {
            let path = path.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
            match serve(&app, operation, path, request).await {
                Ok(response) => response,
                Err(problem) => app.refuse(&problem),
            }
        };
        let refuse = |State(app): State<App>, request: Request<Body>| async move {
            app.refuse(&Problem::unsupported_method(request.method().as_str()))
        };
        // Methods of one path are one route to the router, which wants one fallback.
        let is_first = domain::all()
            .iter()
            .find(|other| other.path == operation.path && *schema == other.schema)
            .is_some_and(|first| first.id == operation.id);
        let route = on(method, serve);
        router.route(operation.path, if is_first { route.fallback(refuse) } else { route })
    })
}

async fn serve(
    app: &App,
    operation: &'static Described,
    path: Vec<(String, String)>,
    request: Request<Body>,
) -> Result<Response<Body>, Problem> {
    let (parts, body) = request.into_parts();
    let authorization = request::single(&parts.headers, &header::AUTHORIZATION)?;
    let identity = app.authenticator.identify(authorization).await?;
    admit(operation, &identity)?;
    let input = input(app, operation, path, &parts, body).await?;
    let parameter = operation.parameter(input).map_err(|faults| invalid(&faults))?;
    let key = match operation.only_reads() {
        true => None,
        false => Key::read(&parts.headers, operation, &parameter)?,
    };
    let transaction = transaction(app, operation, &parts, parameter);
    let call = Call { app, identity: &identity, transaction };
    let (row, replayed) = call.run(key.as_ref()).await?;
    let mut response = answer(&row)?;
    if replayed == Replayed::Yes {
        response.headers_mut().insert(IDEMPOTENCY_REPLAYED, HeaderValue::from_static("true"));
    }
    Ok(response)
}

/// Lets in who may use the operation.
fn admit(operation: &Described, identity: &Identity) -> Result<(), Problem> {
    if operation.callers.contains(&identity.role.as_str()) {
        return Ok(());
    }
    let message = format!("The role {} may not use {}", identity.role, operation.id);
    let problem = Problem::new(if identity.authenticated { 403 } else { 401 }, "auth.operation_forbidden", message)
        .hint(format!("Roles that may: {}", operation.callers.join(", ")));
    Err(if identity.authenticated { problem } else { problem.header("www-authenticate", "Bearer") })
}

/// The input, of the path and of the query string or the body.
async fn input(
    app: &App,
    operation: &Described,
    path: Vec<(String, String)>,
    parts: &Parts,
    body: Body,
) -> Result<Value, Problem> {
    let query = params::decode(parts.uri.query().unwrap_or_default().as_bytes())?;
    let mut faults = Vec::new();
    let mut fields = match operation.method {
        Method::Get => from_query(operation, query, &mut faults),
        Method::Post | Method::Put => {
            faults.extend(query.iter().map(|(name, _)| Fault::new(name, "goes into the body")));
            from_body(app, parts, body).await?
        }
    };
    for (name, value) in path {
        if fields.insert(name.clone(), value.into()).is_some() {
            faults.push(Fault::new(name, "is in the path already"));
        }
    }
    if faults.is_empty() { Ok(fields.into()) } else { Err(invalid(&faults)) }
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

async fn from_body(app: &App, parts: &Parts, body: Body) -> Result<Map<String, Value>, Problem> {
    let limit = app.config.server.max_body_bytes;
    let body = axum::body::to_bytes(body, limit).await.map_err(|_| Problem::body_too_large(limit))?;
    let media = request::text(&parts.headers, "content-type")?;
    if media.is_some_and(|media| MediaType::parse(media) != MediaType::Json) {
        return Err(Problem::new(415, "operation.media_type", "The body of an operation is JSON")
            .hint("Send it with Content-Type: application/json"));
    }
    if body.trim_ascii().is_empty() {
        return Ok(Map::new());
    }
    match serde_json::from_slice(&body) {
        Ok(Value::Object(fields)) => Ok(fields),
        Ok(_) => Err(invalid(&[Fault::new("", "must be an object")])),
        Err(error) => Err(invalid(&[Fault::new("", format!("is no JSON: {error}"))])),
    }
}

fn invalid(faults: &[Fault]) -> Problem {
    Problem::new(400, "operation.invalid_input", "The input is not what the operation takes")
        .details(serde_json::to_value(faults).unwrap_or_default())
}

fn transaction(app: &App, operation: &Described, parts: &Parts, parameter: String) -> Transaction {
    let mut settings = request::settings(parts);
    settings.extend(app.config.api.app_settings.iter().cloned());
    settings.push(request::search_path(&operation.schema.into(), &app.config.api.extra_search_path));
    Transaction {
        access: if operation.only_reads() { Access::ReadOnly } else { Access::ReadWrite },
        role: Some(domain::operator(operation.schema).as_str().into()),
        isolation: operation.is_serializable.then_some(Isolation::Serializable),
        settings,
        pre_request: None,
        main: Statement { text: operation.sql.clone(), parameters: vec![Some(parameter.into())] },
        precondition: None,
        count: None,
        estimate: None,
        reads_response_settings: false,
        resets_session: false,
        check: Check::None,
        absent: None,
        end: End::Commit,
    }
}

/// A call that has been let in.
struct Call<'a> {
    app: &'a App,
    identity: &'a Identity,
    transaction: Transaction,
}

impl Call<'_> {
    /// Runs the statement: again, where it has to be as if it were alone and was not, or where another call with its key
    /// has just been done.
    async fn run(&self, key: Option<&Key>) -> Result<(Row, Replayed), Problem> {
        for attempt in 1..=ATTEMPTS {
            match self.attempt(key).await {
                Ok(Once::Answered(row, replayed)) => return Ok((row, replayed)),
                Ok(Once::Overtaken) => {}
                // Not serializable, and a deadlock: all was rolled back, and may go well alone.
                Err(problem) if ["40001", "40P01"].contains(&problem.code.as_str()) => {}
                Err(problem) => return Err(of_operation(problem)),
            }
            tokio::time::sleep(pause(attempt)).await;
        }
        Err(Problem::new(409, "operation.conflict", "Others were faster each time").header("retry-after", "1"))
    }

    async fn attempt(&self, key: Option<&Key>) -> Result<Once, Problem> {
        let database = &self.app.database;
        let failed = |error| Problem::database(&error, true);
        let Some(key) = key else {
            let outcome = database.run(self.identity, self.transaction.clone()).await.map_err(failed)?;
            let row = outcome.rows.into_iter().next().ok_or_else(not_found)?;
            return Ok(Once::Answered(row, Replayed::No));
        };
        once::run(database, self.identity, &self.transaction, key).await.map_err(failed)?
    }
}

/// A while that is longer after more attempts, and another one for each call: those who met don't meet again.
fn pause(attempt: u32) -> Duration {
    let random = uuid::Uuid::now_v7().as_u128() as u64 % 1000;
    Duration::from_micros(u64::from(attempt) * (1000 + 2 * random))
}

const NOT_FOUND: &str = "There is no such row, or it is not the caller's";

fn not_found() -> Problem {
    Problem::new(404, "operation.not_found", NOT_FOUND)
}

/// What the database refuses, in the words of operations.
fn of_operation(problem: Problem) -> Problem {
    let (status, code) = match problem.code.as_str() {
        "23503" => (422, "operation.unprocessable"),
        "23505" => (409, "operation.conflict"),
        // The last is a value too large for an index.
        "23502" | "23514" | "54000" => (400, "operation.invalid_input"),
        _ => return problem,
    };
    Problem { status, code: code.to_owned(), ..problem }
}

fn answer(row: &Row) -> Result<Response<Body>, Problem> {
    let word = String::from_utf8_lossy(row.get(0).unwrap_or_default());
    let outcome =
        Outcome::read(&word).ok_or_else(|| Problem::internal(format!("an operation's outcome is {word:?}")))?;
    let body = row.get(1).unwrap_or(b"null");
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
        Outcome::Done => done(200),
        Outcome::Created => done(201),
        Outcome::NotFound => refused(404, "operation.not_found", NOT_FOUND),
        Outcome::Conflict => refused(409, "operation.conflict", "Something else is in the way"),
        Outcome::InvalidState => refused(409, "operation.invalid_state", "The row's state does not allow this step"),
        Outcome::InvalidInput => refused(400, "operation.invalid_input", "The input is not what the operation takes"),
        Outcome::Unprocessable => {
            refused(422, "operation.unprocessable", "Something that is referred to does not allow it")
        }
        Outcome::RateLimited => refused(429, "operation.rate_limited", "Too many requests"),
    }
}
