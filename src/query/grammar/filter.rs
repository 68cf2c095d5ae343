//! Operators with their values, and the logic that joins filters.

use super::aggregate;
use super::input::{Failed, Input, Parsed};
use super::name::{delimiter, field, quoted_value, word};
use super::{Operand, Restriction};
use crate::query::{Condition, FullText, IsValue, Logic, Operation, QuantifiedOperator, Quantifier, SimpleOperator};

/// Levels of `and(…)` and `or(…)` at most.
const MAX_DEPTH: usize = 100;

/// How the value of an operator reads: to the end of the text, or up to a delimiter of a logic group.
type Value = fn(&mut Input<'_>) -> Parsed<String>;

/// `not.op.value`, and whether it says `not`.
pub(super) fn operation(input: &mut Input<'_>, value: Value) -> Parsed<(bool, Operation)> {
    let negated = input
        .optional(|input| {
            input.attempt(|input| {
                input.string("not")?;
                delimiter(input)
            })
        })?
        .is_some();
    let operation = input.label("operator (eq, gt, ...)", |input| {
        input.choice(&[
            &in_list,
            &is,
            &|input| {
                operator(input, "isdistinct")?;
                value(input).map(Operation::IsDistinct)
            },
            &|input| input.attempt(|input| full_text(input, value)),
            &|input| input.attempt(|input| simple(input, value)),
            &|input| input.attempt(|input| quantified(input, value)),
        ])
    })?;
    Ok((negated, operation))
}

/// A name and its dot, or nothing at all.
fn operator(input: &mut Input<'_>, name: &'static str) -> Parsed<()> {
    input.attempt(|input| {
        input.string(name)?;
        delimiter(input)
    })?;
    Ok(())
}

fn in_list(input: &mut Input<'_>) -> Parsed<Operation> {
    operator(input, "in")?;
    input.lexeme(|input| input.char('('))?;
    let values = input.separated(list_element, |input| input.char(','))?;
    input.lexeme(|input| input.char(')'))?;
    Ok(Operation::In(values))
}

fn list_element(input: &mut Input<'_>) -> Parsed<String> {
    input.choice(&[&quoted_element, &bare_element])
}

/// A quoted value that nothing but a delimiter follows.
fn quoted_element(input: &mut Input<'_>) -> Parsed<String> {
    input.attempt(|input| {
        let value = quoted_value(input)?;
        input.not_followed_by(|c| c != ',' && c != ')', None)?;
        Ok(value)
    })
}

fn bare_element(input: &mut Input<'_>) -> Parsed<String> {
    Ok(input.run(|c| c != ',' && c != ')').to_owned())
}

fn is(input: &mut Input<'_>) -> Parsed<Operation> {
    operator(input, "is")?;
    input.label("isVal: (null, not_null, true, false, unknown)", |input| {
        for &(word, value) in IsValue::NAMES {
            if input.optional(|input| input.attempt(|input| any_case(input, word)))?.is_some() {
                return Ok(Operation::Is(value));
            }
        }
        Err(Failed)
    })
}

fn any_case(input: &mut Input<'_>, word: &'static str) -> Parsed<()> {
    for c in word.chars() {
        input.choice(&[&|input| input.char(c), &|input| input.char(c.to_ascii_uppercase())])?;
    }
    Ok(())
}

fn full_text(input: &mut Input<'_>, value: Value) -> Parsed<Operation> {
    let operator = keyword(input, FullText::NAMES)?;
    let language = input.optional(|input| {
        input.attempt(|input| {
            input.char('(')?;
            let language = word(input, "the parentheses of a full text search name a language")?.to_owned();
            input.char(')')?;
            Ok(language)
        })
    })?;
    delimiter(input)?;
    Ok(Operation::FullText(operator, language, value(input)?))
}

fn simple(input: &mut Input<'_>, value: Value) -> Parsed<Operation> {
    let operator = input.label("unknown single value operator", |input| keyword(input, SimpleOperator::NAMES))?;
    delimiter(input)?;
    Ok(Operation::Simple(operator, value(input)?))
}

fn quantified(input: &mut Input<'_>, value: Value) -> Parsed<Operation> {
    let operator = input.label("unknown single value operator", |input| keyword(input, QuantifiedOperator::NAMES))?;
    let quantifier = input.optional(|input| {
        input.attempt(|input| {
            input.char('(')?;
            let quantifier = input
                .choice(&[&|input| input.attempt(|input| input.string("any")).map(|_| Quantifier::Any), &|input| {
                    input.string("all").map(|_| Quantifier::All)
                }])?;
            input.char(')')?;
            Ok(quantifier)
        })
    })?;
    delimiter(input)?;
    Ok(Operation::Quantified(operator, quantifier, value(input)?))
}

/// The first of `names` that the text goes on with.
fn keyword<T: Copy>(input: &mut Input<'_>, names: &[(&'static str, T)]) -> Parsed<T> {
    for &(name, operator) in names {
        if input.optional(|input| input.attempt(|input| input.string(name)))?.is_some() {
            return Ok(operator);
        }
    }
    Err(Failed)
}

