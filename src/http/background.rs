//! What the service does besides answering.

use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};

use super::{App, Reload, Service, StartError, maintenance};
use crate::{
    db::{Heard, Statistics},
    telemetry::metric,
};

/// How often the database's own figures are looked at.
const STATISTICS_EVERY: Duration = Duration::from_secs(30);
/// How often histograms are gathered and keys looked at.
const UPKEEP_EVERY: Duration = Duration::from_secs(5);
const KEYS_EVERY: Duration = Duration::from_secs(300);
/// How long a reload that failed waits before it is tried again.
const RELOAD_AGAIN: Duration = Duration::from_secs(1);

/// Sets the background tasks going.
pub(super) fn follow(service: &Service) -> Result<(), StartError> {
    for (kind, what) in
        [(SignalKind::user_defined1(), Reload::Catalog), (SignalKind::user_defined2(), Reload::Configuration)]
    {
        let (mut signals, service) = (signal(kind)?, service.clone());
        tokio::spawn(async move {
            while signals.recv().await.is_some() {
                service.want(what);
            }
        });
    }
    if let Some(channel) = service.app().config.api.channel.clone() {
        tokio::spawn(listen(service.clone(), channel));
    }
    tokio::spawn(reload(service.clone()));
    tokio::spawn(maintenance::by_clock(service.clone()));
    every(service, STATISTICS_EVERY, |app| async move { measure(&app).await });
    every(service, UPKEEP_EVERY, |app| async move { app.telemetry.upkeep() });
    every(service, KEYS_EVERY, |app| async move { app.authenticator.refresh_keys().await });
    Ok(())
}

/// PostgREST: references/listener.
async fn listen(service: Service, channel: String) {
    let mut notifications = service.app().control.listen(channel);
    loop {
        let heard = notifications.next().await;
        let payload = match &heard {
            Heard::Payload(payload) => payload.as_str(),
            // Whatever was missed while away.
            Heard::Resumed => "",
        };
        if matches!(payload, "" | "reload config") {
            service.want(Reload::Configuration);
        }
        if payload != "reload config" {
            service.want(Reload::Catalog);
        }
    }
}

/// Reloads what is wanted. A failure is logged, and tried again a little later where that may help.
async fn reload(service: Service) {
    loop {
        let what = service.wanted().await;
        let reloaded = match what {
            Reload::Configuration => service.reload_configuration().await,
            Reload::Catalog => service.app().catalogs.reload().await.map_err(StartError::from),
        };
        refresh_role_settings(&service.app()).await;
        if let Err(error) = reloaded {
            let name = match what {
                Reload::Configuration => "configuration",
                Reload::Catalog => "catalog",
            };
            tracing::error!(%error, "the {name} could not be reloaded; the old one stays");
            if error.may_pass() {
                tokio::time::sleep(RELOAD_AGAIN).await;
                service.want(what);
            }
        }
    }
}

/// Settings of roles may have changed with the catalog.
async fn refresh_role_settings(app: &App) {
    match app.control.role_settings(app.login.name.as_str()).await {
        Ok(settings) => app.database.set_role_settings(settings),
        Err(error) => tracing::warn!(%error, "settings of roles could not be read; the old ones stay"),
    }
}

fn every<F: Future<Output = ()> + Send>(service: &Service, period: Duration, work: impl Fn(App) -> F + Send + 'static) {
    let service = service.clone();
    tokio::spawn(async move {
        let mut ticks = tokio::time::interval(period);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            work(service.app()).await;
        }
    });
}

/// The database's own figures, as metrics.
async fn measure(app: &App) {
    let Statistics { schema_sizes, connections, replication_lag, .. } = match app.control.statistics().await {
        Ok(statistics) => statistics,
        Err(error) => return tracing::warn!(%error, "the database's figures could not be read"),
    };
    for (schema, bytes) in schema_sizes {
        metrics::gauge!(metric::DB_SCHEMA_SIZE, "schema" => schema).set(bytes as f64);
    }
    for (state, count) in connections {
        metrics::gauge!(metric::DB_CONNECTIONS, "state" => state).set(count as f64);
    }
    if let Some(lag) = replication_lag {
        metrics::gauge!(metric::DB_REPLICATION_LAG).set(lag);
    }
}
