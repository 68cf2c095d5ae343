//! A database that is made, looked at, and dropped.
//!
//! In: a connection that may create databases. Out: an empty database beside the one that it is connected to. Refuses
//! nothing: that databases can't be created is an answer. What a run that was killed left behind is dropped by the next.

use sqlx::{AssertSqlSafe, ConnectOptions as _, PgConnection, postgres::PgConnectOptions};

/// How every such database is called, before the time it was made at and the process that made it.
const PREFIX: &str = "tekup_verify_throwaway_";

/// Left behind: made a minute ago or earlier, and nobody is connected. Who makes one connects at once.
const LEFT_BEHIND: &str = "
    select format('drop database if exists %I', datname)
    from pg_catalog.pg_database d
    where datname ~ ('^' || $1 || '[0-9]{10}_[0-9]+$')
        and split_part(substr(datname, length($1) + 1), '_', 1)::bigint < extract(epoch from clock_timestamp()) - 60
        and not exists (select from pg_catalog.pg_stat_activity a where a.datid = d.oid)";

/// Whether the role may create databases.
const MAY_CREATE: &str = "select rolsuper or rolcreatedb from pg_catalog.pg_roles where rolname = current_user";

/// A database to be dropped.
pub(super) struct Throwaway {
    name: String,
}

impl Throwaway {
    /// Makes one; `None` where the role may not.
    pub(super) async fn create(connection: &mut PgConnection) -> Result<Option<Self>, sqlx::Error> {
        if !sqlx::query_scalar(MAY_CREATE).fetch_one(&mut *connection).await? {
            return Ok(None);
        }
        let left: Vec<String> = sqlx::query_scalar(LEFT_BEHIND).bind(PREFIX).fetch_all(&mut *connection).await?;
        for drop in left {
            // Another run may have been faster.
            let _ = sqlx::raw_sql(AssertSqlSafe(drop)).execute(&mut *connection).await;
        }
        let now: i64 = sqlx::query_scalar("select extract(epoch from clock_timestamp())::bigint")
            .fetch_one(&mut *connection)
            .await?;
        let name = format!("{PREFIX}{now}_{}", unique());
        sqlx::raw_sql(AssertSqlSafe(format!("create database {name} template template0"))).execute(connection).await?;
        Ok(Some(Self { name }))
    }

    /// Connects to it.
    pub(super) async fn connect(&self, options: &PgConnectOptions) -> Result<PgConnection, sqlx::Error> {
        options.clone().database(&self.name).connect().await
    }

    /// Drops it, whoever is connected. Not by force at first: Postgres itself sends vacuum away, which is a superuser's process
    /// that another role may not end.
    pub(super) async fn remove(self, connection: &mut PgConnection) -> Result<(), sqlx::Error> {
        let drop = format!("drop database if exists {}", self.name);
        if sqlx::raw_sql(AssertSqlSafe(drop.clone())).execute(&mut *connection).await.is_err() {
            sqlx::raw_sql(AssertSqlSafe(drop + " with (force)")).execute(connection).await?;
        }
        Ok(())
    }
}

/// A number that no other run has at the same second.
fn unique() -> u64 {
    use std::{
        process,
        sync::atomic::{AtomicU64, Ordering},
    };
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    u64::from(process::id()) * 1000 + NUMBER.fetch_add(1, Ordering::Relaxed) % 1000
}
