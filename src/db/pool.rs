//! Connections, bounded in number, and waiting for them, bounded in number and time.
//!
//! In: a role that wants one. Out: a [`Lease`], or [`DbError::Busy`] at once where too many wait already. No role can
//! take them all: one that is slow, or waits for a locked table, leaves a fifth to the others.

use std::{
    collections::HashMap,
    future::poll_fn,
    sync::{
        Arc, Mutex, PoisonError, Weak,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    task::Poll,
    time::{Duration, Instant},
};

use deadpool::{
    Runtime,
    managed::{self, Metrics, PoolError, QueueMode, RecycleError, RecycleResult},
};
use metrics::{gauge, histogram};
use tokio::sync::Semaphore;

use super::{
    cache::Statements,
    connect::Server,
    connection::Connection,
    error::{DbError, RETRY_AFTER},
    lease::Lease,
};
use crate::{config::DatabaseConfig, name::RoleName};

/// How often idle connections are looked over.
const UPKEEP: Duration = Duration::from_secs(1);
/// Roles that are remembered although they run nothing.
const ROLES: usize = 1024;

/// The pool's state at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolStatus {
    /// Connections open.
    pub size: usize,
    /// Of these, how many serve nobody.
    pub idle: usize,
    /// Callers waiting for one.
    pub waiting: usize,
    /// Connections at most.
    pub max_size: usize,
}

/// Makes connections and decides which may be used again.
pub(super) struct Manager {
    pub(super) server: Server,
    statement_cache: AtomicUsize,
    max_lifetime: Duration,
    idle_timeout: Duration,
    /// Goes up when a connection was found dead, since the server may have restarted, or when all are to be replaced:
    /// none that is older is used again.
    generation: AtomicU64,
}

type Pooled = managed::Pool<Manager>;
pub(super) type Object = managed::Object<Manager>;

/// The pool of the data plane.
pub(super) struct Pool {
    connections: Pooled,
    acquire_timeout: Duration,
    max_waiting: usize,
    waiting: AtomicUsize,
    share: usize,
    roles: Mutex<HashMap<RoleName, Arc<Role>>>,
    /// Which replica it is of; the primary's is none's.
    replica: Option<Arc<str>>,
}

/// What one role has of the pool.
struct Role {
    running: Arc<Semaphore>,
    waiting: AtomicUsize,
}

impl managed::Manager for Manager {
    type Type = Connection;
    type Error = DbError;

    async fn create(&self) -> Result<Connection, DbError> {
        let generation = self.generation.load(Ordering::Acquire);
        let statements = Statements::new(self.statement_cache.load(Ordering::Relaxed));
        Ok(Connection::new(self.server.connect().await?, statements, generation))
    }

    async fn recycle(&self, connection: &mut Connection, metrics: &Metrics) -> RecycleResult<DbError> {
        if self.is_old(metrics) || connection.generation < self.generation.load(Ordering::Acquire) {
            return Err(RecycleError::message("expired"));
        }
        if poll_fn(|cx| Poll::Ready(connection.is_alive(cx))).await {
            return Ok(());
        }
        self.distrust(connection.generation);
        Err(RecycleError::message("closed by the server"))
    }
}

impl Manager {
    fn is_old(&self, metrics: &Metrics) -> bool {
        metrics.age() > self.max_lifetime || metrics.last_used() > self.idle_timeout
    }

    /// A connection of that generation is dead: none that old is used again.
    fn distrust(&self, generation: u64) {
        self.generation.fetch_max(generation + 1, Ordering::AcqRel);
    }
}

impl Pool {
    /// A pool without connections yet. Must be called inside a tokio runtime, which it uses for its upkeep.
    pub(super) fn new(server: Server, config: &DatabaseConfig, replica: Option<Arc<str>>) -> Arc<Self> {
        let size = config.pool_size.max(1);
        let manager = Manager {
            server,
            statement_cache: AtomicUsize::new(config.statement_cache),
            max_lifetime: config.pool_max_lifetime,
            idle_timeout: config.pool_idle_timeout,
            generation: AtomicU64::new(0),
        };
        let connections: Pooled = managed::Pool::builder(manager)
            .max_size(size)
            // The connection used last has the warmest caches; the others may grow old and be closed.
            .queue_mode(QueueMode::Lifo)
            .wait_timeout(Some(config.pool_acquire_timeout))
            .runtime(Runtime::Tokio1)
            .build()
            .expect("a pool with timeouts needs a runtime, and has one");
        let pool = Arc::new(Self {
            connections,
            acquire_timeout: config.pool_acquire_timeout,
            max_waiting: config.pool_max_waiting,
            waiting: AtomicUsize::new(0),
            share: size - size / 5,
            roles: Mutex::default(),
            replica,
        });
        tokio::spawn(keep(Arc::downgrade(&pool)));
        pool
    }

