//! Tables, views and functions: one generic handler per verb, and the one way through the stages.
//!
//! query -> plan -> statement -> rows -> response

use std::sync::Arc;

use axum::{
    body::Body,
    http::{HeaderName, Method, Response, header, request::Parts},
};
use bytes::Bytes;

use super::{
    App,
    request::{self, Resource, Target},
    respond::{self, Answer},
};
use crate::{
    auth::Identity,
    catalog::{self, Catalog, Relation, Routine, Volatility},
    db::{Access, Check, End, Outcome, Transaction},
    error::Problem,
    name::QualifiedName,
    plan::{self, CallPlan, Context, Format, Layout, Mutation, Returning, Shape, WriteRequest},
    query::{
        Kind, Payload, Query, Range, TargetNames,
        media::{MediaType, Nulls, parse_accept},
        params,
        preferences::{self, ConflictKey, Count, Missing, Preferences, Representation, Resolution},
    },
    render,
    sql::{self, Statement},
};

/// Everything known of a request before its body is read.
struct Request<'a> {
    app: &'a App,
    target: Target,
    parts: Parts,
    identity: Arc<Identity>,
    catalog: Arc<Catalog>,
    preferences: Preferences,
    accept: Vec<MediaType>,
}

/// Serves a request for a relation or a function.
pub async fn serve(
    app: &App,
    target: Target,
    identity: Arc<Identity>,
    parts: Parts,
    body: Body,
) -> Result<Response<Body>, Problem> {
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
    let request = Request { app, target, parts, identity, catalog, preferences, accept };
    match &request.target.resource {
        Resource::Relation(name) => request.relation(&name.clone(), body).await,
        Resource::Routine(name) => request.routine(&name.clone(), body).await,
    }
}

