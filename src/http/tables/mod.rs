//! Tables, views and functions: one generic handler per verb, and the one way through the stages.
//!
//! query -> plan -> statement -> rows -> response

mod call;
mod conditional;
mod more;
mod negotiate;
mod options;
mod read;
mod replica;
mod root;
mod stream;
mod write;

use std::sync::Arc;

use axum::{
    body::Body,
    http::{HeaderName, Method, Response, header, request::Parts},
};
use bytes::Bytes;

use super::{
    App,
    request::{self, Resource, Target},
    respond::{Answer, Size},
    timing::{Clock, Stage},
    unit::Unit,
};
use crate::{
    auth::Identity,
    catalog::{Catalog, Routine},
    config::Surface,
    db::{Access, End, Outcome, Row, Transaction},
    error::Problem,
    name::QualifiedName,
    plan::{Context, Format, Layout, Limits, Mutation, Shape},
    query::{
        Kind, Payload, Query, Range, SelectField, SelectItem, TargetNames,
        media::{MediaType, parse_accept},
        preferences::{self, Count, Preferences},
    },
    render,
    sql::{self, Statement},
};
use negotiate::{Negotiated, Offer};

/// The version of PostgREST whose protocol this is.
pub const PROTOCOL: &str = "16.2";
const SERVER_TIMING: HeaderName = HeaderName::from_static("server-timing");

/// Everything known of a request before its body is read.
struct Request<'a> {
    app: &'a App,
    target: Target,
    parts: Parts,
    /// The parameters of a QUERY: its query string, and behind it its body.
    queried: Option<String>,
    identity: Arc<Identity>,
    unit: Option<Unit>,
    catalog: Arc<Catalog>,
    preferences: Preferences,
    accept: Vec<MediaType>,
}

/// A request of somebody for something.
#[derive(Debug)]
pub struct Incoming {
    /// What it is for.
    pub target: Target,
    /// Who sent it.
    pub identity: Arc<Identity>,
    /// Method, URL and headers.
    pub parts: Parts,
    /// Its body, unread.
    pub body: Body,
    /// Running since it arrived.
    pub clock: Clock,
    /// The unit of work that it is a part of.
    pub unit: Option<Unit>,
}

/// Serves a request for a relation, a function or the root.
///
/// # Errors
/// Whatever a stage refuses, described.
pub async fn serve(app: &App, incoming: Incoming) -> Result<Response<Body>, Problem> {
    let Incoming { target, identity, mut parts, mut body, clock, unit } = incoming;
    let catalog = app.catalogs.current().ok_or_else(Problem::no_catalog)?;
    let prefer = request::texts(&parts.headers, "prefer")?;
    let preferences = Preferences::read(prefer.into_iter(), app.config.api.transaction_end.may_be_overridden());
    if preferences.is_strict() && !preferences.invalid.is_empty() {
        return Err(Problem::invalid_preferences(&preferences.invalid));
    }
    let accept = match request::texts(&parts.headers, "accept")?.join(", ") {
        none if none.is_empty() => vec![MediaType::Any],
        accept => parse_accept(&accept),
    };
    let queried = match request::is_query(&parts.method) {
        true if matches!(target.resource, Resource::Root) => return Err(Problem::unsupported_method("QUERY")),
        true => Some(request::query_parameters(&parts, &whole(app, std::mem::take(&mut body)).await?)?),
        false => None,
    };
    if request::is_query(&parts.method) {
        // From here on it is the GET that it stands for.
        parts.method = Method::GET;
    }
    let request = Request { app, target, parts, queried, identity, unit, catalog, preferences, accept };
    match &request.target.resource {
        Resource::Root => request.root(body, clock).await,
        Resource::Relation(name) => request.relation(&request.name(name), body, clock).await,
        Resource::Routine(name) => request.routine(&request.name(name), body, clock).await,
    }
}

/// A whole body.
///
/// # Errors
/// It is larger than the service takes.
pub(super) async fn whole(app: &App, body: Body) -> Result<Bytes, Problem> {
    let limit = app.config.server.max_body_bytes;
    axum::body::to_bytes(body, limit).await.map_err(|_| Problem::body_too_large(limit))
}

