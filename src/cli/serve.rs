//! first form
use super::Failure;
use crate::{config::Config, http, telemetry};
use std::sync::Arc;
/// Options.
#[derive(Debug, clap::Args)]
pub struct Args {}
/// Serves.
pub async fn run(_: Args, config: Config) -> Result<(), Failure> {
    let telemetry = Arc::new(telemetry::init(&config.telemetry)?);
    let server = config.server.clone();
    let listener = tokio::net::TcpListener::bind(server.address).await?;
    let app = http::start(config, telemetry).await?;
    http::server::serve(listener, http::router(app), &server, http::server::stop_signal()?).await;
    Ok(())
}
