//! A request as the stages need it: who it is for, what it says, and its headers.

use std::collections::BTreeMap;

use axum::http::{HeaderMap, Method, header, request::Parts};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::{error::Problem, name::SchemaName, query::MediaType};

/// QUERY: a GET whose parameters are in its body (RFC 10008).
const QUERY: &str = "QUERY";
/// What a QUERY's body is written in: a query string is a form.
pub const QUERY_FORM: &str = "application/x-www-form-urlencoded";

/// What a path names.
#[derive(Clone, Debug)]
pub enum Resource {
    /// The API itself.
    Root,
    /// `/{relation}`
    Relation(String),
    /// `/rpc/{function}`
    Routine(String),
}

/// A resource in a schema.
#[derive(Clone, Debug)]
pub struct Target {
    /// The schema.
    pub schema: SchemaName,
    /// It was chosen by a profile header, or could have been: the answer says which it is.
    pub is_negotiated: bool,
    /// The resource.
    pub resource: Resource,
    /// What stands before the resource's name in its address: `/renos`. Empty where a profile header chose the schema:
    /// there PostgREST's clients know of no other root.
    pub base: String,
}

/// How a path chooses the schema.
#[derive(Clone, Debug)]
pub enum SchemaChoice {
    /// `/{schema}/…`: the path says it, and a profile header may only repeat it.
    Path(SchemaName),
    /// `/rest/v1/…`: `Accept-Profile` or `Content-Profile`, else the first exposed schema.
    Profile,
}

impl SchemaChoice {
    /// What stands before the resource's name in its address.
    pub fn base(&self) -> String {
        match self {
            Self::Path(schema) => format!("/{}", encode(schema.as_str())),
            Self::Profile => String::new(),
        }
    }

    /// The schema of a request and whether it was negotiated. PostgREST: references/api/schemas.
    pub fn choose(&self, parts: &Parts, exposed: &[SchemaName]) -> Result<(SchemaName, bool), Problem> {
        let profile = profile(&parts.method, &parts.headers)?;
        match (self, profile) {
            (Self::Path(schema), None) => Ok((schema.clone(), false)),
            (Self::Path(schema), Some(profile)) if *schema == profile => Ok((schema.clone(), true)),
            (Self::Path(schema), Some(profile)) => Err(Problem::unacceptable_schema(profile, &[schema.as_str()])),
            (Self::Profile, None) => {
                let first = exposed.first().ok_or_else(|| Problem::internal("no schema is exposed"))?;
                Ok((first.clone(), exposed.len() != 1))
            }
            (Self::Profile, Some(profile)) => match exposed.iter().find(|schema| **schema == profile) {
                Some(schema) => Ok((schema.clone(), true)),
                None => {
                    let exposed: Vec<_> = exposed.iter().map(SchemaName::as_str).collect();
                    Err(Problem::unacceptable_schema(profile, &exposed))
                }
            },
        }
    }
}

/// Whether a request is a QUERY.
pub fn is_query(method: &Method) -> bool {
    method.as_str() == QUERY
}

/// Makes a POST that says `X-HTTP-Method-Override: QUERY` the QUERY that it is, for proxies that let none pass.
///
/// # Errors
/// The header is there twice or is no text. Any other method is left to mean nothing, as at PostgREST.
pub fn undisguise(parts: &mut Parts) -> Result<(), Problem> {
    if parts.method == Method::POST
        && text(&parts.headers, "x-http-method-override")?.is_some_and(|method| method.eq_ignore_ascii_case(QUERY))
        && let Ok(method) = Method::from_bytes(QUERY.as_bytes())
    {
        parts.method = method;
    }
    Ok(())
}

