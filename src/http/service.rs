//! The service in force, and its replacement.
//!
//! In: an [`App`], and another one when the configuration was reloaded. Out: the routes for the next request. A request
//! keeps the app it began with, so that its configuration, its catalog and its routes belong together.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use arc_swap::ArcSwap;
use axum::Router;
use tokio::sync::Notify;

use super::{App, admin_router, router, start::ReadConfig};

/// Changes that come in a burst, such as a migration's, make one reload.
const DEBOUNCE: Duration = Duration::from_millis(100);

/// A running service; a clone is the same.
#[derive(Clone)]
pub struct Service(Arc<Inner>);

struct Inner {
    current: ArcSwap<Current>,
    read: ReadConfig,
    wanted: Wanted,
}

/// What the next request gets.
struct Current {
    app: App,
    router: Router,
    admin_router: Router,
}

/// What can be read anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Reload {
    Configuration,
    Catalog,
}

impl Service {
    pub(super) fn new(app: App, read: ReadConfig) -> Self {
        let current = ArcSwap::from_pointee(Current::from(app));
        Self(Arc::new(Inner { current, read, wanted: Wanted::default() }))
    }

    /// What requests reach now.
    pub fn app(&self) -> App {
        self.0.current.load().app.clone()
    }

    /// The routes of the main port now.
    pub fn router(&self) -> Router {
        self.0.current.load().router.clone()
    }

    /// The routes of the admin port now.
    pub fn admin_router(&self) -> Router {
        self.0.current.load().admin_router.clone()
    }

    /// Requests that come from now on reach another app.
    pub(super) fn replace(&self, app: App) {
        self.0.current.store(Arc::new(Current::from(app)));
    }

    /// How the configuration is read.
    pub(super) fn read(&self) -> &ReadConfig {
        &self.0.read
    }

    /// Asks for a reload; several askings make one.
    pub fn want(&self, what: Reload) {
        self.0.wanted.put(what);
    }

    /// The reload that is wanted next.
    pub(super) async fn wanted(&self) -> Reload {
        self.0.wanted.next().await
    }
}

impl From<App> for Current {
    fn from(app: App) -> Self {
        Self { router: router(app.clone()), admin_router: admin_router(app.clone()), app }
    }
}

/// Reloads that were asked for and have not begun.
#[derive(Debug, Default)]
struct Wanted {
    configuration: AtomicBool,
    catalog: AtomicBool,
    asked: Notify,
}

impl Wanted {
    fn put(&self, what: Reload) {
        let wanted = match what {
            Reload::Configuration => &self.configuration,
            Reload::Catalog => &self.catalog,
        };
        wanted.store(true, Ordering::Release);
        self.asked.notify_one();
    }

    /// The configuration first: it says what the catalog is of.
    async fn next(&self) -> Reload {
        loop {
            if self.configuration.swap(false, Ordering::AcqRel) {
                return Reload::Configuration;
            }
            if self.catalog.swap(false, Ordering::AcqRel) {
                return Reload::Catalog;
            }
            self.asked.notified().await;
            tokio::time::sleep(DEBOUNCE).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn several_askings_make_one_reload_of_each_and_the_configuration_comes_first() {
        let wanted = Wanted::default();
        for what in [Reload::Catalog, Reload::Catalog, Reload::Configuration, Reload::Catalog] {
            wanted.put(what);
        }
        assert_eq!(wanted.next().await, Reload::Configuration);
        assert_eq!(wanted.next().await, Reload::Catalog);
        assert!(tokio::time::timeout(3 * DEBOUNCE, wanted.next()).await.is_err(), "no third");
        wanted.put(Reload::Catalog);
        assert_eq!(wanted.next().await, Reload::Catalog);
    }
}
