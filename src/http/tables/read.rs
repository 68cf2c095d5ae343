//! GET and HEAD of a relation.

use axum::{
    body::Body,
    http::{Response, header},
};

use super::{
    Request, Rows, Size,
    more::{More, Page},
};
use crate::{
    catalog::Relation,
    db::{Access, Outcome, Transaction},
    error::Problem,
    http::{
        replicas::only_read,
        request::encode,
        respond::{self, Answer},
        timing::{Clock, Stage},
    },
    name::QualifiedName,
    plan::{self, Format, ReadPlan},
    query::{Kind, Range, params, preferences::Count},
    sql,
};

impl Request<'_> {
    pub(super) async fn read(&self, name: &QualifiedName, mut clock: Clock) -> Result<Response<Body>, Problem> {
        let mut query = self.query(Kind::RelationRead)?;
        let range = self.range(&mut query)?;
        clock.lap(Stage::Parse);
        let relation = self.find_relation(name)?;
        let wanted = self.negotiate(&query, &relation.name)?;
        let plan = plan::read(&self.context(&wanted, None), relation, &query)?;
        let mut transaction = self.transaction(Access::ReadOnly, sql::read(&plan), None);
        transaction.resets_session |=
            relation.runs_code() || plan.select.calls_functions() || matches!(wanted.format, Format::Handler(_));
        if wanted.explain.is_some() {
            return self.explain(transaction, wanted, clock).await;
        }
        self.count(&plan, range, &mut transaction);
        clock.lap(Stage::Plan);
        let (mut outcome, rest) = match self.streams(&plan) {
            true => self.stream(name, transaction).await?,
            false => (self.fetch(name, transaction).await?, None),
        };
        clock.lap(Stage::Transaction);
        let more = More::of(self, &plan.ahead, range, &mut outcome)?;
        let shown = match &rest {
            None => Some(super::shown(&plan.shape, &outcome)),
            Some(_) => plan.shown(range, outcome.total),
        };
        let size = Size { shown: shown.unwrap_or_default(), total: self.total(&outcome) };
        if wanted.format.is_singular() && size.shown != 1 {
            return Err(Problem::not_singular(size.shown));
        }
        let mut answer = Answer::new(if shown.is_some() { respond::range_status(range, size)? } else { 200 });
        if shown.is_some() {
            answer = answer.header(header::CONTENT_RANGE, respond::page(range, size));
        }
        if let Some(location) = self.location(name) {
            answer = answer.header(header::CONTENT_LOCATION, location);
        }
        let page = Page { kind: Kind::RelationRead, range, keyset: plan.keyset.as_ref() };
        let answer = more.tell(self, page, outcome.rows.last(), answer);
        let rows = Rows { rows: &outcome.rows, shape: &plan.shape, layout: plan.layout, format: plan.format };
        let answer = match rest {
            None => self.body(answer, rows)?,
            Some(rest) => self.flowing(answer, &plan, rows, rest)?,
        };
        let answer = answer.content(&wanted.media, self.profile()).applied(self.applied(Kind::RelationRead, &outcome));
        self.finish(answer.overridden(&outcome)?, &query, clock).map(only_read)
    }

    /// Asks for the number of all rows, as preferred (PostgREST: references/api/pagination_count), and where only that
    /// tells whether there are more than are shown.
    fn count(&self, plan: &ReadPlan<'_>, range: Range, transaction: &mut Transaction) {
        let seen = plan.ahead.counted.map(|bound| range.offset.saturating_add(bound.rows));
        let up_to = |most| Some(sql::count_up_to(plan, most));
        transaction.count = match self.preferences.count {
            Some(Count::Exact) => Some(sql::count(plan)),
            Some(Count::Estimated) => {
                up_to(self.app.config.api.max_rows.map(|most| seen.map_or(most, |seen| seen.max(most))))
            }
            Some(Count::Planned) | None => seen.and_then(|seen| up_to(Some(seen))),
        };
        if matches!(self.preferences.count, Some(Count::Planned | Count::Estimated)) {
            transaction.estimate = Some(sql::estimate(plan));
        }
    }

    fn total(&self, outcome: &Outcome) -> Option<i64> {
        match self.preferences.count? {
            Count::Exact => outcome.total,
            Count::Planned => outcome.estimated,
            // Few rows were counted to the last one; of many, the planner may know of more.
            Count::Estimated => match self.app.config.api.max_rows {
                Some(most) if outcome.total.is_some_and(|total| total.unsigned_abs() <= most) => outcome.total,
                _ => outcome.total.max(outcome.estimated),
            },
        }
    }

    pub(super) fn find_relation(&self, name: &QualifiedName) -> Result<&Relation, Problem> {
        Ok(self.catalog.resolve_relation(name).map_err(plan::PlanError::from)?)
    }

    /// `Content-Location`: the resource with its query in canonical form. `None` where a QUERY was made of what no URL
    /// has room for.
    fn location(&self, name: &QualifiedName) -> Option<String> {
        let location = format!("{}/{}", self.target.base, encode(name.name.as_str()));
        if self.parameters().is_empty() {
            return Some(location);
        }
        let parameters = params::canonical(&params::decode(self.parameters().as_bytes()).unwrap_or_default());
        let fits = self.queried.is_none() || parameters.len() <= self.app.config.server.max_url_bytes;
        fits.then(|| format!("{location}?{parameters}"))
    }
}
