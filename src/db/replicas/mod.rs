//! Hot standbys that reads may go to.
//!
//! In: a read, its caller, and where the log has to be. Out: its answer, or nothing where no replica will do: then the
//! primary is asked. A replica will do while it is known to have all that was committed up to a moment not longer ago than a
//! bound, all that its caller has written, and the log up to the position asked for. One that fails loses the read to the
//! primary, whose word counts.

mod history;
mod position;
mod watch;
mod writes;

use std::{
    hash::{DefaultHasher, Hash as _, Hasher as _},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use metrics::counter;
use tokio::sync::watch as channel;

pub use position::{NoPosition, Position};

use super::{ConnectionStringError, Control, ControlError, Database, DbError, connection::LONGEST_CANCEL};
use crate::{
    auth::Identity,
    config::{DatabaseConfig, Secret},
    name::RoleName,
};
use writes::{Write, Writes};

/// The replicas; a clone is the same ones.
#[derive(Clone)]
pub struct Replicas(Arc<Inner>);

struct Inner {
    replicas: Vec<Replica>,
    /// Whose turn it is.
    next: AtomicUsize,
    max_lag: Duration,
    writes: Writes,
}

/// A replica.
pub struct Replica {
    /// Its number in the configuration, from 1.
    label: Arc<str>,
    database: Database,
    control: Control,
    /// What was seen of it last; `None` while it will not do.
    state: channel::Sender<Option<Seen>>,
}

/// What was seen of a replica.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Seen {
    /// Up to where it has replayed the log.
    replayed: Position,
    /// All that was committed before is there.
    as_of: Option<Instant>,
}

/// How a replica is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplicaStatus {
    /// Its number in the configuration, from 1.
    pub label: Arc<str>,
    /// It can be reached.
    pub is_there: bool,
    /// Reads may go there.
    pub is_in_use: bool,
    /// How far it is behind at most; `None` where that is not known.
    pub lag: Option<Duration>,
}

/// Why there are no replicas of that configuration.
#[derive(Debug, thiserror::Error)]
pub enum ReplicaError {
    /// A URL that the data plane can't use.
    #[error("{0}")]
    Url(#[from] ConnectionStringError),
    /// A URL that the control plane can't use.
    #[error("{0}")]
    Control(#[from] ControlError),
}

impl Replicas {
    /// The replicas of a configuration, beside the primary's data plane. None of them is used before
    /// [`Replicas::watch`] has found that it will do.
    ///
    /// # Errors
    /// [`ReplicaError`]: a URL can't be used.
    pub fn new(config: &DatabaseConfig, primary: &Database) -> Result<Self, ReplicaError> {
        let make = |(index, url): (usize, &Secret)| -> Result<Replica, ReplicaError> {
            let label: Arc<str> = (index + 1).to_string().into();
            Ok(Replica {
                database: primary.replica(url, config, label.clone())?,
                control: Control::new(url, config.connect_timeout)?,
                label,
                state: channel::Sender::new(None),
            })
        };
        let replicas = config.replicas.iter().enumerate().map(make).collect::<Result<_, _>>()?;
        let (next, max_lag, writes) = (AtomicUsize::new(0), config.replica_max_lag, Writes::default());
        Ok(Self(Arc::new(Inner { replicas, next, max_lag, writes })))
    }

    /// Begins to look at them. Must be called inside a tokio runtime, whose tasks end with the replicas.
    pub fn watch(&self, primary: &Control, anon_role: Option<&RoleName>) {
        if !self.are_none() {
            watch::begin(&self.0, primary, anon_role);
        }
    }

    /// There is none.
    pub fn are_none(&self) -> bool {
        self.0.replicas.is_empty()
    }

    /// A caller has written, and the log was there afterwards: its reads go where that is. Where no position is known, they
    /// go where all is that was committed until now.
    pub fn note(&self, caller: &Identity, position: Option<Position>) {
        let write = match position {
            Some(position) => Write { position, by: None },
            None => Write { by: Some(Instant::now()), ..Write::default() },
        };
        self.0.writes.note(number(caller), write);
    }

    /// A caller may have written what nobody waits for any more: the server may still commit it.
    pub fn note_unfinished(&self, caller: &Identity) {
        self.0.writes.note(number(caller), Write { by: Some(Instant::now() + LONGEST_CANCEL), ..Write::default() });
    }

    /// A replica that will do, if there is one: each in its turn.
    pub fn choose(&self, caller: &Identity, after: Option<Position>) -> Option<&Replica> {
        let Inner { replicas, next, max_lag, writes } = &*self.0;
        let (first, caller) = (next.fetch_add(1, Ordering::Relaxed), number(caller));
        let turns = (0..replicas.len()).map(|turn| first.wrapping_add(turn) % replicas.len());
        turns.filter_map(|index| replicas.get(index)).find(|replica| {
            (*replica.state.borrow()).is_some_and(|seen| {
                seen.as_of.is_some_and(|as_of| as_of.elapsed() <= *max_lag)
                    && after.is_none_or(|position| seen.replayed >= position)
                    && writes.are_in(&seen, caller)
            })
        })
    }

    /// How each of them is.
    pub fn status(&self) -> Vec<ReplicaStatus> {
        let status = |replica: &Replica| {
            let seen = *replica.state.borrow();
            let lag = seen.and_then(|seen| seen.as_of).map(|as_of| as_of.elapsed());
            let is_in_use = lag.is_some_and(|lag| lag <= self.0.max_lag);
            ReplicaStatus { label: replica.label.clone(), is_there: seen.is_some(), is_in_use, lag }
        };
        self.0.replicas.iter().map(status).collect()
    }

    /// How many prepared statements connections keep, from now on (`DB_STATEMENT_CACHE`).
    pub fn set_statement_cache(&self, size: usize) {
        self.0.replicas.iter().for_each(|replica| replica.database.set_statement_cache(size));
    }

    /// Closes the pools, as [`Database::close`] does.
    pub async fn close(&self, within: Duration) {
        futures_util::future::join_all(self.0.replicas.iter().map(|replica| replica.database.close(within))).await;
    }
}

impl Replica {
    /// Its data plane.
    pub fn database(&self) -> &Database {
        &self.database
    }

    /// Waits for the answer to a read of its data plane, for as long as it is not lost. `None` where the read has to be
    /// repeated on the primary, because it failed, whatever the reason; but a statement that ran out of its own time is not
    /// repeated.
    pub async fn answer<T>(&self, read: impl Future<Output = Result<T, DbError>>) -> Option<Result<T, DbError>> {
        let mut state = self.state.subscribe();
        let answer = tokio::select! {
            answer = read => answer,
            _ = state.wait_for(Option::is_none) => Err(DbError::unavailable("the replica was lost")),
        };
        let is_kept = answer.as_ref().err().is_none_or(|error| error.code() == QUERY_CANCELED);
        let result = if is_kept { "answered" } else { "repeated" };
        counter!("db_replica_reads_total", "replica" => self.label.to_string(), "result" => result).increment(1);
        if let Err(error) = &answer {
            tracing::debug!(replica = %self.label, reason = error.reason(), result, "a read failed on a replica");
        }
        is_kept.then_some(answer)
    }
}

/// Postgres: `query_canceled`, by `statement_timeout` or for a client that has gone.
const QUERY_CANCELED: &str = "57014";

/// A caller by role, organisation and person: all tokens of one are the same caller.
fn number(caller: &Identity) -> u64 {
    let mut hasher = DefaultHasher::new();
    (caller.role.as_str(), &*caller.organisation, &*caller.person).hash(&mut hasher);
    hasher.finish()
}