    /// A connection for a role.
    pub(super) async fn lease(&self, role: &RoleName) -> Result<Lease, DbError> {
        let started = Instant::now();
        let role = self.role(role);
        let busy = DbError::Busy { retry_after: RETRY_AFTER };
        let share = match role.running.clone().try_acquire_owned() {
            Ok(share) => share,
            Err(_) => {
                // A role may fill its share of the waiting places, as of the connections.
                let _waiting = Waiting::of(&role.waiting, (self.max_waiting * 4).div_ceil(5)).ok_or(busy.clone())?;
                let _all = Waiting::of(&self.waiting, self.max_waiting).ok_or(busy.clone())?;
                let wait = tokio::time::timeout(self.acquire_timeout, role.running.clone().acquire_owned());
                wait.await.ok().and_then(Result::ok).ok_or(busy)?
            }
        };
        let connection = self.connection().await?;
        histogram!("db_pool_wait_seconds").record(started.elapsed());
        Ok(Lease::new(connection, share))
    }

    async fn connection(&self) -> Result<Object, DbError> {
        let status = self.connections.status();
        let users = status.size - status.available + status.waiting;
        let has_free = users < status.max_size;
        let _waiting = match has_free {
            true => None,
            false => {
                let waiting = Waiting::of(&self.waiting, self.max_waiting);
                Some(waiting.ok_or(DbError::Busy { retry_after: RETRY_AFTER })?)
            }
        };
        self.connections.get().await.map_err(|error| match error {
            PoolError::Backend(error) => error,
            PoolError::Timeout(_) => DbError::Busy { retry_after: RETRY_AFTER },
            PoolError::Closed => DbError::unavailable("the pool is closed"),
            PoolError::NoRuntimeSpecified | PoolError::PostCreateHook(_) => DbError::Protocol(error.to_string()),
        })
    }

    fn role(&self, name: &RoleName) -> Arc<Role> {
        let mut roles = self.roles.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(role) = roles.get(name) {
            return role.clone();
        }
        if roles.len() >= ROLES {
            roles.retain(|_, role| Arc::strong_count(role) > 1 || role.running.available_permits() < self.share);
        }
        let role = Arc::new(Role { running: Arc::new(Semaphore::new(self.share)), waiting: AtomicUsize::new(0) });
        roles.insert(name.clone(), role.clone());
        role
    }

    /// Where its connections go to.
    pub(super) fn server(&self) -> &Server {
        &self.connections.manager().server
    }

    /// How many statements connections keep prepared. Those that are open are replaced when they come back.
    pub(super) fn set_statement_cache(&self, size: usize) {
        let manager = self.connections.manager();
        if manager.statement_cache.swap(size, Ordering::Relaxed) != size {
            manager.distrust(manager.generation.load(Ordering::Acquire));
        }
    }

    /// A connection was found dead in use.
    pub(super) fn distrust(&self, generation: u64) {
        self.connections.manager().distrust(generation);
    }

    /// Closes idle connections, and the others when they come back.
    pub(super) fn close(&self) {
        self.connections.close();
    }

    /// Which replica it is of, if it is one's.
    pub(super) fn replica(&self) -> Option<&Arc<str>> {
        self.replica.as_ref()
    }

    fn publish(&self) {
        let status = self.status();
        if let Some(replica) = &self.replica {
            return gauge!("db_replica_connections", "replica" => replica.to_string()).set(status.size as f64);
        }
        gauge!("db_pool_size").set(status.size as f64);
        gauge!("db_pool_idle").set(status.idle as f64);
        gauge!("db_pool_waiting").set(status.waiting as f64);
    }

    pub(super) fn status(&self) -> PoolStatus {
        let status = self.connections.status();
        let waiting = self.waiting.load(Ordering::Relaxed);
        PoolStatus { size: status.size, idle: status.available, waiting, max_size: status.max_size }
    }
}

/// A place in the queue, given back when it is dropped: whoever goes away leaves it to the next.
struct Waiting<'c>(&'c AtomicUsize);

impl<'c> Waiting<'c> {
    fn of(count: &'c AtomicUsize, max: usize) -> Option<Self> {
        let place = Self(count);
        (count.fetch_add(1, Ordering::AcqRel) < max).then_some(place)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

/// Closes what has been idle or open for too long and publishes the pool's state, until the pool is gone.
async fn keep(pool: Weak<Pool>) {
    let mut ticks = tokio::time::interval(UPKEEP);
    loop {
        ticks.tick().await;
        let Some(pool) = pool.upgrade() else { return };
        let manager = pool.connections.manager();
        pool.connections.retain(|_, metrics| !manager.is_old(&metrics));
        pool.publish();
    }
}
