//! `tekup-db token`: prints a token for a role, signed with the configured secret.

use std::{
    io::{self, Write},
    time::Duration,
};

use serde_json::Value;

use super::{Failure, embedded};
use crate::{
    auth::{self, Grant, MintError},
    config::Config,
};

/// What the token says.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Role to run as, such as renos_app.
    #[arg(long)]
    role: String,
    /// Organisation that row security compares: the claim org_id.
    #[arg(long, value_name = "ID")]
    org: Option<String>,
    /// Person: the claim sub.
    #[arg(long, value_name = "ID")]
    sub: Option<String>,
    /// How long it is valid: 90s, 15m, 1h, 30d, or never.
    #[arg(long, value_name = "TIME", default_value = "1h", value_parser = lifetime)]
    expires: Lifetime,
    /// Another claim; the value is JSON where it parses as JSON, else text. May be given more than once.
    #[arg(long = "claim", value_name = "NAME=VALUE", value_parser = claim)]
    claims: Vec<(String, Value)>,
}

/// `None` is for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Lifetime(Option<Duration>);

/// Prints the token and nothing else on standard output.
///
/// # Errors
/// Where no shared secret is configured, or the role has another place in the claims.
pub fn run(args: Args, config: &Config) -> Result<(), Failure> {
    let token = token(&args, &with_secret(config)?, (auth::system_clock())())?;
    Ok(writeln!(io::stdout(), "{token}")?)
}

/// A token of `service_role` that is good for a minute, for a command that asks the service something.
///
/// # Errors
/// As [`run`].
pub fn of_operator(config: &Config) -> Result<String, Failure> {
    let grant = Grant { role: "service_role", lifetime: Some(60), ..Grant::default() };
    Ok(auth::mint(&with_secret(config)?.auth, grant, (auth::system_clock())())?)
}

/// The configuration, with the secret that `serve` made for its own database where none is configured.
fn with_secret(config: &Config) -> Result<Config, Failure> {
    let mut config = config.clone();
    let is_embedded = config.database.url.is_none();
    if is_embedded && config.auth.secret.is_none() && config.auth.jwks_file.is_none() && config.auth.jwks_url.is_none()
    {
        config.auth.secret = Some(embedded::secret(&config.database.data_dir)?);
    }
    Ok(config)
}

fn token(args: &Args, config: &Config, now: u64) -> Result<String, MintError> {
    let grant = Grant {
        role: &args.role,
        organisation: args.org.as_deref(),
        person: args.sub.as_deref(),
        lifetime: args.expires.0.map(|time| time.as_secs()),
        claims: args.claims.iter().cloned().collect(),
    };
    auth::mint(&config.auth, grant, now)
}

fn lifetime(text: &str) -> Result<Lifetime, String> {
    if text == "never" {
        return Ok(Lifetime(None));
    }
    let wanted = || "a whole number and a unit, such as 90s, 15m, 1h or 30d, or never".to_owned();
    let (number, unit) = text.split_at_checked(text.len().saturating_sub(1)).ok_or_else(wanted)?;
    let seconds: u64 = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        _ => return Err(wanted()),
    };
    let number = number.parse::<u32>().ok().filter(|number| *number > 0).ok_or_else(wanted)?;
    Ok(Lifetime(Some(Duration::from_secs(seconds * u64::from(number)))))
}

fn claim(text: &str) -> Result<(String, Value), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => {
            Ok((name.to_owned(), serde_json::from_str(value).unwrap_or_else(|_| value.into())))
        }
        _ => Err("a name, an equals sign and a value, such as plan=pro".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use clap::Parser;

    use super::*;
    use crate::auth::Authenticator;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        args: Args,
    }

    fn args(line: &str) -> Result<Args, clap::Error> {
        Line::try_parse_from(line.split_whitespace()).map(|line| line.args)
    }

    #[tokio::test]
    async fn a_minted_token_is_accepted_until_it_expires() {
        let env = [("JWT_SECRET", "a secret of the tests that is long enough"), ("JWT_AUD", "tekup")];
        let config = Config::read(&BTreeMap::from(env)).unwrap();
        let line = "token --role renos_app --org o1 --sub p1 --expires 15m --claim plan=pro --claim seats=3";
        let token = token(&args(line).unwrap(), &config, 1_000_000).unwrap();
        let header = format!("Bearer {token}");
        let at = |now| Authenticator::with_clock(&config.auth, std::sync::Arc::new(move || now)).unwrap();
        let identity = at(1_000_000).identify(Some(header.as_bytes())).await.unwrap();
        assert_eq!((&identity.role, &*identity.organisation, &*identity.person), (&"renos_app".into(), "o1", "p1"));
        let claims = r#"{"role":"renos_app","org_id":"o1","sub":"p1","aud":"tekup","iat":1000000,"exp":1000900,"plan":"pro","seats":3}"#;
        assert_eq!(&*identity.claims, claims);
        assert!(at(1_000_930).identify(Some(header.as_bytes())).await.is_ok());
        assert!(at(1_000_931).identify(Some(header.as_bytes())).await.is_err());
    }

    #[test]
    fn times_and_claims_are_read() {
        let seconds = |text| lifetime(text).map(|lifetime| lifetime.0.map(|time| time.as_secs()));
        assert_eq!(seconds("90s"), Ok(Some(90)));
        assert_eq!(seconds("30d"), Ok(Some(2_592_000)));
        assert_eq!(seconds("never"), Ok(None));
        for wrong in ["", "1", "h", "1w", "-1h", "0h", "1.5h", "1h30m", "9999999999d", "1\u{e6}"] {
            assert!(lifetime(wrong).is_err(), "{wrong}");
        }
        assert_eq!(claim("a=1"), Ok(("a".to_owned(), 1.into())));
        assert_eq!(claim("a=b=c"), Ok(("a".to_owned(), "b=c".into())));
        assert!(claim("a").is_err() && claim("=a").is_err());
        assert!(args("token").is_err(), "a role must be given");
    }

    #[test]
    fn without_a_secret_it_says_what_to_set() {
        let config = Config::read(&BTreeMap::new()).unwrap();
        let error = token(&args("token --role anon").unwrap(), &config, 0).unwrap_err();
        assert_eq!(error.to_string(), "no shared secret is configured: set JWT_SECRET");
    }
}
