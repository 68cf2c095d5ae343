//! Text to a value, one function a kind.
//!
//! In: a variable's text, trimmed. Out: the value, or what would be right, worded to follow "wanted".

use std::{net::IpAddr, str::FromStr, time::Duration};

use url::Url;

use super::{FunctionName, Network, OpenApiMode, Secret, TransactionEnd};
use crate::name::{ObjectName, SchemaName};

/// A value, or what would have been right.
pub(super) type Wanted<T> = Result<T, String>;

pub(super) fn address(text: &str) -> Wanted<IpAddr> {
    let text = if text == "localhost" { "127.0.0.1" } else { text };
    text.parse().map_err(|_| "an IP address, such as 127.0.0.1 or 0.0.0.0".to_owned())
}

/// Networks between commas.
pub(super) fn networks(text: &str) -> Wanted<Vec<Network>> {
    let networks = text.split(',').map(|text| {
        let text = text.trim();
        let wanted = "addresses and networks such as 10.0.0.0/8 or 2001:db8::1, separated by commas";
        Network::parse(text).ok_or_else(|| format!("{wanted}, without bits behind the prefix: {text:?} is none"))
    });
    networks.collect()
}

/// A whole number in a range.
pub(super) fn number<N: FromStr + PartialOrd + std::fmt::Display>(text: &str, least: N, most: N) -> Wanted<N> {
    match text.parse() {
        Ok(number) if least <= number && number <= most => Ok(number),
        _ => Err(format!("a whole number from {least} to {most}")),
    }
}

/// A time in milliseconds: a day at most, because a longer one is a slip.
pub(super) fn milliseconds(text: &str) -> Wanted<Duration> {
    const DAY: u64 = 86_400_000;
    milliseconds_to(text, DAY)
}

/// A time in milliseconds, `most` at most.
pub(super) fn milliseconds_to(text: &str, most: u64) -> Wanted<Duration> {
    let number = number(text, 1, most).map_err(|_| format!("milliseconds, a whole number from 1 to {most}"));
    number.map(Duration::from_millis)
}

pub(super) fn switch(text: &str) -> Wanted<bool> {
    match text.to_ascii_lowercase().as_str() {
        "on" | "true" | "1" => Ok(true),
        "off" | "false" | "0" => Ok(false),
        _ => Err("on or off (or true, false, 1, 0)".to_owned()),
    }
}

/// `json` is true.
pub(super) fn log_format(text: &str) -> Wanted<bool> {
    match text {
        "json" => Ok(true),
        "pretty" => Ok(false),
        _ => Err("pretty or json".to_owned()),
    }
}

/// Names between commas, none empty, none twice.
pub(super) fn schemas(text: &str) -> Wanted<Vec<SchemaName>> {
    let names: Vec<&str> = text.split(',').map(str::trim).collect();
    let twice = names.iter().enumerate().any(|(index, name)| names[..index].contains(name));
    if twice || names.iter().any(|name| name.is_empty() || name.contains('\0')) {
        return Err("names of schemas, separated by commas, none empty and none twice".to_owned());
    }
    Ok(names.into_iter().map(SchemaName::from).collect())
}

/// PostgREST refuses the same two (its Config.hs, `parseDbSchemas`): the catalog is not for clients.
pub(super) fn exposed_schemas(text: &str) -> Wanted<Vec<SchemaName>> {
    let names = schemas(text)?;
    match names.iter().find(|name| **name == "pg_catalog" || **name == "information_schema") {
        Some(name) => Err(format!("schemas of the application: {name} must not be exposed")),
        None => Ok(names),
    }
}

/// With its schema, or found on the search path.
pub(super) fn function(text: &str) -> Wanted<FunctionName> {
    let (schema, name) = match text.split_once('.') {
        Some((schema, name)) => (Some(schema), name),
        None => (None, text),
    };
    if schema.is_some_and(str::is_empty) || name.is_empty() || name.contains('.') {
        return Err("a function, such as public.check_request".to_owned());
    }
    Ok(FunctionName { schema: schema.map(SchemaName::from), name: ObjectName::from(name) })
}

/// Texts between commas, or nothing.
pub(super) fn list(text: &str) -> Wanted<Vec<String>> {
    Ok(text.split(',').map(str::trim).filter(|item| !item.is_empty()).map(str::to_owned).collect())
}

pub(super) fn transaction_end(text: &str) -> Wanted<TransactionEnd> {
    use TransactionEnd::{Commit, CommitUnlessAsked, Rollback, RollbackUnlessAsked};
    Ok(match text {
        "commit" => Commit,
        "commit-allow-override" => CommitUnlessAsked,
        "rollback" => Rollback,
        "rollback-allow-override" => RollbackUnlessAsked,
        _ => return Err("commit, commit-allow-override, rollback or rollback-allow-override".to_owned()),
    })
}

