//! `tekup-db health`: for HEALTHCHECK lines and scripts.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    time::Duration,
};

use super::Failure;
use crate::config::{Config, OsEnv, ServerConfig, Surface};

/// Options of `health`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Address of the service's health route [default: the one that the environment configures]
    #[arg(long)]
    url: Option<String>,
}

/// Where a service of this configuration says how it is. PostgREST's API alone has no route for that, so its root is
/// asked, which fails with the database.
fn url_of(server: &ServerConfig) -> String {
    let (address, path) = match (server.admin, &server.surface) {
        (Some(admin), _) => (admin, "/health"),
        (None, Surface::Whole { .. }) => (server.address, "/health"),
        (None, Surface::PostgrestAlone) => (server.address, "/"),
    };
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    let scheme = if server.tls.is_some() && server.admin.is_none() { "https" } else { "http" };
    format!("{scheme}://{}{path}", SocketAddr::new(ip, address.port()))
}

/// Prints the answer; fails unless the service says that it is healthy.
///
/// # Errors
/// No address is given and the configuration is bad; the service doesn't answer within 5 seconds, or says that it is
/// unhealthy.
pub fn run(args: Args) -> Result<(), Failure> {
    let (url, is_ours) = match args.url {
        Some(url) => (url, false),
        None => (url_of(&Config::read(&OsEnv)?.server), true),
    };
    // Ours is asked by its address, which no certificate names.
    let tls = ureq::tls::TlsConfig::builder().disable_verification(is_ours).build();
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .tls_config(tls)
        .timeout_global(Some(Duration::from_secs(5)))
        .http_status_as_error(false)
        .build()
        .into();
    let mut response = agent.get(&url).call().map_err(|error| format!("{url} does not answer: {error}"))?;
    let (status, is_root) = (response.status(), url.ends_with('/'));
    if !is_root || status.is_server_error() {
        println!("{}", response.body_mut().read_to_string()?);
    }
    match status.as_u16() {
        200 => Ok(()),
        // The root may be closed to those without a token, or at all: that says nothing of its health.
        401 | 403 | 404 if is_root => Ok(()),
        status => Err(format!("unhealthy: {url} answered {status}").into()),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn url(variables: &[(&str, &str)]) -> String {
        let env: BTreeMap<_, _> = variables.iter().copied().collect();
        url_of(&Config::read(&env).unwrap().server)
    }

    #[test]
    fn the_health_of_the_service_that_is_configured_is_asked_for() {
        assert_eq!(url(&[]), "http://127.0.0.1:8080/health");
        assert_eq!(url(&[("HOST", "::"), ("PORT", "81")]), "http://[::1]:81/health");
        assert_eq!(url(&[("HOST", "0.0.0.0"), ("ADMIN_PORT", "82")]), "http://127.0.0.1:82/health");
        let tls = [("TLS_CERT_FILE", "cert.pem"), ("TLS_KEY_FILE", "key.pem")];
        assert_eq!(url(&tls), "https://127.0.0.1:8080/health");
        assert_eq!(url(&[&tls[..], &[("ADMIN_PORT", "82")]].concat()), "http://127.0.0.1:82/health");
        let drop_in = [("PGRST_DB_URI", "postgres://u@127.0.0.1/d"), ("PGRST_DB_ANON_ROLE", "anon")];
        assert_eq!(url(&drop_in), "http://127.0.0.1:3000/");
        assert_eq!(url(&[&drop_in[..], &[("PGRST_ADMIN_SERVER_PORT", "83")]].concat()), "http://127.0.0.1:83/health");
    }
}