impl Request<'_> {
    fn name(&self, name: &str) -> QualifiedName {
        QualifiedName::new(self.target.schema.clone(), name)
    }

    /// One handler per verb.
    async fn relation(&self, name: &str, body: Body) -> Result<Response<Body>, Problem> {
        let name = self.name(name);
        let relation =
            || self.catalog.resolve_relation(&name).map_err(|error| Problem::from(plan::PlanError::from(error)));
        match self.parts.method {
            Method::GET | Method::HEAD => self.read(relation, &name).await,
            Method::POST => self.write(Mutation::Insert, relation, body).await,
            Method::PATCH => self.write(Mutation::Update, relation, body).await,
            Method::PUT => self.write(Mutation::Upsert, relation, body).await,
            Method::DELETE => self.write(Mutation::Delete, relation, body).await,
            Method::OPTIONS => Ok(allow(&relation_methods(relation()?))),
            ref method => Err(Problem::unsupported_method(method.as_str())),
        }
    }

    async fn read<'c>(
        &'c self,
        relation: impl FnOnce() -> Result<&'c Relation, Problem>,
        name: &QualifiedName,
    ) -> Result<Response<Body>, Problem> {
        let mut query = self.query(Kind::RelationRead)?;
        let range = self.range(&mut query)?;
        let relation = relation()?;
        let (format, media) = self.format()?;
        let context = self.context(format, None);
        let plan = plan::read(&context, relation, &query)?;
        let mut transaction = self.transaction(Access::ReadOnly, sql::read(&plan, strips_nulls(format)), None);
        if self.preferences.count == Some(Count::Exact) {
            transaction.count = Some(sql::count(&plan));
        }
        let outcome = self.run(transaction).await?;
        if format.is_singular() && outcome.rows.len() != 1 {
            return Err(Problem::not_singular(outcome.rows.len() as u64));
        }
        let status = respond::range_status(range, outcome.rows.len(), outcome.total);
        if status == 416 {
            return Err(Problem::out_of_bounds(range.offset, outcome.total.unwrap_or(0)));
        }
        let answer = Answer::new(status)
            .header(header::CONTENT_RANGE, page(range, outcome.rows.len(), outcome.total))
            .header(header::CONTENT_LOCATION, location(name, &self.parts));
        let answer = self.body(answer, &plan.shape, plan.layout, &outcome)?;
        let answer = answer
            .content(&media, self.profile())
            .applied(self.preferences.applied(Kind::RelationRead, ConflictKey::Absent));
        Ok(answer.overridden(&outcome)?.into_response())
    }

    async fn write<'c>(
        &'c self,
        mutation: Mutation,
        relation: impl FnOnce() -> Result<&'c Relation, Problem>,
        body: Body,
    ) -> Result<Response<Body>, Problem> {
        let kind = kind(mutation);
        let query = self.query(kind)?;
        let relation = relation()?;
        let payload = match mutation {
            Mutation::Delete => Payload::None,
            _ => self.payload(kind, &query, body).await?,
        };
        let (format, media) = self.format()?;
        let (body, keys, is_object) = match payload {
            Payload::Json { raw, keys, is_object } => (raw, keys, is_object),
            _ => (Bytes::new(), Vec::new(), true),
        };
        let request = WriteRequest {
            mutation,
            query: &query,
            body,
            keys,
            is_object,
            merge_duplicates: self.preferences.resolution.map(|resolution| resolution == Resolution::MergeDuplicates),
            missing_default: self.preferences.missing == Some(Missing::Default),
            returning: self.returning(mutation),
        };
        let plan = plan::write(&self.context(format, None), relation, &request)?;
        let mut transaction = self.transaction(Access::ReadWrite, sql::write(&plan, strips_nulls(format)), None);
        transaction.reads_response_settings |= relation.has_triggers || plan.counts_inserted();
        transaction.resets_session |= relation.has_triggers;
        transaction.check = self.write_check(mutation, format);
        let outcome = self.run(transaction).await?;
        self.refuse_failed(&outcome, mutation == Mutation::Upsert, format)?;
        let answer = self.written(mutation, relation, &plan, &media, &outcome)?;
        Ok(answer.overridden(&outcome)?.into_response())
    }

    /// Status and headers of a write. PostgREST: references/api/tables_views, and its `Response`.
    fn written(
        &self,
        mutation: Mutation,
        relation: &Relation,
        plan: &plan::WritePlan<'_>,
        media: &MediaType,
        outcome: &Outcome,
    ) -> Result<Answer, Problem> {
        let affected = i64::try_from(outcome.affected).unwrap_or(i64::MAX);
        let total = (self.preferences.count == Some(Count::Exact)).then_some(affected);
        let shows = self.returning(mutation) == Returning::Rows;
        let inserted = outcome.inserted.unwrap_or(affected);
        let status = match mutation {
            Mutation::Insert if inserted <= 0 && self.preferences.resolution == Some(Resolution::MergeDuplicates) => {
                200
            }
            Mutation::Insert => 201,
            _ if !shows => 204,
            Mutation::Upsert if inserted > 0 => 201,
            _ => 200,
        };
        let mut answer = Answer::new(status);
        if self.returning(mutation) == Returning::Key
            && let [row] = outcome.rows.as_slice()
            && let Shape::Text(keys) = &plan.shape
        {
            let values = keys.iter().enumerate().map(|(index, key)| (key.as_str(), row.get(index)));
            answer = answer.header(header::LOCATION, row_location(&relation.name, values));
        }
        answer = match mutation {
            Mutation::Insert | Mutation::Delete => {
                answer.header(header::CONTENT_RANGE, respond::content_range(1, 0, total))
            }
            Mutation::Update => answer.header(header::CONTENT_RANGE, respond::content_range(0, affected - 1, total)),
            Mutation::Upsert => answer,
        };
        if shows {
            answer = self.body(answer, &plan.shape, plan.layout, outcome)?.content(media, self.profile());
        } else if mutation == Mutation::Insert {
            answer = answer.body(Vec::new());
        }
        let key = match !relation.primary_key.is_empty() || plan.has_conflict_target() {
            true => ConflictKey::Present,
            false => ConflictKey::Absent,
        };
        Ok(answer.applied(self.preferences.applied(kind(mutation), key)))
    }

    async fn routine(&self, name: &str, body: Body) -> Result<Response<Body>, Problem> {
        let name = self.name(name);
        match self.parts.method {
            Method::GET | Method::HEAD => self.call(&name, Kind::RoutineRead, None).await,
            Method::POST => self.call(&name, Kind::RoutineCall, Some(body)).await,
            Method::OPTIONS => {
                let query = self.query(Kind::RoutineRead)?;
                let keys = argument_names(&query);
                let routine = self.find_routine(&name, &keys, false)?;
                Ok(allow(routine_methods(routine)))
            }
            ref method => Err(Problem::unsupported_routine_method(method.as_str())),
        }
    }

    async fn call(&self, name: &QualifiedName, kind: Kind, body: Option<Body>) -> Result<Response<Body>, Problem> {
        let mut query = self.query(kind)?;
        let range = self.range(&mut query)?;
        let payload = match body {
            Some(body) => self.payload(kind, &query, body).await?,
            None => Payload::None,
        };
        let keys = match kind {
            Kind::RoutineCall => payload.keys(),
            _ => argument_names(&query),
        };
        let routine = self.find_routine(name, &keys, kind == Kind::RoutineCall)?;
        let (format, media) = self.format()?;
        let call = plan::Call { routine, arguments: plan::Arguments::read(routine, &query, payload) };
        let is_read_only = kind == Kind::RoutineRead || call.is_read_only();
        let plan = plan::call(&self.context(format, Some(routine)), call, &query)?;
        let counts = self.preferences.count == Some(Count::Exact);
        let is_cut = range != Range::default() || self.app.config.api.max_rows.is_some();
        let access = if is_read_only { Access::ReadOnly } else { Access::ReadWrite };
        let mut transaction = self.transaction(access, call_statement(&plan, counts && is_cut, format), Some(routine));
        transaction.reads_response_settings = true;
        transaction.resets_session = true;
        transaction.check = self.call_check(&plan, format)?;
        let mut outcome = self.run(transaction).await?;
        self.refuse_failed(&outcome, false, format)?;
        self.called(&plan, range, &media, counts, is_cut, &mut outcome)
    }

    fn called(
        &self,
        plan: &CallPlan<'_>,
        range: Range,
        media: &MediaType,
        counts: bool,
        is_cut: bool,
        outcome: &mut Outcome,
    ) -> Result<Response<Body>, Problem> {
        let mut shape = &plan.shape;
        if counts && is_cut && !matches!(shape, Shape::Nothing) {
            shape = &Shape::Document;
            outcome.total = outcome
                .rows
                .first()
                .and_then(|row| row.get(1))
                .and_then(|bytes| bytes.try_into().ok())
                .map(i64::from_be_bytes);
            outcome.rows.retain(|row| row.get(0).is_some());
        } else if counts {
            outcome.total = i64::try_from(outcome.rows.len()).ok();
        }
        let status = respond::range_status(range, outcome.rows.len(), outcome.total);
        if status == 416 {
            return Err(Problem::out_of_bounds(range.offset, outcome.total.unwrap_or(0)));
        }
        let applied = self.preferences.applied(Kind::RoutineCall, ConflictKey::Absent);
        let content_range = page(range, outcome.rows.len(), outcome.total);
        let answer = if plan.call.is_void() {
            Answer::new(204).header(header::CONTENT_RANGE, content_range).applied(applied)
        } else {
            let answer = Answer::new(status).header(header::CONTENT_RANGE, content_range).applied(applied);
            self.body(answer, shape, plan.layout, outcome)?.content(media, self.profile())
        };
        Ok(answer.overridden(outcome)?.into_response())
    }

    async fn run(&self, transaction: Transaction) -> Result<Outcome, Problem> {
        let is_known = Some(&self.identity.role) != self.app.config.auth.anon_role.as_ref();
        let outcome = self.app.database.run(&self.identity, transaction).await;
        outcome.map_err(|error| Problem::database(&error, is_known))
    }

    fn find_routine(&self, name: &QualifiedName, keys: &[String], is_post: bool) -> Result<&Routine, Problem> {
        let body = match (is_post, self.content_type()?) {
            (false, _) => catalog::Body::None,
            (true, MediaType::Json) => catalog::Body::Json,
            (true, MediaType::Text) => catalog::Body::Text,
            (true, MediaType::Xml) => catalog::Body::Xml,
            (true, MediaType::OctetStream) => catalog::Body::Bytes,
            (true, _) => catalog::Body::Other,
        };
        let keys = keys.iter().map(String::as_str).collect();
        Ok(self.catalog.resolve_routine(name, &keys, body).map_err(plan::PlanError::from)?)
    }

    fn query(&self, kind: Kind) -> Result<Query, Problem> {
        let names = match self.app.config.api.legacy_target_names {
            true => TargetNames::Accepted,
            false => TargetNames::Refused,
        };
        Ok(Query::read(kind, self.parts.uri.query().unwrap_or_default(), names)?)
    }

    /// The rows asked for by `Range` and by `limit` and `offset` together; put into the query's root.
    fn range(&self, query: &mut Query) -> Result<Range, Problem> {
        if self.parts.method == Method::GET {
            let header = Range::from_header(request::text(&self.parts.headers, "range")?)?;
            query.root.range = header.intersect(query.root.range)?;
        }
        Ok(query.root.range)
    }

    fn context(&self, format: Format, routine: Option<&Routine>) -> Context<'_> {
        let zoned = self.preferences.timezone.is_some()
            || routine
                .is_some_and(|routine| routine.settings.iter().any(|(name, _)| name.eq_ignore_ascii_case("timezone")))
            || self.app.config.api.pre_request.is_some();
        Context {
            catalog: &self.catalog,
            role: &self.identity.role,
            limits: self.app.limits(),
            format,
            utc: !zoned && matches!(self.catalog.server.time_zone.as_str(), "UTC" | "Etc/UTC" | "utc"),
        }
    }

    /// The first accepted media type that can be made.
    fn format(&self) -> Result<(Format, MediaType), Problem> {
        let json = |singular, strip_nulls| Format::Json { singular, strip_nulls };
        let found = self.accept.iter().find_map(|media| match media {
            MediaType::Any | MediaType::Json => Some((json(false, false), MediaType::Json)),
            MediaType::Object(nulls) => Some((json(true, *nulls == Nulls::Stripped), media.clone())),
            MediaType::ArrayStripped => Some((json(false, true), media.clone())),
            MediaType::Csv => Some((Format::Csv, MediaType::Csv)),
            _ => None,
        });
        found.ok_or_else(|| Problem::not_acceptable(&self.accept.iter().map(MediaType::mime).collect::<Vec<_>>()))
    }

    fn content_type(&self) -> Result<MediaType, Problem> {
        Ok(request::text(&self.parts.headers, "content-type")?.map_or(MediaType::Json, MediaType::parse))
    }

    async fn payload(&self, kind: Kind, query: &Query, body: Body) -> Result<Payload, Problem> {
        let limit = self.app.config.server.max_body_bytes;
        let body = axum::body::to_bytes(body, limit).await.map_err(|_| Problem::body_too_large(limit))?;
        Ok(Payload::read(body, &self.content_type()?, kind, query.columns.as_deref())?)
    }

    fn returning(&self, mutation: Mutation) -> Returning {
        match self.preferences.representation {
            Some(Representation::Full) => Returning::Rows,
            Some(Representation::HeadersOnly) if mutation == Mutation::Insert => Returning::Key,
            _ => Returning::Nothing,
        }
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
            access,
            isolation: routine.and_then(|routine| routine.isolation.as_deref()).and_then(crate::db::Isolation::parse),
            settings,
            pre_request: (api.pre_request.as_ref())
                .map(|function| sql::pre_request(function.schema.as_ref(), &function.name)),
            main,
            count: None,
            reads_response_settings: api.pre_request.is_some(),
            resets_session: api.pre_request.is_some(),
            check: Check::None,
            end: match self.preferences.transaction {
                Some(preferences::Transaction::Rollback) => End::Rollback,
                None if api.transaction_end.rolls_back() => End::Rollback,
                Some(preferences::Transaction::Commit) | None => End::Commit,
            },
        }
    }

    fn write_check(&self, mutation: Mutation, format: Format) -> Check {
        match (mutation, self.strict_max_affected()) {
            (Mutation::Upsert, _) => Check::One,
            _ if format.is_singular() && self.returning(mutation) == Returning::Rows => Check::One,
            (Mutation::Update | Mutation::Delete, Some(max)) => Check::AtMost(max),
            _ => Check::None,
        }
    }

    fn call_check(&self, plan: &CallPlan<'_>, format: Format) -> Result<Check, Problem> {
        match self.strict_max_affected() {
            Some(_) if plan.call.is_single() => Err(plan::PlanError::MaxAffectedOnSingle.into()),
            _ if format.is_singular() => Ok(Check::One),
            Some(max) => Ok(Check::AtMost(max)),
            None => Ok(Check::None),
        }
    }

    fn strict_max_affected(&self) -> Option<u64> {
        self.preferences.max_affected.filter(|_| self.preferences.is_strict())
    }

    /// What the check found, in the words of the request.
    fn refuse_failed(&self, outcome: &Outcome, is_put: bool, format: Format) -> Result<(), Problem> {
        match outcome.check_failed {
            false => Ok(()),
            true if is_put => Err(Problem::put_does_not_match()),
            true if format.is_singular() => Err(Problem::not_singular(outcome.affected)),
            true => Err(Problem::max_affected(outcome.affected)),
        }
    }

    /// The schema to name in the answer.
    fn profile(&self) -> Option<&str> {
        self.target.is_negotiated.then(|| self.target.schema.as_str())
    }

    fn body(&self, answer: Answer, shape: &Shape, layout: Layout, outcome: &Outcome) -> Result<Answer, Problem> {
        if self.parts.method == Method::HEAD {
            return Ok(answer);
        }
        let mut body = Vec::new();
        match shape {
            Shape::Flat(_) | Shape::Document | Shape::Counted => render::json(shape, layout, &outcome.rows, &mut body)?,
            Shape::Text(header) => render::csv(header, &outcome.rows, &mut body),
            Shape::Raw => render::raw(&outcome.rows, &mut body),
            Shape::Nothing => {}
        }
        Ok(answer.body(body))
    }
}

