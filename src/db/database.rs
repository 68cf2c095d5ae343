//! The data plane: every client request goes through here.

use std::{
    hash::{DefaultHasher, Hash as _, Hasher as _},
    sync::Arc,
    time::{Duration, Instant},
};

use arc_swap::ArcSwap;
use metrics::{counter, histogram};
use tokio::sync::Semaphore;
use tracing::Instrument as _;

use super::{
    Access, Isolation, Outcome, Session, Streamed, Transaction,
    connect::{ConnectionStringError, Login, Server},
    error::{DbError, RETRY_AFTER, is_lost},
    failure::Failure,
    lease::Lease,
    pool::{Pool, PoolStatus},
    run::{Frame, run},
    settings::{OfRole, RoleSettings, Settings},
    stream::{Inlet, outlet},
};
use crate::{
    auth::Identity,
    config::{DatabaseConfig, Secret},
    name::RoleName,
};

/// A database that statements can be run in as somebody. Clones share one pool.
#[derive(Clone)]
pub struct Database(Arc<Inner>);

struct Inner {
    pool: Arc<Pool>,
    /// Of the cluster, so a replica has the primary's.
    role_settings: Arc<ArcSwap<RoleSettings>>,
    slow_query: Duration,
    /// Transactions that hand on their rows, and so last as long as somebody takes them: half of the connections.
    streams: Arc<Semaphore>,
}

impl Database {
    /// A data plane that connects to `url` when the first request comes; `slow_query` is what is logged as slow. Must
    /// be called inside a tokio runtime.
    ///
    /// # Errors
    /// The URL can't be used.
    pub fn new(url: &Secret, config: &DatabaseConfig, slow_query: Duration) -> Result<Self, ConnectionStringError> {
        Self::of(url, config, slow_query, Arc::default(), None)
    }

    /// The data plane of a replica of this one's database, with connections of its own.
    ///
    /// # Errors
    /// The URL can't be used.
    pub(super) fn replica(
        &self,
        url: &Secret,
        config: &DatabaseConfig,
        label: Arc<str>,
    ) -> Result<Self, ConnectionStringError> {
        Self::of(url, config, self.0.slow_query, self.0.role_settings.clone(), Some(label))
    }

    fn of(
        url: &Secret,
        config: &DatabaseConfig,
        slow_query: Duration,
        role_settings: Arc<ArcSwap<RoleSettings>>,
        replica: Option<Arc<str>>,
    ) -> Result<Self, ConnectionStringError> {
        let login =
            config.authenticator_password.clone().map(|password| Login { role: "authenticator".to_owned(), password });
        let server = Server::parse(url, login.as_ref(), config.connect_timeout)?;
        let streams = Arc::new(Semaphore::new((config.pool_size / 2).max(1)));
        let pool = Pool::new(server, config, replica);
        Ok(Self(Arc::new(Inner { pool, role_settings, slow_query, streams })))
    }

    /// Runs a transaction as somebody, in one round trip.
    ///
    /// # Errors
    /// [`DbError`]; everything is rolled back then, unless the connection was lost while COMMIT was on its way. A read
    /// that met a dead connection, and a transaction whose prepared statement had become stale, are repeated once.
    pub async fn run(&self, identity: &Identity, transaction: Transaction) -> Result<Outcome, DbError> {
        self.run_once_or_twice(identity, transaction).await.inspect_err(|error| self.count(error))
    }

    async fn run_once_or_twice(&self, identity: &Identity, transaction: Transaction) -> Result<Outcome, DbError> {
        let role_settings = self.0.role_settings.load();
        let frame = Frame::of(identity, &role_settings, &transaction);
        let failure = match self.attempt(&frame, &transaction).await? {
            Ok(outcome) => return Ok(outcome),
            Err(failure) => failure,
        };
        if !failure.may_be_repeated(transaction.access) {
            return Err(failure.into_error(&identity.role));
        }
        self.attempt(&frame, &transaction).await?.map_err(|failure| failure.into_error(&identity.role))
    }

