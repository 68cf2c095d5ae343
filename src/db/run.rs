//! One transaction in one round trip.
//!
//! In: a [`Transaction`] and who it is for. Out: its [`Outcome`]. All messages of the transaction are written before
//! the first answer is read; two things cost a second trip: a statement that is not prepared yet, and a write that
//! must be looked at before it may be committed. An error leaves nothing behind: Postgres skips to the end by itself.

use std::sync::{Arc, LazyLock};

use futures_util::future::{self, OptionFuture};
use tokio_postgres::{Client, Error, Statement as Prepared};

use super::{
    Access, Check, End, Isolation, Outcome, Transaction,
    cache::{LOGIN, Statements},
    failure::Failure,
    lease::Lease,
    reset::{LEFT_BEHIND, end_and_reset, tidy},
    row::Row,
    settings::Settings,
    statement::{Answer, Ready, prepare, ready},
    stream::{Outlet, Rows},
};
use crate::{name::RoleName, sql::Statement};

/// What code of the database's own wants the answer to be like (PostgREST: references/transactions, "Response headers").
static RESPONSE_SETTINGS: LazyLock<Statement> = LazyLock::new(|| Statement {
    text: "SELECT nullif(pg_catalog.current_setting('response.headers', true), ''), \
        nullif(pg_catalog.current_setting('response.status', true), ''), \
        nullif(pg_catalog.current_setting('pgrst.inserted', true), '')"
        .into(),
    parameters: Vec::new(),
});

/// Nobody's settings, and the login role's rights.
const FRESH: &str = "SET LOCAL ROLE NONE; RESET ALL";
const CHECK_CONSTRAINTS: &str = "SET CONSTRAINTS ALL IMMEDIATE";

/// How a transaction starts, and as whom.
pub(super) struct Frame<'t> {
    pub(super) role: &'t RoleName,
    pub(super) access: Access,
    pub(super) isolation: Option<Isolation>,
    pub(super) settings: Settings<'t>,
    /// The session is to be reset afterwards.
    pub(super) resets_session: bool,
}

/// Runs a whole transaction. With an outlet, rows beyond the first are handed on to it, and the outcome has none.
pub(super) async fn run(
    lease: &mut Lease,
    frame: &Frame<'_>,
    transaction: &Transaction,
    outlet: Option<&Outlet>,
) -> Result<Outcome, Failure> {
    let (outcome, is_clean) = lease
        .drive(async |client, statements| {
            let trip = Trip { client, frame, transaction, outlet };
            match trip.open(statements).await {
                Ok(outcome) => outcome,
                Err(failure) => (Err(failure), client.batch_execute("ROLLBACK").await.is_ok()),
            }
        })
        .await;
    if is_clean && makes_sense(&outcome) {
        lease.clean();
    }
    outcome
}

/// After an answer that makes no sense, the next one can't be trusted either.
fn makes_sense(outcome: &Result<Outcome, Failure>) -> bool {
    outcome.as_ref().err().is_none_or(|failure| failure.error().as_db_error().is_some())
}

/// Runs what a transaction consists of within one that is open: whether that is committed is decided elsewhere.
pub(super) async fn run_within(
    lease: &mut Lease,
    frame: &Frame<'_>,
    transaction: &Transaction,
) -> Result<Outcome, Failure> {
    let outcome = lease
        .drive(async |client, statements| Trip { client, frame, transaction, outlet: None }.within(statements).await)
        .await;
    lease.open();
    outcome
}

/// A transaction on its way.
struct Trip<'t> {
    client: &'t Client,
    frame: &'t Frame<'t>,
    transaction: &'t Transaction,
    outlet: Option<&'t Outlet>,
}

/// The statements of a transaction, ready to be sent.
struct Steps<'t> {
    pre_request: Option<Ready<'t>>,
    precondition: Option<Ready<'t>>,
    main: Ready<'t>,
    count: Option<Ready<'t>>,
    estimate: Option<Ready<'t>>,
    response: Option<Ready<'t>>,
}

/// What a finished transaction gave, and whether its connection is as it was.
type Ended = (Result<Outcome, Failure>, bool);

