//! A running service, asked over HTTP by a command.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    time::Duration,
};

use super::Failure;

/// An answer.
pub struct Answer {
    /// Its status.
    pub status: u16,
    /// Its body, as text.
    pub body: String,
}

/// Where an address that a service listens on is reached from the same machine.
pub fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

/// Gets a URL, with a token where one is given. A service of this machine's own is asked by its address, which no certificate
/// names: `is_ours` does without.
///
/// # Errors
/// Nothing listens there, or doesn't answer in time.
pub fn get(url: &str, is_ours: bool, token: Option<&str>, timeout: Duration) -> Result<Answer, Failure> {
    let tls = ureq::tls::TlsConfig::builder().disable_verification(is_ours).build();
    let config =
        ureq::Agent::config_builder().tls_config(tls).timeout_global(Some(timeout)).http_status_as_error(false);
    let agent = ureq::Agent::from(config.build());
    let mut request = agent.get(url);
    if let Some(token) = token {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    let mut response = request.call().map_err(|error| silent(url, &error, timeout))?;
    Ok(Answer { status: response.status().as_u16(), body: response.body_mut().read_to_string()? })
}

/// Why there is no answer, and what to do.
fn silent(url: &str, error: &ureq::Error, timeout: Duration) -> String {
    match error {
        ureq::Error::Timeout(_) => format!("{url} does not answer within {} seconds", timeout.as_secs_f64()),
        ureq::Error::Io(error) if error.kind() == std::io::ErrorKind::ConnectionRefused => {
            format!(
                "nothing listens at {url}: start the service with tekup-db serve, or say where it is by HOST and PORT"
            )
        }
        error => format!("{url} does not answer: {error}"),
    }
}