    async fn attempt(&self, frame: &Frame<'_>, transaction: &Transaction) -> Result<Result<Outcome, Failure>, DbError> {
        let mut lease = self.lease(frame.role).await?;
        let started = Instant::now();
        let outcome = run(&mut lease, frame, transaction, None).await;
        self.observe(&transaction.main.text, transaction.access, started.elapsed());
        if let Err(failure) = &outcome {
            self.learn(&mut lease, failure);
        }
        Ok(outcome)
    }

    /// Runs a read as somebody whose rows may be many: they are handed on while they come. Who takes none for as long as
    /// `patience` loses them. Must be called inside a tokio runtime, whose task goes on with the transaction.
    ///
    /// # Errors
    /// [`DbError`], as of [`Database::run`], before the first rows are there; [`DbError::Busy`] where half of the
    /// connections hand on rows already.
    pub async fn stream(
        &self,
        identity: Arc<Identity>,
        read: Transaction,
        patience: Duration,
    ) -> Result<Streamed, DbError> {
        let streamed = self.stream_once_or_twice(&identity, &Arc::new(read), patience).await;
        streamed.inspect_err(|error| self.count(error))
    }

    async fn stream_once_or_twice(
        &self,
        identity: &Arc<Identity>,
        read: &Arc<Transaction>,
        patience: Duration,
    ) -> Result<Streamed, DbError> {
        let failure = match self.begin_stream(identity, read, patience).await? {
            Ok(streamed) => return Ok(streamed),
            Err(failure) => failure,
        };
        if !failure.may_be_repeated(read.access) {
            return Err(failure.into_error(&identity.role));
        }
        self.begin_stream(identity, read, patience).await?.map_err(|failure| failure.into_error(&identity.role))
    }

    async fn begin_stream(
        &self,
        identity: &Arc<Identity>,
        read: &Arc<Transaction>,
        patience: Duration,
    ) -> Result<Result<Streamed, Failure>, DbError> {
        let mut lease = self.lease(read.role.as_ref().unwrap_or(&identity.role)).await?;
        let started = Instant::now();
        let (outlet, Inlet { begun, rest }) = outlet(patience);
        let (database, identity, transaction) = (self.clone(), identity.clone(), read.clone());
        let work = async move {
            let role_settings = database.0.role_settings.load_full();
            let frame = Frame::of(&identity, &role_settings, &transaction);
            let ran = tokio::select! {
                ran = run(&mut lease, &frame, &transaction, Some(&outlet)) => ran,
                () = outlet.closed() => return Ok(Outcome::default()),
            };
            if let Err(failure) = &ran {
                database.learn(&mut lease, failure);
            }
            // The connection is free before the last rows are taken.
            drop(lease);
            if outlet.has_begun() {
                let ended = ran.map(drop).map_err(|failure| failure.into_error(&identity.role)).inspect_err(count);
                tokio::select! {
                    () = outlet.end(ended) => {}
                    () = outlet.closed() => {}
                }
                return Ok(Outcome::default());
            }
            ran
        };
        let whole = tokio::spawn(work.in_current_span());
        let streamed = match begun.await {
            Ok(outcome) => {
                let share = self.0.streams.clone().try_acquire_owned();
                let share = share.map_err(|_| DbError::Busy { retry_after: RETRY_AFTER })?;
                Ok(Streamed::Begun(outcome, rest.holding(share)))
            }
            Err(_) => match whole.await {
                Ok(ran) => ran.map(Streamed::Whole),
                Err(error) => return Err(DbError::Protocol(error.to_string())),
            },
        };
        self.observe(&read.main.text, read.access, started.elapsed());
        Ok(streamed)
    }

    /// Starts a transaction that several requests of somebody take part in. Each costs a round trip or two.
    ///
    /// # Errors
    /// [`DbError`].
    pub async fn begin(&self, identity: &Identity, isolation: Option<Isolation>) -> Result<Session, DbError> {
        self.begin_once_or_twice(identity, isolation).await.inspect_err(count)
    }

    async fn begin_once_or_twice(&self, identity: &Identity, isolation: Option<Isolation>) -> Result<Session, DbError> {
        match Session::begin(self.clone(), self.lease(&identity.role).await?, isolation).await {
            // The connection was dead, and nothing has happened yet.
            Err(failure) if failure.is_unanswered() => {}
            begun => return begun.map_err(|failure| failure.into_error(&identity.role)),
        }
        let begun = Session::begin(self.clone(), self.lease(&identity.role).await?, isolation).await;
        begun.map_err(|failure| failure.into_error(&identity.role))
    }

