//! The catalog in use, and its reload.
//!
//! In: what is exposed. Out: the current [`Catalog`], swapped whole: a request keeps the one it took. Reloads are
//! single-flight; the old catalog serves meanwhile and stays when one fails.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use arc_swap::ArcSwapOption;
use tokio::sync::Mutex;

use super::{Control, ControlError};
use crate::{
    catalog::{Catalog, CatalogError, INTROSPECT},
    name::SchemaName,
};

/// What the catalog is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exposure {
    /// Exposed schemas.
    pub schemas: Vec<SchemaName>,
    /// Schemas whose functions may be computed fields too.
    pub extra_search_path: Vec<SchemaName>,
    /// Settings of functions that are applied to their transaction.
    pub hoisted_settings: Vec<String>,
}

/// Why a catalog could not be loaded.
#[derive(Debug, thiserror::Error)]
pub enum ReloadError {
    /// The database did not answer.
    #[error(transparent)]
    Control(#[from] ControlError),
    /// Its answer was not understood.
    #[error(transparent)]
    Catalog(#[from] CatalogError),
}

/// The current catalog.
#[derive(Debug)]
pub struct Catalogs {
    current: ArcSwapOption<(Instant, Arc<Catalog>)>,
    control: Control,
    exposure: Exposure,
    time_zone: String,
    loading: Mutex<()>,
}

impl Catalogs {
    /// None yet: [`Catalogs::reload`] loads it. `time_zone` is that of the data plane's sessions.
    pub fn new(control: Control, exposure: Exposure, time_zone: String) -> Self {
        Self { current: ArcSwapOption::empty(), control, exposure, time_zone, loading: Mutex::new(()) }
    }

    /// The catalog in use; `None` before the first was loaded.
    pub fn current(&self) -> Option<Arc<Catalog>> {
        self.current.load().as_ref().map(|loaded| loaded.1.clone())
    }

    /// How long ago it was loaded.
    pub fn age(&self) -> Option<Duration> {
        self.current.load().as_ref().map(|loaded| loaded.0.elapsed())
    }

    /// What it is made of.
    pub fn exposure(&self) -> &Exposure {
        &self.exposure
    }

    /// Loads the catalog and puts it into use.
    ///
    /// # Errors
    /// The database did not answer, or not in the form expected; the old catalog stays.
    pub async fn reload(&self) -> Result<(), ReloadError> {
        let _single = self.loading.lock().await;
        let started = Instant::now();
        let result = self.load().await;
        let label = if result.is_ok() { "ok" } else { "error" };
        metrics::counter!("catalog_reloads_total", "result" => label).increment(1);
        let catalog = result?;
        tracing::info!(
            relations = catalog.relations.len(),
            routines = catalog.routines.len(),
            milliseconds = started.elapsed().as_secs_f64() * 1000.0,
            "catalog loaded"
        );
        self.current.store(Some(Arc::new((Instant::now(), Arc::new(catalog)))));
        Ok(())
    }

    async fn load(&self) -> Result<Catalog, ReloadError> {
        let Exposure { schemas, extra_search_path, hoisted_settings } = &self.exposure;
        let document = self.control.introspect(INTROSPECT, schemas, extra_search_path, hoisted_settings).await?;
        // Thousands of relations take long enough to hold up the requests that share a thread with it.
        let parsed = tokio::task::spawn_blocking(move || Catalog::from_json(&document)).await;
        let mut catalog = parsed.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()))?;
        catalog.server.time_zone.clone_from(&self.time_zone);
        let missing = schemas.iter().filter(|name| catalog.schemas.iter().all(|schema| schema.name != **name));
        for schema in missing {
            tracing::warn!(%schema, "DB_SCHEMAS names a schema that the database does not have");
        }
        Ok(catalog)
    }
}
