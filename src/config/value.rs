//! Text to a value, one function a kind.
//!
//! In: a variable's text, trimmed. Out: the value, or what would be right, worded to follow "wanted".

use std::{net::IpAddr, str::FromStr, time::Duration};

use url::Url;

use crate::name::{QualifiedName, SchemaName};

/// A value, or what would have been right.
pub(super) type Wanted<T> = Result<T, String>;

pub(super) fn address(text: &str) -> Wanted<IpAddr> {
    let text = if text == "localhost" { "127.0.0.1" } else { text };
    text.parse().map_err(|_| "an IP address, such as 127.0.0.1 or 0.0.0.0".to_owned())
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
    number(text, 1, DAY).map(Duration::from_millis).map_err(|_| format!("milliseconds, a whole number from 1 to {DAY}"))
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

pub(super) fn function(text: &str) -> Wanted<QualifiedName> {
    match text.split_once('.') {
        Some((schema, name)) if !schema.is_empty() && !name.is_empty() && !name.contains('.') => {
            Ok(QualifiedName::new(schema, name))
        }
        _ => Err("a function with its schema, such as public.check_request".to_owned()),
    }
}

pub(super) fn database_url(text: &str) -> Wanted<()> {
    let wanted = "a URL such as postgres://user:password@host:5432/database, special characters percent-encoded";
    match Url::parse(text) {
        Ok(url) if matches!(url.scheme(), "postgres" | "postgresql") && url.fragment().is_none() => Ok(()),
        _ => Err(wanted.to_owned()),
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