    pub(super) fn pool(&self) -> &Pool {
        &self.0.pool
    }

    async fn lease(&self, role: &RoleName) -> Result<Lease, DbError> {
        self.0.pool.lease(role).await
    }

    /// What a failure says about connections and prepared statements.
    pub(super) fn learn(&self, lease: &mut Lease, failure: &Failure) {
        let connection = lease.connection();
        if failure.is_stale() {
            connection.statements.clear();
        }
        if is_lost(failure.error()) {
            self.0.pool.distrust(connection.generation);
        }
    }

    /// Counts a failure; but a replica's is none yet, since the primary is asked then.
    fn count(&self, error: &DbError) {
        if self.0.pool.replica().is_none() {
            count(error);
        }
    }

    /// Metrics, and a line in the log for what was slow: it names the statement, never its values.
    pub(super) fn observe(&self, text: &str, access: Access, duration: Duration) {
        let access = match access {
            Access::ReadOnly => "read",
            Access::ReadWrite => "write",
        };
        histogram!("db_query_seconds", "access" => access).record(duration);
        if duration >= self.0.slow_query {
            counter!("db_slow_queries_total").increment(1);
            let fingerprint = fingerprint(text);
            tracing::warn!(db.fingerprint = %fingerprint, db.duration_ms = duration.as_millis() as u64, "slow query");
            tracing::debug!(db.fingerprint = %fingerprint, db.statement = text, "text of the slow query");
        }
    }

    pub(super) fn role_settings(&self) -> Arc<RoleSettings> {
        self.0.role_settings.load_full()
    }

    /// Whether a role's own settings name a time zone, which its transactions then are in.
    pub fn sets_time_zone(&self, role: &RoleName) -> bool {
        self.0.role_settings.load().of(role).is_some_and(OfRole::sets_time_zone)
    }

    /// What `ALTER ROLE … SET` says, from now on.
    pub fn set_role_settings(&self, settings: RoleSettings) {
        self.0.role_settings.store(Arc::new(settings));
    }

    /// How many prepared statements connections keep, from now on (`DB_STATEMENT_CACHE`).
    pub fn set_statement_cache(&self, size: usize) {
        self.0.pool.set_statement_cache(size);
    }

    /// The pool's state.
    pub fn pool_status(&self) -> PoolStatus {
        self.0.pool.status()
    }

    /// Closes the pool: idle connections at once, the others when their transaction has ended or is cancelled, for
    /// which it waits so long. New callers are refused.
    pub async fn close(&self, within: Duration) {
        let started = Instant::now();
        self.0.pool.close();
        while self.pool_status().size > 0 && started.elapsed() < within {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

impl<'t> Frame<'t> {
    pub(super) fn of(identity: &'t Identity, role_settings: &'t RoleSettings, transaction: &'t Transaction) -> Self {
        let role = transaction.role.as_ref().unwrap_or(&identity.role);
        let of_role = role_settings.of(role);
        Self {
            role,
            access: transaction.access,
            isolation: isolation(of_role, transaction),
            settings: Settings::new(identity, role, of_role, &transaction.settings),
            resets_session: transaction.resets_session,
        }
    }
}

impl std::fmt::Debug for Database {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Database").field(&self.pool_status()).finish()
    }
}

/// The isolation level that a transaction asks for. Page and total are of one snapshot, and so are a row that was looked at
/// and the one that is written.
pub(super) fn isolation(of_role: Option<&OfRole>, transaction: &Transaction) -> Option<Isolation> {
    let asked = transaction.isolation.or(of_role.and_then(|of_role| of_role.isolation));
    let is_one = transaction.count.is_some() || transaction.precondition.is_some();
    if is_one { asked.max(Some(Isolation::RepeatableRead)) } else { asked }
}

/// Counts a failure.
pub(super) fn count(error: &DbError) {
    counter!("db_errors_total", "kind" => error.code().to_owned()).increment(1);
}

/// A name for a statement's text that is the same whenever the text is.
fn fingerprint(text: &str) -> String {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}
