//! `order=`.

use super::Operand;
use super::aggregate;
use super::input::{Input, Parsed};
use super::name::{delimiter, field, field_name, follows};
use crate::query::{Direction, Nulls, OrderTerm, SortKey};

/// Terms separated by commas.
pub(super) fn order(input: &mut Input<'_>) -> Parsed<Vec<OrderTerm>> {
    input.separated(
        |input| {
            let term = input.lexeme(|input| input.choice(&[&|input| input.attempt(related_term), &own_term]))?;
            input.count("a request may have 1000 order terms at most")?;
            Ok(term)
        },
        |input| input.char(','),
    )
}

/// `field.desc.nullslast`, `field.sum().desc`, `count().desc`
fn own_term(input: &mut Input<'_>) -> Parsed<OrderTerm> {
    let key = match aggregate::rows(input)? {
        Some(rows) => SortKey::Aggregate(rows),
        None => {
            let field = field(input)?;
            match aggregate::operand(input, field)? {
                Operand::Field(field) => SortKey::Field(field),
                Operand::Aggregate(expression) => SortKey::Aggregate(expression),
            }
        }
    };
    let (direction, nulls) = modifiers(input)?;
    Ok(OrderTerm { key, direction, nulls })
}

/// `embed(field).desc.nullslast`
fn related_term(input: &mut Input<'_>) -> Parsed<OrderTerm> {
    let embed = field_name(input)?.into_owned();
    input.char('(')?;
    let field = field(input)?;
    input.char(')')?;
    let (direction, nulls) = modifiers(input)?;
    Ok(OrderTerm { key: SortKey::Related { embed, field }, direction, nulls })
}

fn modifiers(input: &mut Input<'_>) -> Parsed<(Option<Direction>, Option<Nulls>)> {
    let direction = input.optional(|input| {
        input.choice(&[&|input| modifier(input, "asc").map(|()| Direction::Asc), &|input| {
            modifier(input, "desc").map(|()| Direction::Desc)
        }])
    })?;
    let nulls = input.optional(|input| {
        input.choice(&[&|input| modifier(input, "nullsfirst").map(|()| Nulls::First), &|input| {
            modifier(input, "nullslast").map(|()| Nulls::Last)
        }])
    })?;
    input.choice(&[&|input| follows(input, ","), &|input| input.attempt(Input::end)])?;
    Ok((direction, nulls))
}

fn modifier(input: &mut Input<'_>, name: &'static str) -> Parsed<()> {
    input.attempt(|input| {
        delimiter(input)?;
        input.string(name)?;
        Ok(())
    })
}
