//! Stages composed; HTTP in and out.
//!
//! In: requests. Out: responses. This page is the whole surface: every route is here, and every layer around them is
//! in [`layers`]; no route or layer is born anywhere else.

mod admin;
mod again;
mod background;
mod batch;
mod conversation;
pub mod docs;
mod figures;
pub mod forwarded;
mod keys;
pub mod layers;
mod limit;
pub mod maintenance;
mod once;
pub mod openapi;
mod operations;
mod patience;
mod refusal;
mod replicas;
pub mod request;
pub mod respond;
pub mod server;
mod service;
mod start;
pub mod swagger;
pub mod system;
pub mod tables;
pub mod timing;
pub mod tls;
mod unit;
mod unread;

use std::sync::Arc;

use axum::{
    Router,
    body::Body,
    extract::{Path, State},
    http::{Request, Response, header, request::Parts as Head},
    routing::{MethodRouter, any, get, post},
};

use crate::{
    auth::{Authenticator, Identity},
    config::{Config, Surface},
    db::{Catalogs, Control, Database, Isolation, LoginRole, Replicas},
    domain::Sealer,
    error::Problem,
    name::SchemaName,
    plan::{Limits, Mark},
    telemetry::Telemetry,
};
use once::{Key, once};
use request::{Resource, SchemaChoice, Target};
pub use service::{Reload, Service};
pub use start::{ReadConfig, StartError, start};
use tables::Incoming;
use timing::{Clock, Stage};

/// What a request can reach, of one configuration; a clone is the same.
#[derive(Clone)]
pub struct App(Arc<Parts>);

impl std::ops::Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl From<Parts> for App {
    fn from(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }
}

/// What an [`App`] is made of.
pub struct Parts {
    /// The configuration.
    pub config: Config,
    /// The data plane.
    pub database: Database,
    /// Replicas that reads may go to.
    pub replicas: Replicas,
    /// The control plane.
    pub control: Control,
    /// Who the data plane logs in as.
    pub login: LoginRole,
    /// What the database holds.
    pub catalogs: Arc<Catalogs>,
    /// Tokens to identities.
    pub authenticator: Arc<Authenticator>,
    /// Metrics.
    pub telemetry: Arc<Telemetry>,
    /// Health, looked up at most once a second.
    pub health: Arc<system::Health>,
    /// What is known of keys that were sent lately.
    pub keys: Arc<keys::Known>,
    /// Calls of addresses, where they are limited.
    pub limiter: Arc<limit::Limiter>,
    /// Figures of the database, looked up at most once a minute.
    pub figures: Arc<figures::Figures>,
    /// OpenAPI documents that were asked for.
    pub documents: openapi::Documents,
    /// What secrets are encrypted with, where a key is configured.
    pub sealer: Option<Arc<Sealer>>,
    /// What stands for related rows that were cut off, until they are told.
    pub mark: Mark,
}

impl App {
    /// Limits that plans are made under.
    pub fn limits(&self) -> Limits {
        let api = &self.config.api;
        Limits {
            max_rows: api.max_rows,
            max_streamed_rows: api.max_streamed_rows,
            aggregates: api.aggregates,
            safe_writes: api.safe_writes,
        }
    }

    /// The answer to a request that failed, as talkative as configured.
    fn refuse(&self, problem: &Problem) -> Response<Body> {
        match self.config.api.verbose_errors {
            true => respond::problem(problem),
            false => respond::brief_problem(problem),
        }
    }
}

/// Every route of the main port, with its layers.
fn router(app: App) -> Router {
    let router = match &app.config.server.surface {
        Surface::PostgrestAlone => resources(SchemaChoice::Profile),
        Surface::Whole { rest } => whole(&app, rest),
    };
    layers::around(router.fallback(unknown), &app).with_state(app)
}

/// Every route of the admin port.
fn admin_router(app: App) -> Router {
    system_routes().route("/schema_cache", get(system::schema_cache)).with_state(app)
}

fn system_routes() -> Router<App> {
    Router::new()
        .route("/health", get(system::health))
        .route("/health/live", get(system::live))
        .route("/health/detail", get(figures::detail))
        .route("/live", get(system::live))
        .route("/ready", get(system::ready))
        .route("/metrics", get(system::metrics))
        .route("/metrics/summary", get(figures::summary))
        .route("/admin/migrations", get(admin::migrations))
        .route("/admin/maintenance", post(admin::maintenance))
}

/// PostgREST's API under a path, each schema under its own, and what else there is.
fn whole(app: &App, rest: &str) -> Router<App> {
    let mut router = system_routes()
        .route("/", get(|| async { axum::response::Redirect::temporary("/docs/") }))
        .route("/openapi.json", get(openapi::whole))
        .route("/batch", batch::route(steps))
        .merge(docs::router())
        .merge(data(app, rest));
    for schema in &app.config.api.schemas {
        let schema = schema.clone();
        let path = format!("/{}/openapi.json", request::encode(schema.as_str()));
        router = router.route(&path, get(move |state, headers| openapi::of_schema(state, headers, schema)));
    }
    router
}

