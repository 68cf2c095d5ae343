//! Filters and logic groups, each put on the level it names.

use super::{Parameter, Role, meaningless};
use crate::query::{
    Aggregate, AggregateExpression, Condition, Field, Filter, Kind, Query, QueryError, TargetNames,
    grammar::{self, Operand, Path, Restriction},
};

/// What the filters and logic groups of a query string say, and what of them turned out to be arguments.
#[derive(Default)]
pub(super) struct Conditions<'p> {
    read: Vec<Read<'p>>,
    pub(super) arguments: Vec<(String, String)>,
}

/// A condition with where it stood in the query string and the level it names.
struct Read<'p> {
    position: usize,
    key: &'p str,
    path: Path,
    restriction: Restriction,
}

impl<'p> Conditions<'p> {
    pub(super) fn read_logic(&mut self, parameters: &[Parameter<'p>]) -> Result<(), QueryError> {
        for (position, Parameter { key, value, .. }) in of(parameters, Role::Logic) {
            let (path, negated, logic) = grammar::logic_path(key)?;
            let restriction = grammar::logic_tree(negated, logic, value)?;
            self.read.push(Read { position, key, path, restriction });
        }
        Ok(())
    }

    pub(super) fn read_filters(&mut self, kind: Kind, parameters: &[Parameter<'p>]) -> Result<(), QueryError> {
        for (position, Parameter { key, value, .. }) in of(parameters, Role::Filter) {
            let (path, operand) = grammar::tree_path(key)?;
            let operation = match kind {
                Kind::RoutineRead => grammar::operation_or_argument(value)?,
                _ => Some(grammar::operation(value)?),
            };
            match (operation, operand) {
                (Some((negated, operation)), operand) => {
                    let restriction = operand.compared(negated, operation);
                    self.read.push(Read { position, key, path, restriction });
                }
                (None, Operand::Field(field)) if path.is_empty() && field.path.is_empty() => {
                    self.arguments.push((field.name, (*value).to_owned()))
                }
                (None, _) => return Err(meaningless(key, "an argument of a function has a plain name")),
            }
        }
        Ok(())
    }

    /// Puts each in place, in the order of the query string.
    pub(super) fn attach(mut self, kind: Kind, query: &mut Query, names: TargetNames) -> Result<(), QueryError> {
        self.read.sort_by_key(|read| read.position);
        for Read { key, path, restriction, .. } in self.read {
            let (path, restriction) = rows_of_embed(query, names, path, restriction);
            if path.is_empty()
                && let Some(reason) = no_effect(kind, &restriction)
            {
                return Err(meaningless(key, reason));
            }
            let node = query.node(&path, names)?;
            match restriction {
                Restriction::Rows(condition) => node.filter.push(condition),
                Restriction::Groups(condition) => node.having.push(condition),
            }
        }
        Ok(())
    }
}

/// `items.count()` counts the rows of the embed `items` where there is one, else the values of the column.
fn rows_of_embed(query: &mut Query, names: TargetNames, path: Path, read: Restriction) -> (Path, Restriction) {
    if let Restriction::Groups(Condition::Filter(Filter { field: counted, negated, operation })) = &read
        && let AggregateExpression { field: Some(Field { name, path: steps }), cast: None, aggregate: Aggregate::COUNT } =
            counted
        && steps.is_empty()
    {
        let embed = [path.as_slice(), std::slice::from_ref(name)].concat();
        if query.node(&embed, names).is_ok() {
            let rows = Operand::Aggregate(AggregateExpression::ROWS);
            return (embed, rows.compared(*negated, operation.clone()));
        }
    }
    (path, read)
}

/// Why a condition on the root has no effect on this kind of request.
fn no_effect(kind: Kind, restriction: &Restriction) -> Option<&'static str> {
    match (kind, restriction) {
        (Kind::Insert, Restriction::Rows(_)) => Some("there is nothing to filter in an insert"),
        (Kind::Insert | Kind::Update | Kind::Upsert | Kind::Delete, Restriction::Groups(_)) => {
            Some("an aggregate can't say which rows to write; filter by columns")
        }
        _ => None,
    }
}

fn of<'a, 'p>(
    parameters: &'a [Parameter<'p>],
    role: Role,
) -> impl Iterator<Item = (usize, &'a Parameter<'p>)> + use<'a, 'p> {
    parameters.iter().enumerate().filter(move |(_, parameter)| parameter.role == role)
}
