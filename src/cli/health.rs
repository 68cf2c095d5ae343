//! `tekup-db health`: for HEALTHCHECK lines, scripts and people.

use std::time::Duration;

use serde_json::Value;

use super::{Failure, ask, token};
use crate::config::{Config, OsEnv, ServerConfig, Surface};

/// Options of `health`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Address of the service's health route [default: the one that the environment configures]
    #[arg(long)]
    url: Option<String>,
    /// Ask for migrations, schemas, the pool and long statements too; needs the secret that tokens are signed with
    #[arg(long)]
    detail: bool,
    /// Print the answer as it came: JSON
    #[arg(long)]
    json: bool,
    /// How long the answer may take
    #[arg(long, value_name = "SECONDS", default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=3600))]
    timeout: u64,
}

/// Where a service of this configuration says how it is. PostgREST's API alone has no route for that, so its root is
/// asked, which fails with the database.
fn url_of(server: &ServerConfig) -> String {
    let (address, path) = match (server.admin, &server.surface) {
        (Some(admin), _) => (admin, "/health"),
        (None, Surface::Whole { .. }) => (server.address, "/health"),
        (None, Surface::PostgrestAlone) => (server.address, "/"),
    };
    let scheme = if server.tls.is_some() && server.admin.is_none() { "https" } else { "http" };
    format!("{scheme}://{}{path}", ask::reachable(address))
}

/// Prints how the service is; fails unless it says that it is healthy.
///
/// # Errors
/// No address is given and the configuration is bad; no token can be made for `--detail`; the service doesn't answer in
/// time, or says that it is not healthy.
pub fn run(args: Args) -> Result<(), Failure> {
    // With an address, a bad configuration is none of its business, unless a token has to be made.
    let config = if args.url.is_none() || args.detail { Some(Config::read(&OsEnv)?) } else { None };
    let is_ours = args.url.is_none();
    let mut url = match (args.url, &config) {
        (Some(url), _) => url,
        (None, Some(config)) => url_of(&config.server),
        (None, None) => return Err("no address is known".into()),
    };
    let token = match (&config, args.detail) {
        (Some(config), true) => {
            url = format!("{}/detail", url.trim_end_matches('/'));
            Some(token::of_operator(config)?)
        }
        _ => None,
    };
    let answer = ask::get(&url, is_ours, token.as_deref(), Duration::from_secs(args.timeout))?;
    let is_root = url.ends_with('/');
    if !is_root || answer.status >= 500 {
        println!("{}", if args.json { answer.body.clone() } else { told(&answer.body) });
    }
    match answer.status {
        200 => Ok(()),
        // The root may be closed to those without a token, or at all: that says nothing of its health.
        401 | 403 | 404 if is_root => Ok(()),
        status => Err(format!("unhealthy: {url} answered {status}").into()),
    }
}

/// An answer for people: its fields, a line each. What is no JSON object stays as it is.
fn told(body: &str) -> String {
    let Ok(Value::Object(fields)) = serde_json::from_str(body) else { return body.to_owned() };
    let plain = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let width = fields.keys().map(String::len).max().unwrap_or(0);
    let lines: Vec<_> = fields.iter().map(|(name, value)| format!("{name:<width$}  {}", plain(value))).collect();
    lines.join("\n")
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

    #[test]
    fn an_answer_is_told_in_lines() {
        let body = r#"{"status":"healthy","pool":{"size":1}}"#;
        assert_eq!(told(body), "status  healthy\npool    {\"size\":1}");
        assert_eq!(told("alive"), "alive");
    }
}
