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
    if let Some(address) = server.admin {
        let admin = tokio::net::TcpListener::bind(address).await?;
        let (router, server, stop) = (http::admin_router(app.clone()), server.clone(), http::server::stop_signal()?);
        tokio::spawn(async move { http::server::serve(admin, router, &server, stop).await });
    }
    http::server::serve(listener, http::router(app), &server, http::server::stop_signal()?).await;
    Ok(())
}
