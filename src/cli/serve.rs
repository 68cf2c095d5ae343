//! `tekup-db serve`: the service, on the database that is configured or on one of its own.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use tokio::net::TcpListener;

use super::{Failure, embedded::Embedded};
use crate::{
    config::{Config, DatabaseSetting, OsEnv},
    http::{self, App, tls::Tls},
    telemetry,
};

/// How long statements that were cut off may take to be cancelled.
const CANCEL_TIMEOUT: Duration = Duration::from_secs(2);

/// Options of `serve`.
#[derive(Debug, clap::Args)]
pub struct Args {}

/// Serves until SIGTERM or SIGINT, then drains. Without `DATABASE_URL` it starts a PostgreSQL in `DATA_DIR`, brings its
/// schemas up to date, loads the demo data where it is empty, prints tokens to call with, and stops it at the end.
///
/// # Errors
/// The certificate can't be used, the address is taken, the database can't be reached, or something is unsafe to serve with.
pub async fn run(_: Args, config: Config) -> Result<(), Failure> {
    let telemetry = Arc::new(telemetry::init(&config.telemetry)?);
    // From here on, a signal during the start stops it in order too.
    let stop = http::server::stop_signal()?;
    let server = config.server.clone();
    let tls = server.tls.as_ref().map(|files| Tls::open(files, http::tls::LOOK_EVERY)).transpose()?;
    let listener = TcpListener::bind(server.address).await.map_err(|error| taken(server.address, &error))?;
    let address = listener.local_addr()?;
    let admin = match server.admin {
        Some(address) => Some(TcpListener::bind(address).await.map_err(|error| taken(address, &error))?),
        None => None,
    };
    let embedded = match config.database.url {
        None => Some(Embedded::start(&config).await?),
        Some(_) => None,
    };
    let own = embedded.as_ref().map(Embedded::access);
    let read = move |settings: &[DatabaseSetting]| {
        let mut config = Config::read_with(&OsEnv, settings)?;
        if let Some(own) = &own {
            own.put_into(&mut config);
        }
        Ok(config)
    };
    let started = http::start(Box::new(read), telemetry).await;
    let served = match started {
        Ok(service) => {
            announce(&service.app(), address, embedded.as_ref());
            if let Some(admin) = admin {
                let (service, server, stop) = (service.clone(), server.clone(), http::server::stop_signal()?);
                let router = move || service.admin_router();
                tokio::spawn(async move { http::server::serve(admin, None, router, &server, stop).await });
            }
            let serving = service.clone();
            http::server::serve(listener, tls, move || serving.router(), &server, stop).await;
            // What was cut off is still being cancelled.
            let app = service.app();
            tokio::join!(app.database.close(CANCEL_TIMEOUT), app.replicas.close(CANCEL_TIMEOUT));
            Ok(())
        }
        Err(error) => Err(error.into()),
    };
    if let Some(embedded) = embedded {
        embedded.stop().await?;
    }
    served
}

fn taken(address: SocketAddr, error: &std::io::Error) -> Failure {
    format!("can't listen on {address}: {error}; HOST and PORT choose another address").into()
}

/// Says where the service is, and how to call it.
fn announce(app: &App, address: SocketAddr, embedded: Option<&Embedded>) {
    let host = match address.ip() {
        ip if ip.is_unspecified() || ip.is_loopback() => "localhost".to_owned(),
        ip => ip.to_string(),
    };
    let scheme = if app.config.server.tls.is_some() { "https" } else { "http" };
    let url = format!("{scheme}://{host}:{}", address.port());
    tracing::info!(%url, version = env!("CARGO_PKG_VERSION"), "serving");
    let Some(embedded) = embedded else { return };
    println!("\nTekup data service {} on {url}", env!("CARGO_PKG_VERSION"));
    println!("  docs     {url}/docs");
    println!("  openapi  {url}/openapi.json");
    println!("  health   {url}/health");
    println!("  metrics  {url}/metrics\n");
    match embedded.tokens(&app.config.auth) {
        Ok(tokens) => {
            println!("Tokens of the sample company, good for a day:\n");
            for token in &tokens {
                println!("  {}\n  {}\n", token.about, token.text);
            }
            if let Some(token) = tokens.iter().find(|token| token.role == "renos_app") {
                println!("Try:\n\n  curl -H 'Authorization: Bearer {}' \\", token.text);
                println!("    '{url}/renos/leads?select=id,name,status&order=created_at.desc&limit=3'\n");
            }
        }
        Err(error) => tracing::warn!(%error, "no tokens can be made"),
    }
}