impl Request<'_> {
    fn name(&self, name: &str) -> QualifiedName {
        QualifiedName::new(self.target.schema.clone(), name)
    }

    /// One handler per verb.
    async fn relation(&self, name: &QualifiedName, body: Body, mut clock: Clock) -> Result<Response<Body>, Problem> {
        match self.parts.method {
            Method::GET | Method::HEAD => self.read(name, clock).await,
            Method::POST => self.write(Mutation::Insert, name, body, clock).await,
            Method::PATCH => self.write(Mutation::Update, name, body, clock).await,
            Method::PUT => self.write(Mutation::Upsert, name, body, clock).await,
            Method::DELETE => self.write(Mutation::Delete, name, body, clock).await,
            Method::OPTIONS => {
                clock.lap(Stage::Parse);
                let methods = options::relation_methods(self.find_relation(name)?);
                clock.lap(Stage::Plan);
                self.finish(options::allow_with_query(&methods), &Query::default(), clock)
            }
            ref method => Err(Problem::unsupported_method(method.as_str())),
        }
    }

    async fn run(&self, transaction: Transaction) -> Result<Outcome, Problem> {
        let outcome = match &self.unit {
            Some(unit) => unit.run(&self.identity, &transaction).await,
            None => self.app.database.run(&self.identity, transaction).await,
        };
        outcome.map_err(|error| Problem::database(&error, self.is_known()))
    }

    /// Somebody sent it, not anybody.
    fn is_known(&self) -> bool {
        Some(&self.identity.role) != self.app.config.auth.anon_role.as_ref()
    }

    /// The parameters, as they came.
    fn parameters(&self) -> &str {
        self.queried.as_deref().or(self.parts.uri.query()).unwrap_or_default()
    }

    fn query(&self, kind: Kind) -> Result<Query, Problem> {
        let names = match self.app.config.api.legacy_target_names {
            true => TargetNames::Accepted,
            false => TargetNames::Refused,
        };
        Ok(Query::read(kind, self.parameters(), names)?)
    }

    /// The rows asked for by `Range` and by `limit` and `offset` together; put into the query's root.
    fn range(&self, query: &mut Query) -> Result<Range, Problem> {
        if self.parts.method == Method::GET {
            let header = Range::from_header(request::text(&self.parts.headers, "range")?)?;
            query.root.range = header.intersect(query.root.range)?;
        }
        Ok(query.root.range)
    }

    /// Limits that the plan is made under. A unit of work gathers its rows.
    fn limits(&self) -> Limits {
        let limits = self.app.limits();
        match self.unit {
            Some(_) => Limits { max_streamed_rows: limits.max_rows, ..limits },
            None => limits,
        }
    }

    fn context<'a>(&'a self, wanted: &Negotiated<'a>, routine: Option<&Routine>) -> Context<'a> {
        let zoned = self.preferences.timezone.is_some()
            || self.app.database.sets_time_zone(&self.identity.role)
            || routine
                .is_some_and(|routine| routine.settings.iter().any(|(name, _)| name.eq_ignore_ascii_case("timezone")))
            || self.app.config.api.pre_request.is_some();
        Context {
            catalog: &self.catalog,
            role: &self.identity.role,
            limits: self.limits(),
            format: wanted.format,
            utc: !zoned && matches!(self.catalog.server.time_zone.as_str(), "UTC" | "Etc/UTC" | "utc"),
            // A plan shows the values of its statement.
            mark: wanted.explain.is_none().then_some(&self.app.mark),
            is_postgrest_alone: matches!(self.app.config.server.surface, Surface::PostgrestAlone),
        }
    }

    /// What the answer is to be written in; `rows_of` is the relation or function whose rows are asked for.
    fn negotiate(&self, query: &Query, rows_of: &QualifiedName) -> Result<Negotiated<'_>, Problem> {
        let is_default =
            matches!(query.root.select.as_slice(), [SelectItem::Field(field)] if *field == SelectField::all());
        let rows_of = is_default.then_some(rows_of);
        let offer = Offer { catalog: &self.catalog, rows_of, plans: self.app.config.api.plans };
        let wanted = offer.choose(&self.accept)?;
        Ok(if self.parts.method == Method::HEAD { wanted.without_body() } else { wanted })
    }

    fn content_type(&self) -> Result<MediaType, Problem> {
        Ok(request::text(&self.parts.headers, "content-type")?.map_or(MediaType::Json, MediaType::parse))
    }

    async fn payload(&self, kind: Kind, query: &Query, body: Body) -> Result<Payload, Problem> {
        let body = whole(self.app, body).await?;
        Ok(Payload::read(body, &self.content_type()?, kind, query.columns.as_deref())?)
    }

    fn transaction(&self, access: Access, main: Statement, routine: Option<&Routine>) -> Transaction {
        let api = &self.app.config.api;
        let mut settings = request::settings(&self.parts);
        settings.extend(api.app_settings.iter().cloned());
        settings.push(request::search_path(&self.target.schema, &api.extra_search_path));
        if let Some(zone) = &self.preferences.timezone {
            settings.push(("timezone".to_owned(), zone.clone()));
        }
        settings.extend(routine.into_iter().flat_map(|routine| routine.settings.iter().cloned()));
        Transaction {
            isolation: routine.and_then(|routine| routine.isolation.as_deref()).and_then(crate::db::Isolation::parse),
            settings,
            pre_request: (api.pre_request.as_ref())
                .map(|function| sql::pre_request(function.schema.as_ref(), &function.name)),
            reads_response_settings: api.pre_request.is_some(),
            resets_session: api.pre_request.is_some(),
            end: match self.preferences.transaction {
                Some(preferences::Transaction::Rollback) => End::Rollback,
                None if api.transaction_end.rolls_back() => End::Rollback,
                Some(preferences::Transaction::Commit) | None => End::Commit,
            },
            ..Transaction::new(access, main)
        }
    }

    fn strict_max_affected(&self) -> Option<u64> {
        self.preferences.max_affected.filter(|_| self.preferences.is_strict())
    }

    /// What the check found, in the words of the request.
    fn refuse_failed(&self, outcome: &Outcome, is_put: bool, wanted: &Negotiated<'_>) -> Result<(), Problem> {
        match outcome.check_failed {
            false => Ok(()),
            true if is_put => Err(Problem::put_does_not_match()),
            true if wanted.format.is_singular() => Err(Problem::not_singular(outcome.affected)),
            true => Err(Problem::max_affected(outcome.affected)),
        }
    }

    /// The number of all rows is wanted, as far as only counting tells it.
    fn counts(&self) -> bool {
        matches!(self.preferences.count, Some(Count::Exact | Count::Estimated))
    }

    /// How Postgres would go about a transaction's statement. PostgREST: references/observability, "Execution plan".
    async fn explain(
        &self,
        mut transaction: Transaction,
        wanted: Negotiated<'_>,
        mut clock: Clock,
    ) -> Result<Response<Body>, Problem> {
        let Some(plan) = &wanted.explain else { return Err(Problem::internal("no plan is asked for")) };
        transaction.main = sql::explain(transaction.main, plan);
        clock.lap(Stage::Plan);
        let outcome = self.run(transaction).await?;
        clock.lap(Stage::Transaction);
        let mut body = Vec::new();
        render::lines(&outcome.rows, &mut body);
        let answer = Answer::new(200).body(body).content(&wanted.media, self.profile());
        self.finish(answer, &Query::default(), clock)
    }

    /// The response, with what every answer carries.
    fn finish(&self, answer: Answer, query: &Query, mut clock: Clock) -> Result<Response<Body>, Problem> {
        let mut answer = self.conditional(answer)?;
        if let Some(warning) = renamed(query) {
            answer = answer.header(header::WARNING, warning);
        }
        clock.lap(Stage::Response);
        if self.app.config.server.timing {
            answer = answer.header(SERVER_TIMING, clock.header());
        }
        Ok(match self.parts.method {
            Method::HEAD => answer.into_head_response(),
            _ => answer.into_response(),
        })
    }

    /// The schema to name in the answer.
    fn profile(&self) -> Option<&str> {
        self.target.is_negotiated.then(|| self.target.schema.as_str())
    }

    /// Adds the body; and its tag, where it is one object that was asked for.
    fn body(&self, answer: Answer, rows: Rows<'_>) -> Result<Answer, Problem> {
        let is_head = self.parts.method == Method::HEAD;
        if is_head && !rows.format.is_singular() {
            return Ok(answer);
        }
        let mut body = Vec::new();
        match rows.shape {
            Shape::Flat(_) | Shape::Document => render::json(rows.shape, rows.layout, rows.rows, &mut body)?,
            Shape::Text(header) => render::csv(header, rows.rows, &mut body),
            Shape::Raw => render::raw(rows.rows, &mut body),
            Shape::Nothing => {}
        }
        let answer = if rows.format.is_singular() { conditional::tagged(answer, &body) } else { answer };
        Ok(if is_head { answer } else { answer.body(body) })
    }
}

/// Rows and what they become.
#[derive(Clone, Copy)]
struct Rows<'a> {
    rows: &'a [Row],
    shape: &'a Shape,
    layout: Layout,
    format: Format<'a>,
}

/// Rows that an answer shows.
fn shown(shape: &Shape, outcome: &Outcome) -> u64 {
    match shape {
        Shape::Raw => outcome.rows.first().and_then(|row| row.bigint(1)).map_or(0, i64::unsigned_abs),
        Shape::Nothing => outcome.affected,
        Shape::Flat(_) | Shape::Document | Shape::Text(_) => outcome.rows.len() as u64,
    }
}

/// The warning of PostgREST 16 that embeds are named by their relation although they have an alias.
fn renamed(query: &Query) -> Option<String> {
    let changes: Vec<_> = query.renamed.iter().map(|(target, alias)| format!("`{target}` to `{alias}`")).collect();
    (!changes.is_empty()).then(|| {
        format!(
            "299 PostgRESTv{PROTOCOL} \"Embedded resource was referenced by relation name even though it has an alias. \
             This is deprecated and will stop working in a future release. Update {} in query string filters, orders or \
             limits.\"",
            changes.join(", ")
        )
    })
}