fn kind(mutation: Mutation) -> Kind {
    match mutation {
        Mutation::Insert => Kind::Insert,
        Mutation::Update => Kind::Update,
        Mutation::Upsert => Kind::Upsert,
        Mutation::Delete => Kind::Delete,
    }
}

fn strips_nulls(format: Format) -> bool {
    matches!(format, Format::Json { strip_nulls: true, .. })
}

fn call_statement(plan: &CallPlan<'_>, is_counted: bool, format: Format) -> Statement {
    match is_counted && !plan.call.is_void() {
        true => sql::counted_call(plan, strips_nulls(format)),
        false => sql::call(plan, strips_nulls(format)),
    }
}

fn argument_names(query: &Query) -> Vec<String> {
    let mut names: Vec<_> = query.arguments.iter().map(|(name, _)| name.clone()).collect();
    names.sort();
    names.dedup();
    names
}

fn page(range: Range, shown: usize, total: Option<i64>) -> String {
    let first = i64::try_from(range.offset).unwrap_or(i64::MAX);
    let shown = i64::try_from(shown).unwrap_or(i64::MAX);
    respond::content_range(first, first.saturating_add(shown) - 1, total)
}

/// `Content-Location`: the resource with its query in canonical form.
fn location(name: &QualifiedName, parts: &Parts) -> String {
    match parts.uri.query() {
        None | Some("") => format!("/{}", name.name),
        Some(text) => {
            format!("/{}?{}", name.name, params::canonical(&params::decode(text.as_bytes()).unwrap_or_default()))
        }
    }
}

