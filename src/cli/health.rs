//! `tekup-db health`: for HEALTHCHECK lines and scripts.

use std::time::Duration;

use super::Failure;

/// Options of `health`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Address of the service's health route
    #[arg(long, default_value_t = default_url())]
    url: String,
}

fn default_url() -> String {
    let port = std::env::var("PORT").unwrap_or_else(|_| "8080".to_owned());
    format!("http://127.0.0.1:{port}/health")
}

/// Prints the answer; fails unless the service says that it is healthy.
///
/// # Errors
/// The service doesn't answer within 5 seconds, or says that it is unhealthy.
pub fn run(args: &Args) -> Result<(), Failure> {
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .timeout_global(Some(Duration::from_secs(5)))
        .http_status_as_error(false)
        .build()
        .into();
    let mut response = agent.get(&args.url).call().map_err(|error| format!("{} does not answer: {error}", args.url))?;
    println!("{}", response.body_mut().read_to_string()?);
    match response.status().as_u16() {
        200 => Ok(()),
        status => Err(format!("unhealthy: {} answered {status}", args.url).into()),
    }
}
