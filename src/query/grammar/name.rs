//! Names, JSON paths and fields: what the other productions are made of.

use std::borrow::Cow;

use super::error::Expected;
use super::input::{Input, Parsed};
use crate::query::{Arrow, Field, JsonOperand, JsonStep};

/// Steps of a JSON path at most.
const MAX_STEPS: usize = 100;

/// `name`, `name-with-dashes`, `name with spaces` or `"any name"`.
pub(super) fn field_name<'t>(input: &mut Input<'t>) -> Parsed<Cow<'t, str>> {
    input.label("field name (* or [a..z0..9_$])", |input| {
        input.choice(&[&|input| quoted_value(input).map(Cow::Owned), &|input| separated_by_dash(input, identifier)])
    })
}

/// `"…"`; a backslash takes the next character as it is.
pub(super) fn quoted_value(input: &mut Input<'_>) -> Parsed<String> {
    input.char('"')?;
    let mut value = String::new();
    loop {
        value.push_str(input.run(|c| c != '\\' && c != '"'));
        let escaped = input.optional(|input| {
            input.char('\\')?;
            input.satisfy(|_| true)
        })?;
        match escaped {
            Some(c) => value.push(c),
            None => break,
        }
    }
    input.char('"')?;
    Ok(value)
}

/// Letters, digits, `_`, `$` and inner spaces: a name without quotes, a cast's type, a language.
pub(super) fn identifier<'t>(input: &mut Input<'t>) -> Parsed<&'t str> {
    let text = input.run1(|c| c.is_alphabetic() || c.is_ascii_digit() || matches!(c, '_' | ' ' | '$'));
    input.expect(Expected::Name("letter"));
    input.expect(Expected::Name("digit"));
    Ok(text?.trim_matches(' '))
}

/// An identifier that is more than blanks. Blanks alone are one in PostgREST's grammar, and an error in its SQL.
pub(super) fn word<'t>(input: &mut Input<'t>, wanted: &'static str) -> Parsed<&'t str> {
    match identifier(input)? {
        "" => input.refuse(wanted),
        word => Ok(word),
    }
}

/// `0` to `9`, at least one.
pub(super) fn digits<'t>(input: &mut Input<'t>) -> Parsed<&'t str> {
    let digits = input.run1(|c| c.is_ascii_digit());
    input.expect(Expected::Name("digit"));
    digits
}

/// `.`
pub(super) fn delimiter(input: &mut Input<'_>) -> Parsed<char> {
    input.label("delimiter (.)", |input| input.char('.'))
}

/// Names joined by dashes; a dash that begins an arrow ends the name.
fn separated_by_dash<'t>(
    input: &mut Input<'t>,
    part: impl Fn(&mut Input<'t>) -> Parsed<&'t str>,
) -> Parsed<Cow<'t, str>> {
    let mut name = Cow::Borrowed(part(input)?);
    input.many(|input| {
        input.attempt(|input| {
            input.char('-')?;
            input.not_followed_by(|c| c == '>', Some(Expected::Char('>')))
        })?;
        name += "-";
        name += part(input)?;
        Ok(())
    })?;
    Ok(name)
}

/// A field between blanks.
pub(super) fn field(input: &mut Input<'_>) -> Parsed<Field> {
    input.lexeme(|input| Ok(Field { name: field_name(input)?.into_owned(), path: json_path(input)? }))
}

/// `->a->>0`, or nothing.
pub(super) fn json_path(input: &mut Input<'_>) -> Parsed<Vec<JsonStep>> {
    let mut steps = 0;
    input.many_remembering(|input| {
        let arrow =
            input.choice(&[&|input| arrow(input, "->>", Arrow::Text), &|input| arrow(input, "->", Arrow::Json)])?;
        steps += 1;
        if steps > MAX_STEPS {
            return input.refuse("a JSON path may have 100 steps at most");
        }
        let operand = input.choice(&[&|input| input.attempt(json_index), &|input| input.attempt(json_key)])?;
        Ok(JsonStep { arrow, operand })
    })
}

fn arrow(input: &mut Input<'_>, text: &'static str, arrow: Arrow) -> Parsed<Arrow> {
    input.attempt(|input| input.string(text)).map(|_| arrow)
}

fn json_index(input: &mut Input<'_>) -> Parsed<JsonOperand> {
    let sign = input.optional(|input| input.char('-'))?.unwrap_or('+');
    let digits = digits(input)?;
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
    // Haskell's idea of a space leaves these three out.
    let space = |c: char| c.is_whitespace() && !"\u{85}\u{2028}\u{2029}".contains(c);
    let key = input.label("any non reserved character different from: .,>()", |input| {
        input.choice(&[&|input| quoted_value(input).map(Cow::Owned), &|input| {
            separated_by_dash(input, |input| Ok(input.run1(|c| !"(-:.,>)".contains(c))?.trim_matches(space)))
        }])
    })?;
    Ok(JsonOperand::Key(key.into_owned()))
}

/// Succeeds where `text` follows, without reading it.
pub(super) fn follows(input: &mut Input<'_>, text: &'static str) -> Parsed<()> {
    input.attempt(|input| input.look_ahead(|input| input.string(text))).map(drop)
}