/// What a step of a batch may be for.
fn steps(app: &App) -> Router {
    let data = match &app.config.server.surface {
        Surface::PostgrestAlone => Router::new(),
        Surface::Whole { rest } => data(app, rest),
    };
    data.fallback(unknown).with_state(app.clone())
}

/// Resources and operations.
fn data(app: &App, rest: &str) -> Router<App> {
    let router = Router::new()
        .nest(rest, resources(SchemaChoice::Profile))
        .route(&format!("{rest}/"), root(SchemaChoice::Profile));
    app.config.api.schemas.iter().fold(router, |router, schema| {
        let path = format!("/{}", request::encode(schema.as_str()));
        let choice = SchemaChoice::Path(schema.clone());
        router
            .route(&format!("{path}/"), root(choice.clone()))
            .nest(&path, resources(choice).merge(operations::routes(schema)))
    })
}

/// The resources of one schema, or of the schema that a profile header names.
fn resources(choice: SchemaChoice) -> Router<App> {
    let relation = {
        let choice = choice.clone();
        any(move |State(app): State<App>, Path(name): Path<String>, request| {
            resource(app, choice, Resource::Relation(name), request)
        })
    };
    let routine = {
        let choice = choice.clone();
        any(move |State(app): State<App>, Path(name): Path<String>, request| {
            resource(app, choice, Resource::Routine(name), request)
        })
    };
    Router::new().route("/", root(choice)).route("/{relation}", relation).route("/rpc/{function}", routine)
}

/// The API itself: what PostgREST describes at its root. A nested router answers to its prefix without a slash alone.
fn root(choice: SchemaChoice) -> MethodRouter<App> {
    any(move |State(app): State<App>, request| resource(app, choice, Resource::Root, request))
}

async fn resource(app: App, choice: SchemaChoice, resource: Resource, request: Request<Body>) -> Response<Body> {
    let (mut parts, body) = request.into_parts();
    let mut clock = Clock::start();
    let serve = async {
        request::undisguise(&mut parts)?;
        let identity = keys::identify(&app, &parts.method, &parts.headers).await?;
        clock.lap(Stage::Jwt);
        let (schema, is_negotiated) = choice.choose(&parts, &app.config.api.schemas)?;
        let target = Target { schema, is_negotiated, resource, base: choice.base() };
        if let Some(key) = Key::of(&app, &parts)? {
            return Box::pin(resource_once(&app, key, target, identity, parts, body)).await;
        }
        let unit = parts.extensions.remove();
        let incoming = Incoming { target, identity, parts, body, clock, unit };
        // The way through all stages is a large value: in a box, the layers around it don't copy it on.
        Box::pin(tables::serve(&app, incoming)).await
    };
    serve.await.unwrap_or_else(|problem| app.refuse(&problem))
}

/// Serves a request for a resource unless its key says that it was served.
async fn resource_once(
    app: &App,
    key: String,
    target: Target,
    identity: Arc<Identity>,
    parts: Head,
    body: Body,
) -> Result<Response<Body>, Problem> {
    let body = tables::whole(app, body).await?;
    let key = Key::new(key, target.schema.as_str(), &parts, &body);
    // A row that was looked at, and the one that is written, are of one snapshot.
    let is_conditional = [header::IF_MATCH, header::IF_NONE_MATCH].iter().any(|name| parts.headers.contains_key(name));
    let isolation = is_conditional.then_some(Isolation::RepeatableRead);
    once(app, &identity, &key, isolation, |unit| {
        let incoming = Incoming {
            target: target.clone(),
            identity: identity.clone(),
            parts: parts.clone(),
            body: body.clone().into(),
            clock: Clock::start(),
            unit: Some(unit),
        };
        Box::pin(tables::serve(app, incoming))
    })
    .await
}

/// A method that a path does not take.
async fn unsupported(State(app): State<App>, request: Request<Body>) -> Response<Body> {
    app.refuse(&Problem::unsupported_method(request.method().as_str()))
}

/// A path that names nothing: an unknown schema is said to be one.
async fn unknown(State(app): State<App>, request: Request<Body>) -> Response<Body> {
    let mut segments = request.uri().path().split('/').skip(1).filter(|segment| !segment.is_empty());
    let exposed: Vec<_> = app.config.api.schemas.iter().map(SchemaName::as_str).collect();
    let rest = match &app.config.server.surface {
        Surface::Whole { rest } => rest.split('/').find(|segment| !segment.is_empty()),
        Surface::PostgrestAlone => None,
    };
    let problem = match (segments.next(), segments.next()) {
        (Some(schema), Some(_)) if rest.is_some_and(|rest| rest != schema) && !exposed.contains(&schema) => {
            Problem::unacceptable_schema(schema, &exposed)
        }
        _ => Problem::invalid_path(),
    };
    app.refuse(&problem)
}