/// The parameters of a QUERY: those of its URL, then those of its body.
///
/// # Errors
/// The body is no form, or no text.
pub fn query_parameters(parts: &Parts, body: &[u8]) -> Result<String, Problem> {
    let media = text(&parts.headers, "content-type")?;
    if media.map(MediaType::parse) != Some(MediaType::Form) {
        let met = media.unwrap_or("none");
        return Err(Problem::new(
            415,
            "request.query_media_type",
            format!("The media type of a QUERY's body is {met}"),
        )
        .hint(format!("Send the query string as the body, with Content-Type: {QUERY_FORM}"))
        .header("accept-query", QUERY_FORM));
    }
    let body = std::str::from_utf8(body)
        .map_err(|_| Problem::new(400, "request.invalid_body", "The body of the QUERY is not valid UTF-8"))?;
    let given = [parts.uri.query().unwrap_or_default(), body.trim()].into_iter().filter(|text| !text.is_empty());
    Ok(given.collect::<Vec<_>>().join("&"))
}

fn profile<'h>(method: &Method, headers: &'h HeaderMap) -> Result<Option<&'h str>, Problem> {
    let name = match *method {
        Method::POST | Method::PATCH | Method::PUT | Method::DELETE => "content-profile",
        _ => "accept-profile",
    };
    text(headers, name)
}

/// A header's value as text; one that is no UTF-8 or is there twice is refused, since taking either would be a guess.
pub fn text<'h>(headers: &'h HeaderMap, name: &str) -> Result<Option<&'h str>, Problem> {
    let mut values = headers.get_all(name).iter();
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(bad_header(name, "is there more than once"));
    }
    match std::str::from_utf8(value.as_bytes()) {
        Ok(text) => Ok(Some(text)),
        Err(_) => Err(bad_header(name, "is not valid UTF-8")),
    }
}

/// A header's value as it is; one that is there twice is refused.
pub fn single<'h>(headers: &'h HeaderMap, name: &header::HeaderName) -> Result<Option<&'h [u8]>, Problem> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (_, Some(_)) => Err(bad_header(name.as_str(), "is there more than once")),
        (value, None) => Ok(value.map(axum::http::HeaderValue::as_bytes)),
    }
}

/// All values of a header as text.
pub fn texts<'h>(headers: &'h HeaderMap, name: &str) -> Result<Vec<&'h str>, Problem> {
    let values = headers.get_all(name).iter();
    values
        .map(|value| std::str::from_utf8(value.as_bytes()).map_err(|_| bad_header(name, "is not valid UTF-8")))
        .collect()
}

fn bad_header(name: &str, what: &str) -> Problem {
    Problem::new(400, "request.invalid_header", format!("The header '{name}' {what}"))
}

/// What row security and functions may read of a request: `request.method`, `request.path`, `request.headers`,
/// `request.cookies`. PostgREST: references/transactions. A header value that is no text is left out.
pub fn settings(parts: &Parts) -> Vec<(String, String)> {
    let texts = parts.headers.iter().filter(|(name, _)| *name != header::COOKIE);
    let headers: BTreeMap<&str, &str> =
        texts.filter_map(|(name, value)| Some((name.as_str(), std::str::from_utf8(value.as_bytes()).ok()?))).collect();
    let cookies = parts.headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let cookies: BTreeMap<&str, &str> =
        cookies.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('=')).collect();
    let json = |texts: &BTreeMap<&str, &str>| serde_json::to_string(texts).unwrap_or_else(|_| "{}".to_owned());
    vec![
        ("request.method".to_owned(), parts.method.as_str().to_owned()),
        ("request.path".to_owned(), parts.uri.path().to_owned()),
        ("request.headers".to_owned(), json(&headers)),
        ("request.cookies".to_owned(), json(&cookies)),
    ]
}

/// Percent-encodes all but unreserved characters (RFC 3986, 2.3).
pub fn encode(text: &str) -> String {
    const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');
    utf8_percent_encode(text, RESERVED).to_string()
}

/// `search_path`: the request's schema, then those of the configuration, each quoted.
pub fn search_path(schema: &SchemaName, extra: &[SchemaName]) -> (String, String) {
    let quoted = |name: &SchemaName| format!("\"{}\"", name.as_str().replace('"', "\"\""));
    let path: Vec<_> = std::iter::once(schema).chain(extra).map(quoted).collect();
    ("search_path".to_owned(), path.join(", "))
}
