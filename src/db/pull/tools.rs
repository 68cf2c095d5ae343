//! `pg_dump` and `pg_restore`: where they are, and how they get to a database.
//!
//! In: the usual places, a connection string. Out: a folder of programs, and their environment: what is secret is in no
//! argument. Refuses programs that are older than the server.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use percent_encoding::percent_decode_str;

use super::PullError;
use crate::{config::Secret, db::local};

/// The folder of the oldest programs that are as new as the server.
///
/// # Errors
/// [`PullError::NoTools`].
pub(super) fn find(configured: Option<&Path>, server: u32) -> Result<PathBuf, PullError> {
    let folders = configured.map_or_else(|| local::folders_with("pg_dump"), |bin| vec![bin.to_owned()]);
    let (mut found, mut looked_at) = (Vec::new(), Vec::new());
    for folder in folders {
        let program = folder.join("pg_dump");
        match major(&program) {
            Some(major) if major >= server && folder.join("pg_restore").is_file() => found.push((major, folder)),
            Some(major) => looked_at.push(format!("{} is version {major}", program.display())),
            None => {}
        }
    }
    // The first of several of one version.
    found
        .into_iter()
        .min_by_key(|(major, _)| *major)
        .map(|(_, folder)| folder)
        .ok_or(PullError::NoTools { server, looked_at })
}

/// `pg_dump (PostgreSQL) 16.14`: 16.
fn major(program: &Path) -> Option<u32> {
    let version = local::version(&local::said(Command::new(program).arg("--version")).ok()?)?;
    version.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

/// Variables of libpq for a URL.
///
/// # Errors
/// [`PullError::Url`]: it is no URL, or has a parameter that has no variable.
pub(super) fn environment(url: &Secret) -> Result<Vec<(&'static str, String)>, PullError> {
    // A message of the parser's could quote a part of it.
    let parsed = url::Url::parse(url.expose()).map_err(|_| PullError::Url("it is no URL".to_owned()))?;
    let is_postgres = matches!(parsed.scheme(), "postgres" | "postgresql");
    if !is_postgres {
        return Err(PullError::Url("it has not the form postgres://user:password@host:port/database".to_owned()));
    }
    let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let mut variables = vec![("PGHOST", decoded(parsed.host_str().unwrap_or("localhost")))];
    variables.extend(parsed.port().map(|port| ("PGPORT", port.to_string())));
    variables.push(("PGUSER", decoded(parsed.username())));
    variables.extend(parsed.password().map(|password| ("PGPASSWORD", decoded(password))));
    variables.push(("PGDATABASE", decoded(parsed.path().trim_start_matches('/'))));
    for (name, value) in parsed.query_pairs() {
        let variable = match &*name {
            "host" => "PGHOST",
            "port" => "PGPORT",
            "user" => "PGUSER",
            "password" => "PGPASSWORD",
            "dbname" => "PGDATABASE",
            "sslmode" | "ssl-mode" => "PGSSLMODE",
            "sslrootcert" | "ssl-root-cert" => "PGSSLROOTCERT",
            "options" => "PGOPTIONS",
            "application_name" => "PGAPPNAME",
            "connect_timeout" => "PGCONNECT_TIMEOUT",
            other => return Err(PullError::Url(format!("its parameter {other} is none that pg_dump knows"))),
        };
        variables.push((variable, value.into_owned()));
    }
    variables.retain(|(name, value)| !value.is_empty() || *name == "PGPASSWORD");
    Ok(variables)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_becomes_variables() {
        let of = |url: &str| environment(&Secret::new(url)).map_err(|error| error.to_string());
        let variables = of("postgres://us%40er:p%3Aw@%2Ftmp%2Fx:5433/d%20b?sslmode=require").unwrap();
        assert_eq!(
            variables,
            [
                ("PGHOST", "/tmp/x".to_owned()),
                ("PGPORT", "5433".to_owned()),
                ("PGUSER", "us@er".to_owned()),
                ("PGPASSWORD", "p:w".to_owned()),
                ("PGDATABASE", "d b".to_owned()),
                ("PGSSLMODE", "require".to_owned()),
            ]
        );
        for (url, reason) in [
            ("nowhere s3cret", "no URL"),
            ("mysql://a:s3cret@h/d", "not the form"),
            ("postgres://a:s3cret@h/d?pgbouncer=true", "pgbouncer"),
        ] {
            let error = of(url).unwrap_err();
            assert!(error.contains(reason) && !error.contains("s3cret"), "{error}");
        }
    }

    #[test]
    fn programs_older_than_the_server_will_not_do() {
        let error = find(Some(Path::new("/nowhere")), 999).unwrap_err().to_string();
        assert!(error.contains("999") && error.contains("POSTGRES_BIN"), "{error}");
    }
}
