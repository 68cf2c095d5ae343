//! first form
use super::Failure;
use crate::{auth::Authenticator, config::Config, db::*, http, telemetry};
use std::sync::Arc;
/// Options.
#[derive(Debug, clap::Args)]
pub struct Args {}
/// Serves.
pub async fn run(_: Args, config: Config) -> Result<(), Failure> {
    let telemetry = Arc::new(telemetry::init(&config.telemetry)?);
    let config = Arc::new(config);
    let url = config.database.url.clone().ok_or("DATABASE_URL")?;
    let control = Control::new(&url)?;
    let database = Database::new(&url, &config.database, config.telemetry.slow_query)?;
    let catalogs = Arc::new(Catalogs::new(control.clone(), Exposure { schemas: config.api.schemas.clone(), extra_search_path: config.api.extra_search_path.clone(), hoisted_settings: vec![] }));
    catalogs.reload().await?;
    let authenticator = Arc::new(Authenticator::new(&config.auth)?);
    let app = http::App { config: config.clone(), database, control, catalogs, authenticator, telemetry, health: Arc::default() };
    let listener = tokio::net::TcpListener::bind(config.server.address).await?;
    http::server::serve(listener, http::router(app), &config.server, http::server::stop_signal()?).await;
    Ok(())
}