impl Trip<'_> {
    /// Begins, and goes on: in the same write where everything is prepared. The error is of a transaction that is
    /// still open.
    async fn open(&self, statements: &mut Statements) -> Result<Ended, Failure> {
        let role = self.frame.role;
        let texts = self.texts();
        let begin = begin(self.client, self.frame, statements).await?;
        if statements.is_off() || texts.iter().all(|text| statements.get(role, text).is_some()) {
            let (steps, left_behind) = self.steps(statements);
            let (begun, (outcome, is_clean)) = future::join(begin, self.finish(steps, left_behind)).await;
            return Ok((begun.and(outcome), is_clean));
        }
        let (begun, prepared) = future::join(begin, prepare(self.client, statements, role, &texts)).await;
        begun?;
        prepared.map_err(Failure::Statement)?;
        let (steps, left_behind) = self.steps(statements);
        Ok(self.finish(steps, left_behind).await)
    }

    /// As [`Trip::open`] without beginning and end: nothing is left of who was in the transaction before, a read is one,
    /// though the whole may write, and what is checked or done at the end is, by who asked for it.
    async fn within(&self, statements: &mut Statements) -> Result<Outcome, Failure> {
        let (client, role, text) = (self.client, self.frame.role, self.frame.settings.text());
        if statements.get(&LOGIN, text).is_none() {
            client.batch_execute(FRESH).await.map_err(Failure::Statement)?;
            prepare(client, statements, &LOGIN, &[text]).await.map_err(Failure::Statement)?;
        }
        // A transaction can't become one that writes again, but a subtransaction ends (Postgres: SET TRANSACTION).
        let is_read = self.frame.access == Access::ReadOnly;
        let enter =
            if is_read { format!("{FRESH}; SAVEPOINT read; SET TRANSACTION READ ONLY") } else { FRESH.to_owned() };
        let settings = Ready::of_texts(text, self.frame.settings.values(), statements.get(&LOGIN, text));
        let (entered, set) = future::join(client.batch_execute(&enter), settings.run(client)).await;
        entered.map_err(Failure::Statement)?;
        set.map_err(Failure::Settings)?;
        prepare(client, statements, role, &self.texts()).await.map_err(Failure::Statement)?;
        let (mut steps, _) = self.steps(statements);
        let may_go_on = match steps.precondition {
            Some(_) => self.may_go_on(&mut steps).await.map_err(Failure::Statement)?,
            None => true,
        };
        if !may_go_on {
            return Ok(Outcome { precondition_failed: true, ..Outcome::default() });
        }
        let leave = if is_read { "RELEASE SAVEPOINT read" } else { CHECK_CONSTRAINTS };
        let (outcome, left) = future::join(self.answers(steps), client.batch_execute(leave)).await;
        let outcome = outcome?;
        left.map_err(Failure::Statement)?;
        if self.transaction.resets_session {
            tidy(client).await.map_err(Failure::Statement)?;
        }
        Ok(outcome)
    }

    /// What COMMIT would refuse is refused before a ROLLBACK that was asked for forgets it (PostgREST: `db-tx-end`).
    fn checks_constraints(&self) -> bool {
        self.transaction.end == End::Rollback && self.frame.access == Access::ReadWrite
    }

    fn texts(&self) -> Vec<&Arc<str>> {
        let Transaction { pre_request, main, count, estimate, reads_response_settings, .. } = self.transaction;
        let precondition = self.transaction.precondition.as_ref().map(|precondition| &precondition.statement);
        let response = reads_response_settings.then_some(&*RESPONSE_SETTINGS);
        let statements =
            pre_request.iter().chain(precondition).chain([main]).chain(count).chain(estimate).chain(response);
        statements.map(|statement| &statement.text).collect()
    }

    /// The statements, and [`LEFT_BEHIND`].
    fn steps(&self, statements: &mut Statements) -> (Steps<'_>, Option<Prepared>) {
        let mut ready = |statement| ready(statements, self.frame.role, statement);
        let Transaction { pre_request, main, count, estimate, reads_response_settings, .. } = self.transaction;
        let steps = Steps {
            pre_request: pre_request.as_ref().map(&mut ready),
            precondition: self.transaction.precondition.as_ref().map(|precondition| ready(&precondition.statement)),
            main: ready(main),
            count: count.as_ref().map(&mut ready),
            estimate: estimate.as_ref().map(&mut ready),
            response: reads_response_settings.then(|| ready(&*RESPONSE_SETTINGS)),
        };
        (steps, statements.get(&LOGIN, &LEFT_BEHIND))
    }

    async fn finish(&self, mut steps: Steps<'_>, left_behind: Option<Prepared>) -> Ended {
        if steps.precondition.is_some() {
            let refused = match self.may_go_on(&mut steps).await {
                Ok(true) => None,
                Ok(false) => Some(Ok(Outcome { precondition_failed: true, ..Outcome::default() })),
                Err(error) => Some(Err(Failure::Statement(error))),
            };
            if let Some(refused) = refused {
                let (ended, is_clean) = self.end(End::Rollback, left_behind).await;
                return (refused.and_then(|outcome| ended.map(|()| outcome)), is_clean);
            }
        }
        let Transaction { end, check, absent, .. } = self.transaction;
        let is_conditional = *check != Check::None || absent.is_some();
        let must_look = is_conditional && *end == End::Commit && self.frame.access == Access::ReadWrite;
        if !must_look {
            let (outcome, (ended, is_clean)) = future::join(self.answers(steps), self.end(*end, left_behind)).await;
            return (outcome.and_then(|outcome| ended.map(|()| outcome)), is_clean);
        }
        let outcome = self.answers(steps).await;
        let holds = outcome.as_ref().is_ok_and(|outcome| !outcome.check_failed);
        let (ended, is_clean) = self.end(if holds { End::Commit } else { End::Rollback }, left_behind).await;
        (outcome.and_then(|outcome| ended.map(|()| outcome)), is_clean)
    }

    /// Asks what has to hold before anything else may be done.
    async fn may_go_on(&self, steps: &mut Steps<'_>) -> Result<bool, Error> {
        let (pre_request, answer) =
            future::join(self.optional(steps.pre_request.take()), self.optional(steps.precondition.take())).await;
        pre_request?;
        let rows = answer?.unwrap_or_default().rows;
        Ok(self.transaction.precondition.as_ref().is_none_or(|precondition| (precondition.holds)(&rows)))
    }

    async fn answers(&self, steps: Steps<'_>) -> Result<Outcome, Failure> {
        let answers = match self.outlet {
            Some(outlet) => self.poured(steps, outlet).await,
            None => self.gathered(steps).await,
        };
        answers.map_err(Failure::Statement)
    }

    async fn gathered(&self, steps: Steps<'_>) -> Result<Outcome, Error> {
        let Steps { pre_request, main, count, estimate, response, .. } = steps;
        let (pre_request, main, count, estimate, response) = future::join5(
            self.optional(pre_request),
            main.run(self.client),
            self.optional(count),
            self.optional(estimate),
            self.optional(response),
        )
        .await;
        pre_request?;
        Ok(self.outcome(main?, count?, estimate?, response?))
    }

    /// The rows come last: what goes before them has to be known before the first is handed on.
    async fn poured(&self, steps: Steps<'_>, outlet: &Outlet) -> Result<Outcome, Error> {
        let Steps { pre_request, main, count, estimate, response, .. } = steps;
        let (pre_request, response, count, estimate, main) = future::join5(
            self.optional(pre_request),
            self.optional(response),
            self.optional(count),
            self.optional(estimate),
            main.open(self.client),
        )
        .await;
        pre_request?;
        let (count, estimate, response) = (count?, estimate?, response?);
        let mut rows = Rows::new(main?);
        let (first, is_whole) = rows.first().await?;
        let outcome = self.outcome(first, count, estimate, response);
        if is_whole {
            return Ok(outcome);
        }
        outlet.begin(outcome);
        outlet.pour(rows).await?;
        Ok(Outcome::default())
    }

    fn outcome(
        &self,
        Answer { rows, affected }: Answer,
        count: Option<Answer>,
        estimate: Option<Answer>,
        response: Option<Answer>,
    ) -> Outcome {
        let response = response.and_then(|answer| answer.rows.into_iter().next());
        let setting = |index| {
            let value = response.as_ref().and_then(|row: &Row| row.get(index));
            value.map(|value| String::from_utf8_lossy(value).into_owned())
        };
        let Transaction { check, absent, .. } = self.transaction;
        let is_there = absent.as_ref().is_some_and(|text| any_has(&rows, text));
        Outcome {
            check_failed: is_there || !check.holds(affected),
            rows,
            affected,
            total: count.and_then(|answer| answer.rows.first().and_then(|row| row.bigint(0))),
            estimated: estimate.and_then(|answer| answer.rows.first().and_then(planned_rows)),
            response_headers: setting(0),
            response_status: setting(1),
            inserted: setting(2).and_then(|count| count.parse().ok()),
            precondition_failed: false,
            is_replicas: false,
        }
    }

    async fn optional(&self, step: Option<Ready<'_>>) -> Result<Option<Answer>, Error> {
        OptionFuture::from(step.map(|step| step.run(self.client))).await.transpose()
    }

    /// Ends the transaction, and undoes what it may have left in the session.
    async fn end(&self, end: End, left_behind: Option<Prepared>) -> (Result<(), Failure>, bool) {
        let checks = self.checks_constraints();
        let constraints = OptionFuture::from(checks.then(|| self.client.batch_execute(CHECK_CONSTRAINTS)));
        let text = match end {
            End::Commit => "COMMIT",
            End::Rollback => "ROLLBACK",
        };
        let ended = async {
            match self.transaction.resets_session {
                false => (self.client.batch_execute(text).await, true),
                true => end_and_reset(self.client, text, left_behind).await,
            }
        };
        let (checked, (ended, is_clean)) = future::join(constraints, ended).await;
        (checked.unwrap_or(Ok(())).and(ended).map_err(Failure::Statement), is_clean)
    }
}

