//! From a configuration to a service that can answer, and what it does besides answering.

use std::{sync::Arc, time::Duration};

use tokio::signal::unix::{SignalKind, signal};

use super::{App, Parts, system::Health};
use crate::{
    auth::{AuthConfigError, Authenticator},
    config::Config,
    db::{
        Catalogs, ConnectionStringError, Control, ControlError, Database, Exposure, Heard, LoginRole, ReloadError,
        Statistics, UnsafeLogin,
    },
    name::RoleName,
    plan::Mark,
    telemetry::{Telemetry, metric},
};

/// How often the database's own figures are looked at.
const STATISTICS_EVERY: Duration = Duration::from_secs(30);
/// How often histograms are gathered and keys looked at.
const UPKEEP_EVERY: Duration = Duration::from_secs(5);
const KEYS_EVERY: Duration = Duration::from_secs(300);

/// Why the service does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// No database is named.
    #[error("DATABASE_URL is not set")]
    NoDatabase,
    /// Its URL can't be used.
    #[error("DATABASE_URL: {0}")]
    Url(#[from] ConnectionStringError),
    /// It can't be reached.
    #[error("the database can't be reached: {0}")]
    Control(#[from] ControlError),
    /// Its catalog can't be read.
    #[error("the database's catalog can't be read: {0}")]
    Catalog(#[from] ReloadError),
    /// The login role is not one to serve with.
    #[error(transparent)]
    Login(#[from] UnsafeLogin),
    /// Tokens can't be verified as configured.
    #[error(transparent)]
    Auth(#[from] AuthConfigError),
    /// Signals can't be had.
    #[error("the process can't listen for signals: {0}")]
    Signal(#[from] std::io::Error),
}

/// Starts what answers: connects, proves that the role switch restricts, loads the catalog, and sets the background
/// tasks going. They end with the runtime.
///
/// # Errors
/// [`StartError`]: a service that can't prove it is safe does not start.
pub async fn start(config: Config, telemetry: Arc<Telemetry>) -> Result<App, StartError> {
    for unheeded in &config.unheeded {
        tracing::warn!("{unheeded}");
    }
    let url = config.database.url.clone().ok_or(StartError::NoDatabase)?;
    let control = Control::new(&url, config.database.connect_timeout)?;
    let database = Database::new(&url, &config.database, config.telemetry.slow_query)?;
    let LoginRole { name: login, time_zone } = database.verify(config.auth.anon_role.as_ref()).await?;
    database.set_role_settings(control.role_settings(login.as_str()).await?);
    let exposure = Exposure {
        schemas: config.api.schemas.clone(),
        extra_search_path: config.api.extra_search_path.clone(),
        hoisted_settings: config.api.hoisted_settings.clone(),
    };
    let catalogs = Catalogs::new(control.clone(), exposure, time_zone);
    catalogs.reload().await?;
    let authenticator = Authenticator::new(&config.auth)?.with_login_role(login.clone());
    authenticator.refresh_keys().await;
    let health = Health::default();
    let mark = Mark::random();
    let app = App::from(Parts { config, database, control, catalogs, authenticator, telemetry, health, mark });
    follow(&app, login)?;
    Ok(app)
}

/// The background tasks.
fn follow(app: &App, login: RoleName) -> Result<(), StartError> {
    let mut reload = signal(SignalKind::user_defined1())?;
    let signalled = app.clone();
    tokio::spawn(async move {
        while reload.recv().await.is_some() {
            signalled.catalogs.want_reload();
        }
    });
    if let Some(channel) = &app.config.api.channel {
        let mut notifications = app.control.listen(channel.clone());
        let listening = app.clone();
        tokio::spawn(async move {
            loop {
                match notifications.next().await {
                    Heard::Payload(payload) if payload == "reload config" => {}
                    // Anything else may have changed the catalog: a reload asked for, or what was missed while away.
                    Heard::Payload(_) | Heard::Resumed => listening.catalogs.want_reload(),
                }
            }
        });
    }
    let following = app.clone();
    tokio::spawn(async move { following.catalogs.follow(|| refresh_role_settings(&following, &login)).await });
    every(app, STATISTICS_EVERY, |app| async move { measure(&app).await });
    every(app, UPKEEP_EVERY, |app| async move { app.telemetry.upkeep() });
    every(app, KEYS_EVERY, |app| async move { app.authenticator.refresh_keys().await });
    Ok(())
}

/// Settings of roles may have changed with the catalog.
async fn refresh_role_settings(app: &App, login: &RoleName) {
    match app.control.role_settings(login.as_str()).await {
        Ok(settings) => app.database.set_role_settings(settings),
        Err(error) => tracing::warn!(%error, "settings of roles could not be read; the old ones stay"),
    }
}

fn every<F: Future<Output = ()> + Send>(app: &App, period: Duration, work: impl Fn(App) -> F + Send + 'static) {
    let app = app.clone();
    tokio::spawn(async move {
        let mut ticks = tokio::time::interval(period);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            work(app.clone()).await;
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
