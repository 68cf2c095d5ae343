//! The configured path to the role in a token's claims.
//!
//! In: `$.role` and whatever RFC 9535 allows, or PostgREST's older form: `.role`, `."with-dash"[0]`,
//! `.roles[?(@ ^== "app_")]` (docs/references/auth.rst, "JWT Role Extraction"; Config/DeprecatedJSPath.hs). Out: a
//! [`RolePath`], always a query of RFC 9535. Refuses everything else, with the position.

use serde_json::Value;
use serde_json_path::JsonPath;
use winnow::{
    ModalResult, Parser,
    ascii::{digit1, space0},
    combinator::{alt, cut_err, delimited, eof, opt, preceded, repeat, terminated},
    error::{StrContext, StrContextValue},
    token::{take_till, take_while},
};

/// A path to the role.
#[derive(Clone, Debug)]
pub(super) struct RolePath(JsonPath);

impl RolePath {
    /// Reads the path.
    ///
    /// # Errors
    /// What is wrong and where, the position counted in bytes from 1.
    pub(super) fn parse(text: &str) -> Result<Self, (usize, String)> {
        let query = if text.starts_with('.') { translate(text)? } else { text.to_owned() };
        JsonPath::parse(&query).map(Self).map_err(|error| {
            // The library counts from 0.
            let fault = format!("a query of RFC 9535 does not go on like this ({})", error.message());
            (error.position() + 1, fault)
        })
    }

    /// The role of these claims: the first that the path finds. What is no text is taken as its JSON, as in PostgREST
    /// (Auth/Jwt.hs, `parseClaims`): the database will know no such role.
    pub(super) fn find(&self, claims: &Value) -> Option<String> {
        let found = self.0.query(claims).first()?;
        Some(found.as_str().map_or_else(|| found.to_string(), str::to_owned))
    }
}

/// The older form, written as the newer one.
fn translate(text: &str) -> Result<String, (usize, String)> {
    let path = terminated(
        (repeat(1.., alt((key, index))), opt(filter)).map(|(steps, filter): (Vec<String>, Option<String>)| {
            format!("${}{}", steps.concat(), filter.unwrap_or_default())
        }),
        eof.context(StrContext::Expected(StrContextValue::Description("the end"))),
    )
    .parse(text);
    path.map_err(|error| {
        let wanted = error.inner().to_string();
        (error.offset() + 1, if wanted.is_empty() { "expected .key, .\"key\" or [0]".to_owned() } else { wanted })
    })
}

/// `.key` or `."any key"`.
fn key(input: &mut &str) -> ModalResult<String> {
    let plain = take_while(1.., |c: char| c.is_alphanumeric() || matches!(c, '_' | '$' | '@'));
    preceded('.', alt((plain, quoted))).map(|key| format!("[{}]", literal(key))).parse_next(input)
}

/// `[0]`
fn index(input: &mut &str) -> ModalResult<String> {
    delimited('[', digit1, ']').map(|index: &str| format!("[{}]", without_leading_zeros(index))).parse_next(input)
}

/// `[?(@ == "text")]`, only at the end: the first text of a list that compares.
fn filter(input: &mut &str) -> ModalResult<String> {
    let operator = alt(("==^", "==", "!=", "^==", "*=="));
    let comparison = cut_err((preceded((space0, '@', space0), operator), preceded(space0, quoted)))
        .context(StrContext::Expected(StrContextValue::Description("@ ==, !=, ^==, ==^ or *== and a quoted text")));
    let (operator, text) = delimited("[?(", comparison, ")]").parse_next(input)?;
    let pattern = match operator {
        "==" => return Ok(format!("[?@ == {}]", literal(text))),
        // The older form compares texts only, and nothing else is unequal to one.
        "!=" => return Ok(format!("[?search(@, '') && @ != {}]", literal(text))),
        "^==" => format!("^{}", escaped(text)),
        "==^" => format!("{}$", escaped(text)),
        _ => escaped(text),
    };
    Ok(format!("[?search(@, {})]", literal(&pattern)))
}

fn quoted<'s>(input: &mut &'s str) -> ModalResult<&'s str> {
    delimited('"', take_till(0.., '"'), '"').parse_next(input)
}

/// A string of RFC 9535, section 2.3.1.1, which takes JSON's.
fn literal(text: &str) -> String {
    Value::from(text).to_string()
}

fn without_leading_zeros(digits: &str) -> &str {
    let digits = digits.trim_start_matches('0');
    if digits.is_empty() { "0" } else { digits }
}

/// Text that stands for itself in a regular expression.
fn escaped(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len());
    for c in text.chars() {
        if r"\.+*?()|[]{}^$#&-~/".contains(c) {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern
}