/// `verbose` is true.
pub(super) fn verbosity(text: &str) -> Wanted<bool> {
    match text {
        "verbose" => Ok(true),
        "minimal" => Ok(false),
        _ => Err("verbose or minimal".to_owned()),
    }
}

pub(super) fn openapi_mode(text: &str) -> Wanted<OpenApiMode> {
    match text {
        "follow-privileges" => Ok(OpenApiMode::FollowPrivileges),
        "ignore-privileges" => Ok(OpenApiMode::IgnorePrivileges),
        "disabled" => Ok(OpenApiMode::Disabled),
        _ => Err("follow-privileges, ignore-privileges or disabled".to_owned()),
    }
}

/// A path without the slash at its end: `/` is the empty one.
pub(super) fn base_path(text: &str) -> Wanted<String> {
    let path = text.trim_end_matches('/');
    let is_segment = |segment: &str| {
        !segment.is_empty() && segment.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~".contains(&b))
    };
    match text.starts_with('/') && (path.is_empty() || path[1..].split('/').all(is_segment)) {
        true => Ok(path.to_owned()),
        false => Err("a path such as /rest/v1, or /".to_owned()),
    }
}

/// RFC 9110, 5.1: a token.
pub(super) fn header_name(text: &str) -> Wanted<String> {
    let is_token = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
    match text.bytes().all(is_token) {
        true => Ok(text.to_owned()),
        false => Err("the name of a header".to_owned()),
    }
}

pub(super) fn database_url(text: &str) -> Wanted<()> {
    let wanted = "a URL such as postgres://user:password@host:5432/database, special characters percent-encoded";
    match Url::parse(text) {
        Ok(url) if matches!(url.scheme(), "postgres" | "postgresql") && url.fragment().is_none() => Ok(()),
        _ => Err(wanted.to_owned()),
    }
}

/// URLs of databases between commas.
pub(super) fn database_urls(text: &str) -> Wanted<Vec<Secret>> {
    let urls = text.split(',').map(str::trim);
    urls.map(|url| database_url(url).map(|()| Secret::new(url)))
        .collect::<Wanted<_>>()
        .map_err(|wanted| format!("URLs separated by commas, each {wanted}; a comma within one is written %2C"))
}

/// `*`, schemas, and relations or functions with their schema.
pub(super) fn resources(text: &str) -> Wanted<Vec<String>> {
    let names = list(text)?;
    let is_sound = |name: &String| name == "*" || name.split('.').count() <= 2 && !name.split('.').any(str::is_empty);
    match names.iter().all(is_sound) {
        true => Ok(names),
        false => Err("* or names such as renos or renos.leads, separated by commas".to_owned()),
    }
}

/// An http(s) URL that names a host, without credentials and fragment.
pub(super) fn web_url(text: &str) -> Wanted<Url> {
    match Url::parse(text) {
        Ok(url)
            if matches!(url.scheme(), "http" | "https")
                && url.username().is_empty()
                && url.password().is_none()
                && url.fragment().is_none() =>
        {
            Ok(url)
        }
        _ => Err("an http or https URL without user name and fragment".to_owned()),
    }
}

/// `*`, or origins as browsers send them: scheme, host and port.
pub(super) fn origins(text: &str) -> Wanted<Vec<String>> {
    if text == "*" {
        return Ok(vec![text.to_owned()]);
    }
    text.split(',').map(|origin| self::origin(origin.trim())).collect()
}

fn origin(text: &str) -> Wanted<String> {
    let refusal = || format!("* or origins such as https://app.example.com, separated by commas: {text:?} is none");
    let url = Url::parse(text).map_err(|_| refusal())?;
    // A path is not part of an origin, not even "/": nothing a browser sends would ever equal it.
    let host = text.split_once("://").map(|(_, host)| host).unwrap_or_default();
    if host.is_empty() || host.contains(['/', '?', '#', '@', '*', '\\']) || !url.has_host() {
        return Err(refusal());
    }
    Ok(if url.origin().is_tuple() { url.origin().ascii_serialization() } else { text.to_ascii_lowercase() })
}

/// A token that a client can send in a header.
pub(super) fn header_token(text: &str) -> Wanted<()> {
    if text.bytes().all(|byte| byte.is_ascii_graphic()) {
        Ok(())
    } else {
        Err("visible ASCII characters without spaces".to_owned())
    }
}
