//! Calls of functions.

use axum::{
    body::Body,
    http::{Method, Response, header},
};

use super::{
    Request, Rows, Size,
    more::{More, Page},
    options,
};
use crate::{
    catalog::{self, Routine},
    db::{Access, Check, Outcome},
    error::Problem,
    http::{
        replicas::only_read,
        respond::{self, Answer},
        timing::{Clock, Stage},
    },
    name::QualifiedName,
    plan::{
        self, CallPlan,
        lookahead::{Bound, LimitedBy},
    },
    query::{Kind, Payload, Query, Range, media::MediaType},
    sql,
};

/// How the number of all rows is known.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Total {
    /// Nobody asked.
    Unasked,
    /// All rows are shown.
    Shown,
    /// The statement counts them, see [`sql::counted_call`].
    Counted,
}

impl Total {
    /// Takes the number out of the rows, where it was counted.
    fn take(self, outcome: &mut Outcome) -> Option<i64> {
        if self != Self::Counted {
            return None;
        }
        let total = outcome.rows.first().and_then(|row| row.bigint(row.len().checked_sub(1)?));
        outcome.rows.retain(|row| row.len().checked_sub(2).is_some_and(|marker| row.get(marker).is_some()));
        total
    }
}

impl Request<'_> {
    pub(super) async fn routine(
        &self,
        name: &QualifiedName,
        body: Body,
        mut clock: Clock,
    ) -> Result<Response<Body>, Problem> {
        match self.parts.method {
            Method::GET | Method::HEAD => self.call(name, Kind::RoutineRead, None, clock).await,
            Method::POST => self.call(name, Kind::RoutineCall, Some(body), clock).await,
            Method::OPTIONS => {
                let query = self.query(Kind::RoutineRead)?;
                clock.lap(Stage::Parse);
                let routine = self.find_routine(name, &argument_names(&query), false)?;
                clock.lap(Stage::Plan);
                self.finish(options::of_routine(routine), &query, clock)
            }
            ref method => Err(Problem::unsupported_routine_method(method.as_str())),
        }
    }

    async fn call(
        &self,
        name: &QualifiedName,
        kind: Kind,
        body: Option<Body>,
        mut clock: Clock,
    ) -> Result<Response<Body>, Problem> {
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
        clock.lap(Stage::Parse);
        let routine = self.find_routine(name, &keys, kind == Kind::RoutineCall)?;
        let wanted = self.negotiate(&query, &routine.rows())?;
        let call = plan::Call { routine, arguments: plan::Arguments::read(routine, &query, payload) };
        let is_read_only = kind == Kind::RoutineRead || call.is_read_only();
        let plan = plan::call(&self.context(&wanted, Some(routine)), call, &query)?;
        let is_cut = range != Range::default() || self.app.config.api.max_rows.is_some();
        let counts = self.counts() || plan.ahead.counted.is_some();
        let total = match (counts, is_cut && !plan.call.is_void()) {
            (false, _) => Total::Unasked,
            (true, false) => Total::Shown,
            (true, true) => Total::Counted,
        };
        if !is_read_only
            && self.preferences.refuses_cuts()
            && plan.ahead.counted.is_some_and(|bound| bound.by == LimitedBy::MaxRows)
        {
            return Err(Problem::cuts_unseen(&wanted.media.mime()));
        }
        let access = if is_read_only { Access::ReadOnly } else { Access::ReadWrite };
        let statement = if total == Total::Counted { sql::counted_call(&plan) } else { sql::call(&plan) };
        let mut transaction = self.transaction(access, statement, Some(routine));
        transaction.reads_response_settings = true;
        transaction.resets_session = true;
        if wanted.explain.is_some() {
            return self.explain(transaction, wanted, clock).await;
        }
        transaction.check = self.call_check(&plan)?;
        transaction.absent = self.absent(&plan.ahead);
        clock.lap(Stage::Plan);
        let mut outcome = match kind {
            Kind::RoutineRead => self.fetch(name, transaction).await?,
            _ => self.run(transaction).await?,
        };
        clock.lap(Stage::Transaction);
        outcome.total = total.take(&mut outcome);
        let more = More::of(self, &plan.ahead, range, &mut outcome)?;
        // A row that was asked for in excess is none that the function affected.
        outcome.affected = plan.ahead.page.map_or(outcome.affected, |bound| outcome.affected.min(bound.rows));
        self.refuse_failed(&outcome, false, &wanted)?;
        let shown = super::shown(&plan.shape, &outcome);
        let all = if total == Total::Shown { i64::try_from(shown).ok() } else { outcome.total };
        let size = Size { shown, total: all.filter(|_| self.counts()) };
        let answer = self.called(&plan, range, &wanted.media, size, &outcome)?;
        let answer = more.tell(self, Page { kind, range, keyset: None }, None, answer);
        let response = self.finish(answer.overridden(&outcome)?, &query, clock)?;
        Ok(if is_read_only { only_read(response) } else { response })
    }

    fn called(
        &self,
        plan: &CallPlan<'_>,
        range: Range,
        media: &MediaType,
        size: Size,
        outcome: &Outcome,
    ) -> Result<Answer, Problem> {
        let status = respond::range_status(range, size)?;
        let applied = self.applied(Kind::RoutineCall, outcome);
        let content_range = respond::page(range, size);
        if plan.call.is_void() {
            return Ok(Answer::new(204).header(header::CONTENT_RANGE, content_range).applied(applied));
        }
        let answer = Answer::new(status).header(header::CONTENT_RANGE, content_range).applied(applied);
        let rows = Rows { rows: &outcome.rows, shape: &plan.shape, layout: plan.layout, format: plan.format };
        Ok(self.body(answer, rows)?.content(media, self.profile()))
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

    fn call_check(&self, plan: &CallPlan<'_>) -> Result<Check, Problem> {
        let max_affected = self.strict_max_affected();
        if max_affected.is_some() && plan.call.is_single() {
            return Err(plan::PlanError::MaxAffectedOnSingle.into());
        }
        if plan.format.is_singular() {
            return Ok(Check::One);
        }
        let Some(Bound { rows, by }) = plan.ahead.page else {
            return Ok(max_affected.map_or(Check::None, Check::AtMost));
        };
        // The row that was asked for in excess is not one of those that may be too many.
        let affected = max_affected.filter(|max| *max < rows);
        let shown = Some(rows).filter(|_| by == LimitedBy::MaxRows && self.preferences.refuses_cuts());
        Ok(affected.or(shown).map_or(Check::None, Check::AtMost))
    }
}

fn argument_names(query: &Query) -> Vec<String> {
    let mut names: Vec<_> = query.arguments.iter().map(|(name, _)| name.clone()).collect();
    names.sort();
    names.dedup();
    names
}
