//! The productions of PostgREST's URL grammar.
//!
//! In: the text of one parameter. Out: its part of the tree. Refuses what PostgREST 16's grammar refuses, in its words
//! and with its offsets, and besides what PostgREST reads only half of: a text must be read to its end. Nesting and
//! lengths are bounded, so that no input is deeper than the stack.

mod aggregate;
mod error;
mod filter;
mod input;
mod name;
mod order;
mod select;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

use super::{AggregateExpression, Condition, Field, Filter, Logic, Operation, OrderTerm, QueryError, SelectItem};
use input::{Input, Parsed, parse};
use name::{delimiter, digits, field_name, json_path};

/// The names of embeds from the root down.
pub(super) type Path = Vec<String>;

/// The left side of a filter.
#[derive(Debug, PartialEq)]
pub(super) enum Operand {
    Field(Field),
    Aggregate(AggregateExpression),
}

/// A condition, by what it restricts: the rows of a level, or the groups that its aggregates are taken over.
#[derive(Debug, PartialEq)]
pub(super) enum Restriction {
    Rows(Condition),
    Groups(Condition<AggregateExpression>),
}

impl Operand {
    /// The filter whose left side it is.
    pub(super) fn compared(self, negated: bool, operation: Operation) -> Restriction {
        match self {
            Self::Field(field) => Restriction::Rows(Condition::Filter(Filter { field, negated, operation })),
            Self::Aggregate(field) => Restriction::Groups(Condition::Filter(Filter { field, negated, operation })),
        }
    }
}

/// `select=`.
pub(super) fn select(text: &str) -> Result<Vec<SelectItem>, QueryError> {
    parse("select parameter", text, text, |input| {
        let items = select::forest(input, 0)?;
        surplus(input)?;
        Ok(items)
    })
}

/// `columns=` and `on_conflict=`; `what` says which parameter it is.
pub(super) fn columns(what: &str, text: &str) -> Result<Vec<String>, QueryError> {
    parse(what, text, text, |input| {
        let name = |input: &mut Input<'_>| {
            let name = field_name(input)?.into_owned();
            input.count("a list may have 1000 columns at most").map(|()| name)
        };
        let names = input.separated(name, |input| input.lexeme(|input| input.char(',')))?;
        input.end()?;
        Ok(names)
    })
}

/// `order=`.
pub(super) fn order(text: &str) -> Result<Vec<OrderTerm>, QueryError> {
    parse("order", text, text, order::order)
}

/// The key of a filter, an order, a limit or an offset: embeds, then a field or an aggregate.
pub(super) fn tree_path(key: &str) -> Result<(Path, Operand), QueryError> {
    parse("tree path", key, key, |input| {
        aggregate::no_distinct_rows(input)?;
        let (path, operand) = match aggregate::rows(input)? {
            Some(rows) => (Path::new(), Operand::Aggregate(rows)),
            None => {
                let mut path = path(input)?;
                let steps = json_path(input)?;
                let field = Field { name: path.pop().unwrap_or_default(), path: steps };
                (path, aggregate::operand(input, field)?)
            }
        };
        aggregate::no_other(input)?;
        input.end()?;
        Ok((path, operand))
    })
}

/// Names separated by dots, up to an aggregate function.
fn path(input: &mut Input<'_>) -> Parsed<Path> {
    let name = |input: &mut Input<'_>| field_name(input).map(Cow::into_owned);
    input.separated(name, |input| aggregate::not_ahead(input).and_then(|()| delimiter(input)))
}

/// The value of a filter: `not.` and an operator with its value.
pub(super) fn operation(text: &str) -> Result<(bool, Operation), QueryError> {
    parse("filter", text, text, |input| {
        let operation = filter::operation(input, filter::whole_value)?;
        input.end()?;
        Ok(operation)
    })
}

/// The value of a filter, or `None` where it begins like no operator and so is an argument.
pub(super) fn operation_or_argument(text: &str) -> Result<Option<(bool, Operation)>, QueryError> {
    parse("filter", text, text, |input| {
        let operation = input.optional(|input| filter::operation(input, filter::whole_value))?;
        if operation.is_some() {
            input.end()?;
        }
        Ok(operation)
    })
}

/// The key of a logic group, `embed.not.or`: the path, whether it says `not`, and the operator, which is the last name.
pub(super) fn logic_path(key: &str) -> Result<(Path, bool, Logic), QueryError> {
    parse("logic path", key, key, |input| {
        let mut path = path(input)?;
        input.end()?;
        let logic = if path.pop().as_deref() == Some("or") { Logic::Or } else { Logic::And };
        let not = path.iter().position(|name| name == "not");
        if let Some(not) = not {
            path.remove(not);
        }
        Ok((path, not.is_some(), logic))
    })
}

/// The value of a logic group: its members in parentheses.
pub(super) fn logic_tree(negated: bool, logic: Logic, members: &str) -> Result<Restriction, QueryError> {
    // The operator is put before its members, so that columns count from there, as at PostgREST.
    let text = format!("{}{}{members}", if negated { "not." } else { "" }, logic.name());
    parse("logic tree", members, &text, |input| {
        let tree = filter::logic_tree(input, 0)?;
        surplus(input)?;
        Ok(tree)
    })
}

/// The end of a text, or closing brackets and quotes in surplus before it. PostgREST ignores whatever is left over after
/// a complete production; its specs rely on that for these two, and any other rest is refused.
fn surplus(input: &mut Input<'_>) -> Parsed<()> {
    input.run(|c| c == ')' || c == '\'');
    input.end()
}

/// `limit=` and `offset=`; `what` says which parameter it is. A number too large for an `i64` is as good as the largest.
pub(super) fn integer(what: &str, text: &str) -> Result<i64, QueryError> {
    let (negative, digits) = parse(what, text, text, |input| {
        let sign = input.optional(|input| input.char('-'))?;
        let digits = digits(input)?;
        input.end()?;
        Ok((sign.is_some(), digits.to_owned()))
    })?;
    let magnitude = digits.parse::<i64>().unwrap_or(i64::MAX);
    Ok(if negative { -magnitude } else { magnitude })
}
