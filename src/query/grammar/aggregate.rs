//! Aggregates: `amount.sum()`, `status.count(distinct)`, `count()`.
//!
//! PostgREST has them in `select` alone, and without `distinct`. What it does not have is looked for silently, so that
//! messages about everything else stay its own.

use super::Operand;
use super::input::{Failed, Input, Parsed};
use super::name::word;
use crate::query::{Aggregate, AggregateExpression, AggregateFunction, Field};

const KNOWN: &str = "a filter may have sum(), avg(), count(), max() or min() behind a column, with or without 'distinct' \
                     in the parentheses, or count() alone";

/// `::type`, or nothing.
pub(super) fn cast(input: &mut Input<'_>) -> Parsed<Option<String>> {
    input.optional(|input| {
        input.string("::")?;
        word(input, "a cast names a type").map(str::to_owned)
    })
}

/// `.sum()` in a select.
pub(super) fn selected(input: &mut Input<'_>) -> Parsed<Aggregate> {
    input.char('.')?;
    let function = function(input)?;
    let distinct = input.silently(|input| input.string("(distinct)"))?.is_some();
    if !distinct {
        input.string("()")?;
    }
    Ok(Aggregate { function, distinct })
}

/// `count()` alone, if it stands here.
pub(super) fn rows(input: &mut Input<'_>) -> Parsed<Option<AggregateExpression>> {
    let found = input.silently(|input| input.lexeme(|input| input.string("count()")))?;
    Ok(found.map(|_| AggregateExpression::ROWS))
}

/// Refuses `count(distinct)` alone: rows as such are all distinct.
pub(super) fn no_distinct_rows(input: &mut Input<'_>) -> Parsed<()> {
    let found =
        input.silently(|input| input.look_ahead(|input| input.lexeme(|input| input.string("count(distinct)"))))?;
    match found {
        Some(_) => input.refuse("count(distinct) needs a column before it, such as status.count(distinct)"),
        None => Ok(()),
    }
}

/// The field that was read, or with `::cast.sum()` behind it an aggregate over it.
pub(super) fn operand(input: &mut Input<'_>, field: Field) -> Parsed<Operand> {
    let head = input.silently(|input| {
        let cast = cast(input)?;
        head(input).map(|function| (cast, function))
    })?;
    let Some((cast, function)) = head else { return Ok(Operand::Field(field)) };
    let distinct = input.optional(|input| input.string("distinct"))?.is_some();
    input.char(')')?;
    let aggregate = Aggregate { function, distinct };
    Ok(Operand::Aggregate(AggregateExpression { field: Some(field), cast, aggregate }))
}

/// Refuses to go on where an aggregate begins, without a word.
pub(super) fn not_ahead(input: &mut Input<'_>) -> Parsed<()> {
    match input.silently(|input| input.look_ahead(head))? {
        Some(_) => Err(Failed),
        None => Ok(()),
    }
}

/// Refuses parentheses where none of the aggregates has them.
pub(super) fn no_other(input: &mut Input<'_>) -> Parsed<()> {
    match input.silently(|input| input.look_ahead(|input| input.char('(')))? {
        Some(_) => input.refuse(KNOWN),
        None => Ok(()),
    }
}

/// `.sum(`
fn head(input: &mut Input<'_>) -> Parsed<AggregateFunction> {
    input.char('.')?;
    let function = function(input)?;
    input.char('(')?;
    Ok(function)
}

fn function(input: &mut Input<'_>) -> Parsed<AggregateFunction> {
    input.choice(&[
        &|input| input.string("sum").map(|_| AggregateFunction::Sum),
        &|input| input.string("avg").map(|_| AggregateFunction::Avg),
        &|input| input.string("count").map(|_| AggregateFunction::Count),
        &|input| input.attempt(|input| input.string("max")).map(|_| AggregateFunction::Max),
        &|input| input.attempt(|input| input.string("min")).map(|_| AggregateFunction::Min),
    ])
}