/// `Location` of an inserted row: a filter on its key.
fn row_location<'v>(name: &QualifiedName, values: impl Iterator<Item = (&'v str, Option<&'v [u8]>)>) -> String {
    let filters = values.map(|(key, value)| {
        let value =
            value.map_or_else(|| "is.null".to_owned(), |value| format!("eq.{}", String::from_utf8_lossy(value)));
        format!("{}={}", request::encode(key), request::encode(&value))
    });
    format!("/{}?{}", name.name, filters.collect::<Vec<_>>().join("&"))
}

/// The answer to OPTIONS. PostgREST: references/api/options.
fn allow(methods: &str) -> Response<Body> {
    Answer::new(200)
        .header(HeaderName::from_static("access-control-allow-origin"), "*")
        .header(header::ALLOW, methods)
        .body(Vec::new())
        .into_response()
}

fn relation_methods(relation: &Relation) -> String {
    let mut methods = vec!["OPTIONS", "GET", "HEAD"];
    if relation.insertable {
        methods.push("POST");
    }
    if relation.insertable && relation.updatable && !relation.primary_key.is_empty() {
        methods.push("PUT");
    }
    if relation.updatable {
        methods.push("PATCH");
    }
    if relation.deletable {
        methods.push("DELETE");
    }
    methods.join(",")
}

fn routine_methods(routine: &Routine) -> &'static str {
    match routine.volatility {
        Volatility::Volatile => "OPTIONS,POST",
        _ => "OPTIONS,GET,HEAD,POST",
    }
}
