//! A connection string as libpq's environment, for PostgreSQL's own programs.
//!
//! In: a URL as sqlx reads it. Out: variables, so that neither a password nor anything else is among a program's arguments,
//! where every user of the machine could read it. What the URL doesn't say stays as the environment has it, as in sqlx.

use sqlx::postgres::{PgConnectOptions, PgSslMode};
use url::Url;

use crate::config::Secret;

/// Variables that say otherwise than the URL, and would win.
pub(super) const IN_THE_WAY: [&str; 3] = ["PGHOSTADDR", "PGSERVICE", "PGSERVICEFILE"];

/// The variables; `None` where the URL can't be read.
pub(super) fn environment(url: &Secret) -> Option<Vec<(&'static str, String)>> {
    let options: PgConnectOptions = url.expose().parse().ok()?;
    let parsed = Url::parse(url.expose()).ok()?;
    let host =
        options.get_socket().map_or(options.get_host().to_owned(), |socket| socket.to_string_lossy().into_owned());
    let mut variables = vec![
        ("PGHOST", host),
        ("PGPORT", options.get_port().to_string()),
        ("PGUSER", options.get_username().to_owned()),
        ("PGSSLMODE", mode(options.get_ssl_mode()).to_owned()),
        ("PGAPPNAME", "tekup-db backup".to_owned()),
    ];
    variables.extend(options.get_database().map(|database| ("PGDATABASE", database.to_owned())));
    variables.extend(options.get_options().map(|options| ("PGOPTIONS", options.to_owned())));
    let password = parsed.password().and_then(|password| {
        percent_encoding::percent_decode_str(password).decode_utf8().ok().map(std::borrow::Cow::into_owned)
    });
    variables.extend(password.map(|password| ("PGPASSWORD", password)));
    for (name, value) in parsed.query_pairs() {
        let variable = match &*name {
            "password" => "PGPASSWORD",
            "sslrootcert" | "ssl-root-cert" | "ssl-ca" => "PGSSLROOTCERT",
            "sslcert" | "ssl-cert" => "PGSSLCERT",
            "sslkey" | "ssl-key" => "PGSSLKEY",
            _ => continue,
        };
        variables.push((variable, value.into_owned()));
    }
    let has_root =
        variables.iter().any(|(name, _)| *name == "PGSSLROOTCERT") || std::env::var_os("PGSSLROOTCERT").is_some();
    if !has_root && matches!(options.get_ssl_mode(), PgSslMode::VerifyFull) {
        // Without a file sqlx takes the platform's authorities; libpq has a word for them since version 16.
        variables.push(("PGSSLROOTCERT", "system".to_owned()));
    }
    Some(variables)
}

fn mode(mode: PgSslMode) -> &'static str {
    match mode {
        PgSslMode::Disable => "disable",
        PgSslMode::Allow => "allow",
        PgSslMode::Prefer => "prefer",
        PgSslMode::Require => "require",
        PgSslMode::VerifyCa => "verify-ca",
        PgSslMode::VerifyFull => "verify-full",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(url: &str) -> Vec<(&'static str, String)> {
        let mut variables = environment(&Secret::new(url)).unwrap();
        variables.retain(|(name, _)| *name != "PGAPPNAME");
        variables.sort();
        variables
    }

    #[test]
    fn a_url_is_taken_apart() {
        let url = "postgres://us%40er:p%2Fw@db.example:6432/te%20kup?sslmode=verify-full&sslrootcert=%2Fetc%2Fca.pem";
        let expected = [
            ("PGDATABASE", "te kup"),
            ("PGHOST", "db.example"),
            ("PGPASSWORD", "p/w"),
            ("PGPORT", "6432"),
            ("PGSSLMODE", "verify-full"),
            ("PGSSLROOTCERT", "/etc/ca.pem"),
            ("PGUSER", "us@er"),
        ];
        assert_eq!(of(url), expected.map(|(name, value)| (name, value.to_owned())));
    }

    #[test]
    fn a_socket_is_a_host() {
        let variables = of("postgres://me@%2Fvar%2Frun:5432/tekup");
        assert!(variables.contains(&("PGHOST", "/var/run".to_owned())), "{variables:?}");
        assert!(!variables.iter().any(|(name, _)| *name == "PGPASSWORD"));
    }

    #[test]
    fn parameters_are_kept() {
        let variables =
            of("postgres://h/d?user=u&password=a%26b&sslmode=require&options=-c%20a.b%3D1&sslkey=k&sslcert=c");
        for pair in
            [("PGUSER", "u"), ("PGPASSWORD", "a&b"), ("PGOPTIONS", "-c a.b=1"), ("PGSSLKEY", "k"), ("PGSSLCERT", "c")]
        {
            assert!(variables.contains(&(pair.0, pair.1.to_owned())), "{variables:?}");
        }
        assert_eq!(environment(&Secret::new("no url")), None);
    }
}
