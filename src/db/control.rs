//! Control plane, first form.
use super::catalogs::Exposure;
use crate::{catalog::INTROSPECT, config::Secret};
use sqlx::{Executor as _, Row as _, postgres::{PgPool, PgPoolOptions}};
use std::time::Duration;

/// Control plane.
#[derive(Clone, Debug)]
pub struct Control { pool: PgPool }

/// Failure.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct ControlError(String);
impl From<sqlx::Error> for ControlError { fn from(e: sqlx::Error) -> Self { Self(e.to_string()) } }

impl Control {
    /// Connects.
    pub fn new(url: &Secret) -> Result<Self, ControlError> {
        Ok(Self { pool: PgPoolOptions::new().max_connections(2).connect_lazy(url.expose())? })
    }
    /// Introspects.
    pub async fn introspect(&self, exposure: &Exposure) -> Result<String, ControlError> {
        let mut tx = self.pool.begin().await?;
        tx.execute("set local search_path to ''").await?;
        let names = |s: &[crate::name::SchemaName]| s.iter().map(ToString::to_string).collect::<Vec<_>>();
        let row = sqlx::query(INTROSPECT).bind(names(&exposure.schemas)).bind(names(&exposure.extra_search_path)).bind(&exposure.hoisted_settings).fetch_one(&mut *tx).await?;
        Ok(row.try_get(0)?)
    }
    /// Pings.
    pub async fn ping(&self, _t: Duration) -> Result<(), ControlError> { self.pool.execute("select 1").await?; Ok(()) }
}
