//! What a page can be continued by: the values of its last row that no other row has.

use super::{
    Context, FieldRef, Output, Shape, SortKey, Target,
    read::{From, OrderBy, Select, in_zone},
};
use crate::{
    catalog::{Builtin, Column, Wire},
    query::{Direction, Nulls, keyset::KeyColumn},
};

/// Columns at most: the condition grows with their square.
const MAX_KEYS: usize = 8;

/// An order that tells any two rows apart, and where a row has what it goes by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keyset {
    /// What the order goes by.
    pub keys: Vec<KeyColumn>,
    /// Where its values are.
    pub values: Vec<Place>,
}

/// Where a row has a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// In a column, and how it comes.
    Value(usize, Wire),
    /// In a column, as text.
    Text(usize),
    /// Under a key of the document.
    Key(String),
}

/// The keyset of a select whose rows have this shape; columns that are not among its outputs are added to them, where
/// nobody sees them. `None` where the order leaves it open which of two rows comes first, or goes by what is no column.
pub(super) fn keyset<'c>(context: &Context<'c>, select: &mut Select<'c>, shape: &Shape) -> Option<Keyset> {
    let From::Relation(relation) = &select.from else { return None };
    if select.is_aggregated() || !matches!(shape, Shape::Flat(_) | Shape::Text(_) | Shape::Document) {
        return None;
    }
    let mut columns: Vec<&'c Column> = Vec::new();
    let mut keys = Vec::new();
    for term in &select.order {
        let column = sorted_by(term)?;
        // A column that has been sorted by already says nothing more.
        if !columns.contains(&column) {
            columns.push(column);
            keys.push(key_column(term, column));
        }
        if relation.tells_apart(&columns) || columns.len() == MAX_KEYS {
            break;
        }
    }
    if !relation.tells_apart(&columns) {
        return None;
    }
    let values = columns.iter().map(|column| place(context, select, shape, column)).collect::<Option<_>>()?;
    Some(Keyset { keys, values })
}

/// The column that a term sorts by.
fn sorted_by<'c>(term: &OrderBy<'c>) -> Option<&'c Column> {
    match &term.key {
        SortKey::Field(FieldRef { target: Target::Column(column), path }) if path.is_empty() => {
            Some(*column).filter(|column| compares_as_it_sorts(column))
        }
        _ => None,
    }
}

/// Whether a filter on a column compares as its order does, and takes its values as they are written: so do Postgres' own
/// scalars and enums. Another type's operators may be elsewhere, or none of the type's own.
fn compares_as_it_sorts(column: &Column) -> bool {
    match column.ty.wire() {
        Wire::Plain(Builtin::Json | Builtin::Jsonb) => false,
        Wire::Plain(_) => true,
        Wire::Array(_) | Wire::Other => column.ty.kind == 'e',
    }
}

/// Where nulls go unless it is said (PostgreSQL's manual, 7.5): they are larger than any value.
fn key_column(term: &OrderBy<'_>, column: &Column) -> KeyColumn {
    let direction = term.direction.unwrap_or(Direction::Asc);
    let nulls = term.nulls.unwrap_or(match direction {
        Direction::Asc => Nulls::Last,
        Direction::Desc => Nulls::First,
    });
    KeyColumn { column: column.name.as_str().to_owned(), direction, nulls: column.nullable.then_some(nulls) }
}

fn place<'c>(context: &Context<'c>, select: &mut Select<'c>, shape: &Shape, column: &'c Column) -> Option<Place> {
    // A filter would be read by a function of the domain's own, from what only that writes.
    if context.catalog.representations.contains_key(&("text".to_owned(), column.ty.name.clone())) {
        return None;
    }
    let is_it = |output: &Output<'c>| {
        output.is_plain() && output.field.as_ref().is_some_and(|field| field.target == Target::Column(column))
    };
    let shown = select.outputs.iter().position(is_it);
    if *shape == Shape::Document {
        let key = &select.outputs.get(shown?)?.key;
        // Of two values under one key only the last would be found.
        return (select.keys().iter().filter(|other| *other == key).count() == 1).then(|| Place::Key(key.clone()));
    }
    let index = match shown {
        Some(index) => index,
        // Behind the outputs come related rows, whose place is not to shift.
        None if !select.embeds.is_empty() => return None,
        None => {
            let mut output = Output::column(column);
            output.wire = in_zone(context, output.wire);
            select.outputs.push(output);
            select.outputs.len() - 1
        }
    };
    Some(match shape {
        Shape::Text(_) => Place::Text(index),
        _ => Place::Value(index, select.outputs.get(index)?.wire),
    })
}
