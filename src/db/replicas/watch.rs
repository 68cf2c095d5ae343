//! Looks at replicas, again and again, and says which will do.
//!
//! In: the primary's log and that of each replica. Out: what each has replayed, or why it will not do. Refuses a server that
//! can't be reached in time, is no standby, or is one of another cluster or database; and one to which requests could not
//! log in safely. What is refused is not asked, and what was being asked of it is given up.

use std::{
    sync::{Arc, Mutex, PoisonError, Weak},
    time::{Duration, Instant},
};

use metrics::gauge;

use super::{Inner, Position, Replica, Seen, history::History};
use crate::{
    db::{Control, ControlError, UnsafeLogin},
    name::RoleName,
};

/// How long a look may take.
const PATIENCE: Duration = Duration::from_secs(1);

/// Why a replica will not do.
#[derive(Debug, thiserror::Error)]
enum Unfit {
    #[error("it does not answer: {0}")]
    Silent(#[from] ControlError),
    #[error("it did not answer in time")]
    Late,
    #[error("it is no standby")]
    NoStandby,
    #[error("it is a server of its own, not a standby of this primary, or its URL names another database")]
    Stranger,
    #[error("{0}")]
    Login(#[from] UnsafeLogin),
    #[error("the primary has not been seen yet")]
    NoPrimary,
}

/// What is known of the primary.
#[derive(Default)]
struct Primary {
    history: History,
    /// Its cluster and database.
    identity: Option<String>,
}

/// Sets a task going for the primary, and one for each replica. They end with the replicas.
pub(super) fn begin(inner: &Arc<Inner>, primary: &Control, anon_role: Option<&RoleName>) {
    let known = Arc::new(Mutex::new(Primary::default()));
    let period = (inner.max_lag / 4).clamp(Duration::from_millis(20), Duration::from_millis(500));
    tokio::spawn(sample(Arc::downgrade(inner), primary.clone(), known.clone(), period));
    for index in 0..inner.replicas.len() {
        tokio::spawn(look(Arc::downgrade(inner), index, known.clone(), anon_role.cloned(), period));
    }
}

async fn sample(inner: Weak<Inner>, primary: Control, known: Arc<Mutex<Primary>>, period: Duration) {
    while inner.strong_count() > 0 {
        let before = Instant::now();
        match tokio::time::timeout(PATIENCE, primary.flushed()).await {
            Ok(Ok((position, identity))) => {
                let mut known = known.lock().unwrap_or_else(PoisonError::into_inner);
                known.history.add(before, position);
                known.identity = Some(identity);
            }
            // Nobody is known to be near a primary that is not there; others say that it isn't.
            Ok(Err(error)) => tracing::debug!(%error, "the primary's position is not known"),
            Err(_) => tracing::debug!("the primary's position was not told in time"),
        }
        tokio::time::sleep(period).await;
    }
}

async fn look(
    inner: Weak<Inner>,
    index: usize,
    known: Arc<Mutex<Primary>>,
    anon_role: Option<RoleName>,
    period: Duration,
) {
    let (mut is_safe, mut told) = (false, None);
    loop {
        let Some(inner) = inner.upgrade() else { return };
        let Some(replica) = inner.replicas.get(index) else { return };
        let looked = tokio::time::timeout(PATIENCE, replica.look(&known, &mut is_safe, anon_role.as_ref())).await;
        let looked = looked.unwrap_or(Err(Unfit::Late));
        let seen = looked.as_ref().ok().copied();
        is_safe &= seen.is_some();
        replica.state.send_replace(seen);
        replica.tell(looked.err().map(|unfit| unfit.to_string()), &mut told);
        replica.measure(inner.max_lag);
        drop(inner);
        tokio::time::sleep(period).await;
    }
}

impl Replica {
    async fn look(
        &self,
        known: &Mutex<Primary>,
        is_safe: &mut bool,
        anon_role: Option<&RoleName>,
    ) -> Result<Seen, Unfit> {
        let (replayed, identity) = self.control.replayed().await?;
        let replayed = replayed.ok_or(Unfit::NoStandby)?;
        if !*is_safe {
            self.database.verify(anon_role).await?;
            *is_safe = true;
        }
        let known = known.lock().unwrap_or_else(PoisonError::into_inner);
        match &known.identity {
            Some(primary) if *primary == identity => Ok(Seen { replayed, as_of: known.history.as_of(replayed) }),
            Some(_) => Err(Unfit::Stranger),
            None => Err(Unfit::NoPrimary),
        }
    }

    /// Says once that it will not do, and once that it does again.
    fn tell(&self, unfit: Option<String>, told: &mut Option<String>) {
        match (&unfit, &*told) {
            (Some(reason), before) if before.as_ref() != Some(reason) => {
                tracing::warn!(replica = %self.label, %reason, "a replica is not used; the primary answers");
            }
            (None, Some(_)) => tracing::info!(replica = %self.label, "a replica is there"),
            _ => {}
        }
        *told = unfit;
    }

    fn measure(&self, max_lag: Duration) {
        let seen = *self.state.borrow();
        let lag = seen.and_then(|seen| seen.as_of).map(|as_of| as_of.elapsed());
        let label = self.label.to_string();
        gauge!("db_replica_lag_seconds", "replica" => label.clone()).set(lag.map_or(f64::NAN, |lag| lag.as_secs_f64()));
        let is_in_use = lag.is_some_and(|lag| lag <= max_lag);
        gauge!("db_replica_in_use", "replica" => label).set(if is_in_use { 1.0 } else { 0.0 });
    }
}

impl Control {
    /// Up to where the log is safe, and of which cluster and database it is.
    async fn flushed(&self) -> Result<(Position, String), ControlError> {
        let mut connection = self.system("position of the primary").await?;
        let (position, identity): (String, String) = sqlx::query_as(
            "SELECT pg_catalog.pg_current_wal_flush_lsn()::text, \
              system_identifier::text || ' ' || pg_catalog.current_database() \
             FROM pg_catalog.pg_control_system()",
        )
        .persistent(false)
        .fetch_one(&mut *connection)
        .await?;
        Ok((position.parse().unwrap_or_default(), identity))
    }

    /// Up to where a standby has replayed the log, nothing where it is none; and of which cluster and database it is.
    async fn replayed(&self) -> Result<(Option<Position>, String), ControlError> {
        let mut connection = self.system("position of a replica").await?;
        let (position, identity): (Option<String>, String) = sqlx::query_as(
            "SELECT CASE WHEN pg_catalog.pg_is_in_recovery() THEN pg_catalog.pg_last_wal_replay_lsn()::text END, \
              system_identifier::text || ' ' || pg_catalog.current_database() \
             FROM pg_catalog.pg_control_system()",
        )
        .persistent(false)
        .fetch_one(&mut *connection)
        .await?;
        Ok((position.and_then(|position| position.parse().ok()), identity))
    }
}
