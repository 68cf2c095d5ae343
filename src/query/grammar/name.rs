//! Names, JSON paths and fields: what the other productions are made of.

use super::error::Expected;
use super::input::{Input, Parsed};
use crate::query::{Arrow, Field, JsonOperand, JsonStep};

/// Steps of a JSON path at most.
const MAX_STEPS: usize = 100;

/// `name`, `name-with-dashes`, `name with spaces` or `"any name"`.
pub(super) fn field_name(input: &mut Input<'_>) -> Parsed<String> {
    input.label("field name (* or [a..z0..9_$])", |input| {
        input.choice(&[&quoted_value, &|input| separated_by_dash(input, identifier)])
    })
}

/// `"…"`; a backslash takes the next character as it is.
pub(super) fn quoted_value(input: &mut Input<'_>) -> Parsed<String> {
    input.char('"')?;
    let value = input.many_chars(|input| {
        input.choice(&[&|input| input.satisfy(|c| c != '\\' && c != '"'), &|input| {
            input.char('\\')?;
            input.satisfy(|_| true)
        }])
    })?;
    input.char('"')?;
    Ok(value)
}

/// Letters, digits, `_`, `$` and inner spaces: a name without quotes, a cast's type, a language.
pub(super) fn identifier(input: &mut Input<'_>) -> Parsed<String> {
    let text = input.many1_chars(|input| {
        input.choice(&[&|input| input.label("letter", |input| input.satisfy(char::is_alphabetic)), &digit, &|input| {
            input.satisfy(|c| matches!(c, '_' | ' ' | '$'))
        }])
    })?;
    Ok(text.trim_matches(' ').to_owned())
}

/// `0` to `9`.
pub(super) fn digit(input: &mut Input<'_>) -> Parsed<char> {
    input.label("digit", |input| input.satisfy(|c| c.is_ascii_digit()))
}

/// `.`
pub(super) fn delimiter(input: &mut Input<'_>) -> Parsed<char> {
    input.label("delimiter (.)", |input| input.char('.'))
}

/// Names joined by dashes; a dash that begins an arrow ends the name.
fn separated_by_dash(input: &mut Input<'_>, name: impl Fn(&mut Input<'_>) -> Parsed<String>) -> Parsed<String> {
    let dash = |input: &mut Input<'_>| {
        input.attempt(|input| {
            input.char('-')?;
            input.not_followed_by(|c| c == '>', Some(Expected::Char('>')))
        })
    };
    input.separated(name, dash).map(|parts| parts.join("-"))
}

/// A field between blanks.
pub(super) fn field(input: &mut Input<'_>) -> Parsed<Field> {
    input.lexeme(|input| Ok(Field { name: field_name(input)?, path: json_path(input)? }))
}

/// `->a->>0`, or nothing.
pub(super) fn json_path(input: &mut Input<'_>) -> Parsed<Vec<JsonStep>> {
    let path = input.many_remembering(|input| {
        let arrow = input
            .choice(&[&|input| input.attempt(|input| input.string("->>")).map(|_| Arrow::Text), &|input| {
                input.attempt(|input| input.string("->")).map(|_| Arrow::Json)
            }])?;
        let operand = input.choice(&[&|input| input.attempt(json_index), &|input| input.attempt(json_key)])?;
        Ok(JsonStep { arrow, operand })
    })?;
    if path.len() > MAX_STEPS {
        return input.refuse("a JSON path may have 100 steps at most");
    }
    Ok(path)
}

fn json_index(input: &mut Input<'_>) -> Parsed<JsonOperand> {
    let sign = input.optional(|input| input.char('-'))?.unwrap_or('+');
    let digits = input.many1_chars(digit)?;
    input.choice(&[
        &|input| follows(input, "->"),
        &|input| follows(input, "::"),
        &|input| follows(input, "."),
        &|input| follows(input, ","),
        &|input| input.attempt(Input::end),
    ])?;
    Ok(JsonOperand::Index(format!("{sign}{digits}")))
}

fn json_key(input: &mut Input<'_>) -> Parsed<JsonOperand> {
    let unquoted = |input: &mut Input<'_>| {
        let text = input.many1_chars(|input| input.satisfy(|c| !"(-:.,>)".contains(c)))?;
        // Haskell's idea of a space, which leaves these three out.
        Ok(text.trim_matches(|c: char| c.is_whitespace() && !"\u{85}\u{2028}\u{2029}".contains(c)).to_owned())
    };
    input
        .label("any non reserved character different from: .,>()", |input| {
            input.choice(&[&quoted_value, &|input| separated_by_dash(input, unquoted)])
        })
        .map(JsonOperand::Key)
}

/// Succeeds where `text` follows, without reading it.
pub(super) fn follows(input: &mut Input<'_>, text: &'static str) -> Parsed<()> {
    input.attempt(|input| input.look_ahead(|input| input.string(text))).map(drop)
}
