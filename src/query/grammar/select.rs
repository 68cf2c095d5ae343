//! `select=`: fields and embedded resources.

use super::error::Expected;
use super::input::{Failed, Input, Parsed};
use super::name::{field, field_name, follows, word};
use crate::query::{Aggregate, Embed, Field, Join, Node, SelectField, SelectItem};

/// Levels of embedding at most.
const MAX_DEPTH: usize = 50;

/// Items separated by commas, or none.
pub(super) fn forest(input: &mut Input<'_>, depth: usize) -> Parsed<Vec<SelectItem>> {
    if depth > MAX_DEPTH {
        return input.refuse("embedded resources may be nested 50 levels deep at most");
    }
    let items = input
        .optional(|input| input.separated(|input| item(input, depth), |input| input.lexeme(|input| input.char(','))))?;
    Ok(items.unwrap_or_default())
}

fn item(input: &mut Input<'_>, depth: usize) -> Parsed<SelectItem> {
    let item = input.choice(&[
        &|input| embed(input, spread, depth).map(SelectItem::Embed),
        &|input| embed(input, relation, depth).map(SelectItem::Embed),
        &|input| select_field(input).map(SelectItem::Field),
    ])?;
    input.count("a request may have 1000 select items at most")?;
    Ok(item)
}

fn embed(input: &mut Input<'_>, head: fn(&mut Input<'_>) -> Parsed<Embed>, depth: usize) -> Parsed<Embed> {
    let mut embed = input.attempt(head)?;
    input.char('(')?;
    embed.node.select = forest(input, depth + 1)?;
    input.char(')')?;
    Ok(embed)
}

/// `alias:relation!hint!inner`, before its parenthesis.
pub(super) fn relation(input: &mut Input<'_>) -> Parsed<Embed> {
    input.lexeme(|input| {
        let alias = alias(input)?;
        let target = field_name(input)?.into_owned();
        if target == "count" {
            // `count()` is an aggregate.
            return Err(Failed);
        }
        let (hint, join) = embed_parameters(input)?;
        follows(input, "(")?;
        Ok(Embed { target, alias, hint, join, spread: false, node: Node::default() })
    })
}

/// `...relation!hint!inner`, before its parenthesis.
pub(super) fn spread(input: &mut Input<'_>) -> Parsed<Embed> {
    input.lexeme(|input| {
        input.string("...")?;
        let target = field_name(input)?.into_owned();
        let (hint, join) = embed_parameters(input)?;
        follows(input, "(")?;
        Ok(Embed { target, alias: None, hint, join, spread: true, node: Node::default() })
    })
}

/// `alias:`, which a `::` is not.
fn alias(input: &mut Input<'_>) -> Parsed<Option<String>> {
    input.optional(|input| {
        input.attempt(|input| {
            let name = field_name(input)?;
            input.char(':')?;
            input.not_followed_by(|c| c == ':', Some(Expected::Char(':')))?;
            Ok(name.into_owned())
        })
    })
}

enum EmbedParameter {
    Hint(String),
    Join(Join),
}

/// `!hint`, `!inner`, or both in either order.
fn embed_parameters(input: &mut Input<'_>) -> Parsed<(Option<String>, Option<Join>)> {
    let (mut hint, mut join) = (None, None);
    for _ in 0..2 {
        let twice = match input.optional(embed_parameter)? {
            None => false,
            Some(EmbedParameter::Hint(name)) => hint.replace(name).is_some(),
            Some(EmbedParameter::Join(kind)) => join.replace(kind).is_some(),
        };
        if twice {
            return input.refuse("an embedded resource takes one hint and one join type");
        }
    }
    Ok((hint, join))
}

fn embed_parameter(input: &mut Input<'_>) -> Parsed<EmbedParameter> {
    input.char('!')?;
    input.choice(&[
        &|input| input.attempt(|input| input.string("left")).map(|_| EmbedParameter::Join(Join::Left)),
        &|input| input.attempt(|input| input.string("inner")).map(|_| EmbedParameter::Join(Join::Inner)),
        &|input| input.attempt(field_name).map(|name| EmbedParameter::Hint(name.into_owned())),
    ])
}

/// `*`, `count()`, or `alias:field->path::cast.aggregate()::cast`.
fn select_field(input: &mut Input<'_>) -> Parsed<SelectField> {
    input.lexeme(|input| input.choice(&[&|input| input.attempt(star), &|input| input.attempt(count), &full_field]))
}

fn star(input: &mut Input<'_>) -> Parsed<SelectField> {
    input.string("*")?;
    item_end(input)?;
    Ok(SelectField::all())
}

fn count(input: &mut Input<'_>) -> Parsed<SelectField> {
    let alias = alias(input)?;
    input.string("count()")?;
    let aggregate_cast = cast(input)?;
    item_end(input)?;
    Ok(SelectField { alias, aggregate: Some(Aggregate::Count), aggregate_cast, ..SelectField::all() })
}

fn full_field(input: &mut Input<'_>) -> Parsed<SelectField> {
    let alias = alias(input)?;
    let field: Field = field(input)?;
    let field_cast = cast(input)?;
    let aggregate = input.optional(|input| {
        input.attempt(|input| {
            input.char('.')?;
            let aggregate = aggregate(input)?;
            input.string("()")?;
            Ok(aggregate)
        })
    })?;
    let aggregate_cast = cast(input)?;
    item_end(input)?;
    if aggregate.is_none() && aggregate_cast.is_some() {
        // PostgREST reads it and forgets it.
        return input.refuse("a second cast needs an aggregate function before it");
    }
    Ok(SelectField { field, cast: field_cast, aggregate, aggregate_cast, alias })
}

fn cast(input: &mut Input<'_>) -> Parsed<Option<String>> {
    input.optional(|input| {
        input.string("::")?;
        word(input, "a cast names a type").map(str::to_owned)
    })
}

fn aggregate(input: &mut Input<'_>) -> Parsed<Aggregate> {
    input.choice(&[
        &|input| input.string("sum").map(|_| Aggregate::Sum),
        &|input| input.string("avg").map(|_| Aggregate::Avg),
        &|input| input.string("count").map(|_| Aggregate::Count),
        &|input| input.attempt(|input| input.string("max")).map(|_| Aggregate::Max),
        &|input| input.attempt(|input| input.string("min")).map(|_| Aggregate::Min),
    ])
}

/// An item ends before `)` or `,` or with the text.
fn item_end(input: &mut Input<'_>) -> Parsed<()> {
    input.choice(&[&|input| follows(input, ")"), &|input| follows(input, ","), &|input| input.attempt(Input::end)])
}