/// Everything up to the end.
pub(super) fn whole_value(input: &mut Input<'_>) -> Parsed<String> {
    Ok(input.run(|_| true).to_owned())
}

/// A value within a logic group: quoted, an array literal, or up to the next `,` or `)`.
fn logic_value(input: &mut Input<'_>) -> Parsed<String> {
    let array = |input: &mut Input<'_>| {
        input.string("{")?;
        let elements = input.run(|c| c != '{' && c != '}');
        input.string("}")?;
        Ok(format!("{{{elements}}}"))
    };
    input.choice(&[&quoted_element, &|input| input.attempt(array), &bare_element])
}

/// `field.op.value`, `and(…)`, `not.or(…)`.
pub(super) fn logic_tree(input: &mut Input<'_>, depth: usize) -> Parsed<Restriction> {
    input.choice(&[&|input| input.attempt(logic_filter), &|input| group(input, depth)])
}

fn logic_filter(input: &mut Input<'_>) -> Parsed<Restriction> {
    aggregate::no_distinct_rows(input)?;
    let operand = match aggregate::rows(input)? {
        Some(rows) => Operand::Aggregate(rows),
        None => {
            let field = field(input)?;
            aggregate::operand(input, field)?
        }
    };
    delimiter(input)?;
    let (negated, operation) = operation(input, logic_value)?;
    input.count("a request may have 1000 conditions at most")?;
    Ok(operand.compared(negated, operation))
}

fn group(input: &mut Input<'_>, depth: usize) -> Parsed<Restriction> {
    if depth > MAX_DEPTH {
        return input.refuse("logic may be nested 100 levels deep at most");
    }
    let negated = input.label("negation operator (not)", |input| {
        input.choice(&[
            &|input| {
                input.attempt(|input| {
                    input.string("not")?;
                    delimiter(input)?;
                    Ok(true)
                })
            },
            &|_| Ok(false),
        ])
    })?;
    let logic = input.label("logic operator (and, or)", |input| {
        input.choice(&[&|input| input.attempt(|input| input.string("and")).map(|_| Logic::And), &|input| {
            input.string("or").map(|_| Logic::Or)
        }])
    })?;
    input.count("a request may have 1000 conditions at most")?;
    input.lexeme(|input| input.char('('))?;
    let members =
        input.separated(|input| logic_tree(input, depth + 1), |input| input.lexeme(|input| input.char(',')))?;
    input.lexeme(|input| input.char(')'))?;
    let (mut rows, mut groups) = (Vec::new(), Vec::new());
    for member in members {
        match member {
            Restriction::Rows(condition) => rows.push(condition),
            Restriction::Groups(condition) => groups.push(condition),
        }
    }
    match (rows.is_empty(), groups.is_empty()) {
        (_, true) => Ok(Restriction::Rows(Condition::Group { negated, logic, members: rows })),
        (true, false) => Ok(Restriction::Groups(Condition::Group { negated, logic, members: groups })),
        (false, false) => input.refuse("a logic group has filters on columns or on aggregates, not on both"),
    }
}