/// BEGIN and the settings, to be sent with the first poll.
async fn begin<'c>(
    client: &'c Client,
    frame: &'c Frame<'_>,
    statements: &mut Statements,
) -> Result<impl Future<Output = Result<(), Failure>> + use<'c>, Failure> {
    // The login role prepares these, before the transaction.
    let text = frame.settings.text();
    let texts = [text, &*LEFT_BEHIND];
    let texts = if frame.resets_session { &texts[..] } else { &texts[..1] };
    prepare(client, statements, &LOGIN, texts).await.map_err(Failure::Begin)?;
    let prepared = statements.get(&LOGIN, text);
    Ok(async move {
        let settings = Ready::of_texts(text, frame.settings.values(), prepared);
        let (begun, set) =
            future::join(client.batch_execute(begin_text(frame.access, frame.isolation)), settings.run(client)).await;
        begun.map_err(Failure::Begin)?;
        set.map_err(Failure::Settings).map(drop)
    })
}

pub(super) fn begin_text(access: Access, isolation: Option<Isolation>) -> &'static str {
    // BEGIN alone is never refused. What a standby refuses, a write or a serializable snapshot, is asked for inside the
    // block: refused there, it leaves a failed block that runs nothing, where a refused BEGIN would leave none, and the
    // statement behind it would run outside of any transaction, as the login role.
    match (access, isolation) {
        (Access::ReadOnly, None) => "BEGIN READ ONLY",
        (Access::ReadOnly, Some(Isolation::ReadCommitted)) => "BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY",
        (Access::ReadOnly, Some(Isolation::RepeatableRead)) => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        (Access::ReadOnly, Some(Isolation::Serializable)) => {
            "BEGIN; SET TRANSACTION ISOLATION LEVEL SERIALIZABLE, READ ONLY"
        }
        (Access::ReadWrite, None) => "BEGIN; SET TRANSACTION READ WRITE",
        (Access::ReadWrite, Some(Isolation::ReadCommitted)) => {
            "BEGIN ISOLATION LEVEL READ COMMITTED; SET TRANSACTION READ WRITE"
        }
        (Access::ReadWrite, Some(Isolation::RepeatableRead)) => {
            "BEGIN ISOLATION LEVEL REPEATABLE READ; SET TRANSACTION READ WRITE"
        }
        (Access::ReadWrite, Some(Isolation::Serializable)) => {
            "BEGIN; SET TRANSACTION ISOLATION LEVEL SERIALIZABLE, READ WRITE"
        }
    }
}

/// Whether a text is in any column of any row.
fn any_has(rows: &[Row], text: &str) -> bool {
    let finder = memchr::memmem::Finder::new(text);
    rows.iter().any(|row| (0..row.len()).any(|index| row.get(index).is_some_and(|text| finder.find(text).is_some())))
}

/// The estimate in the answer to EXPLAIN (FORMAT JSON).
fn planned_rows(row: &Row) -> Option<i64> {
    let plans: serde_json::Value = serde_json::from_slice(row.get(0)?).ok()?;
    plans.pointer("/0/Plan/Plan Rows")?.as_i64()
}
