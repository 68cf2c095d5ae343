//! The connections that there are, and whether all instances' fit.
//!
//! In: the pool's size and the number of instances. Out: nothing, or a refusal with the size that would fit. Found at the start,
//! since it shows otherwise in the middle of a deploy, when old and new instances hold their connections side by side. A standby
//! is not asked: it has at least the primary's `max_connections` (PostgreSQL: hot-standby), the same limits of database and role,
//! and is wanted no more of.

use super::{Control, ControlError};

/// Connections of the control plane: two that ask, one that listens.
const OWN: usize = super::control::CONNECTIONS as usize + 1;

/// What the database lets this login have: `max_connections` without those that are reserved, the database's own limit, the
/// role's. PostgreSQL: runtime-config-connection, CREATE DATABASE, CREATE ROLE.
const AVAILABLE: &str = "
    SELECT greatest(least(
        current_setting('max_connections')::bigint - current_setting('superuser_reserved_connections')::bigint
            - coalesce(nullif(current_setting('reserved_connections', true), ''), '0')::bigint,
        (SELECT nullif(datconnlimit, -1) FROM pg_catalog.pg_database WHERE datname = current_database()),
        (SELECT nullif(rolconnlimit, -1) FROM pg_catalog.pg_roles WHERE rolname = current_user)
    ), 0)::bigint";

/// The instances want more connections than there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OverBudget {
    pool_size: usize,
    instances: usize,
    available: usize,
}

impl std::fmt::Display for OverBudget {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { pool_size, instances, available } = *self;
        let wanted = (pool_size + OWN).saturating_mul(instances);
        write!(
            f,
            "DB_POOL_SIZE: {instances} instances (DB_INSTANCES) of {pool_size} connections and {OWN} besides want {wanted}, and \
             the database gives {available}: "
        )?;
        match (available / instances).saturating_sub(OWN) {
            0 => write!(f, "it has to give more"),
            fits => write!(f, "DB_POOL_SIZE up to {fits} fits"),
        }?;
        write!(f, ", or set DB_INSTANCES to how many run at once; 0 where a pooler between has the connections")
    }
}

impl std::error::Error for OverBudget {}

/// Whether the pools of so many instances fit into what is available; 0 instances always do.
fn check(pool_size: usize, instances: usize, available: usize) -> Result<(), OverBudget> {
    match (pool_size + OWN).saturating_mul(instances) > available {
        true => Err(OverBudget { pool_size, instances, available }),
        false => Ok(()),
    }
}

impl Control {
    /// Whether the pools of so many instances fit into what the database gives this login.
    ///
    /// # Errors
    /// The database can't be reached.
    pub async fn budget(&self, pool_size: usize, instances: usize) -> Result<Result<(), OverBudget>, ControlError> {
        if instances == 0 {
            return Ok(Ok(()));
        }
        let mut connection = self.system("connections that there are").await?;
        let available: i64 = sqlx::query_scalar(AVAILABLE).persistent(false).fetch_one(&mut *connection).await?;
        Ok(check(pool_size, instances, usize::try_from(available).unwrap_or_default()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fits_is_said() {
        assert_eq!((check(10, 2, 97), check(45, 2, 96), check(1000, 0, 5)), (Ok(()), Ok(()), Ok(())));
        let told = |pool, instances, available| check(pool, instances, available).unwrap_err().to_string();
        let refused = told(46, 2, 97);
        assert!(refused.contains("want 98, and the database gives 97: DB_POOL_SIZE up to 45 fits"), "{refused}");
        assert!(told(1, 2, 5).contains("gives 5: it has to give more"));
        assert!(told(usize::MAX - OWN, 2, 5).contains("gives 5"));
    }
}
