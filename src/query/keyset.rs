//! The rows after a row, in the words of the grammar: keyset pagination.
//!
//! In: what an order goes by and the values of a row. Out: a [`Condition`] that holds for the rows that come after it,
//! as PostgreSQL sorts them. It costs the same on every page, and rows that come and go meanwhile shift nothing, as
//! they do with `offset`.

use super::{Condition, Direction, Field, Filter, IsValue, Logic, Nulls, Operation, QuantifiedOperator};

/// A column that rows are sorted by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyColumn {
    /// Its name.
    pub column: String,
    /// Up or down.
    pub direction: Direction,
    /// Where rows without a value go; `None` where all have one.
    pub nulls: Option<Nulls>,
}

/// The condition that holds for the rows after one with these values, of which NULL is `None`. Where nothing can come
/// after it there is none. `keys` and `values` are of one length.
pub fn after(keys: &[KeyColumn], values: &[Option<String>]) -> Option<Condition> {
    let alternatives = (0..keys.len()).filter_map(|place| {
        let mut members: Vec<_> = keys.iter().zip(values).take(place).map(|(key, value)| key.equal(value)).collect();
        members.push(keys.get(place)?.beyond(values.get(place)?)?);
        Some(joined(Logic::And, members))
    });
    let alternatives: Vec<_> = alternatives.collect();
    (!alternatives.is_empty()).then(|| joined(Logic::Or, alternatives))
}

/// Whether a condition is one that [`after`] gives for these keys, whatever the values.
pub fn is_after(keys: &[KeyColumn], condition: &Condition) -> bool {
    let values: Vec<_> = keys.iter().map(|key| value_of(&key.column, condition)).collect();
    after(keys, &values).as_ref() == Some(condition)
}

/// What a condition compares a column with, where it first does.
fn value_of(column: &str, condition: &Condition) -> Option<String> {
    match condition {
        Condition::Group { members, .. } => members.iter().find_map(|member| value_of(column, member)),
        Condition::Filter(Filter { field, operation: Operation::Quantified(_, None, value), .. }) => {
            (field.name == column).then(|| value.clone())
        }
        Condition::Filter(_) => None,
    }
}

impl KeyColumn {
    /// It has this value.
    fn equal(&self, value: &Option<String>) -> Condition {
        match value {
            Some(value) => self.compared(QuantifiedOperator::Equal, value),
            None => self.is_null(false),
        }
    }

    /// It has a value that is sorted after this one.
    fn beyond(&self, value: &Option<String>) -> Option<Condition> {
        let Some(value) = value else {
            return (self.nulls == Some(Nulls::First)).then(|| self.is_null(true));
        };
        let further = self.compared(
            match self.direction {
                Direction::Asc => QuantifiedOperator::GreaterThan,
                Direction::Desc => QuantifiedOperator::LessThan,
            },
            value,
        );
        Some(match self.nulls {
            Some(Nulls::Last) => joined(Logic::Or, vec![further, self.is_null(false)]),
            Some(Nulls::First) | None => further,
        })
    }

    fn compared(&self, operator: QuantifiedOperator, value: &str) -> Condition {
        self.filter(false, Operation::Quantified(operator, None, value.to_owned()))
    }

    fn is_null(&self, negated: bool) -> Condition {
        self.filter(negated, Operation::Is(IsValue::Null))
    }

    fn filter(&self, negated: bool, operation: Operation) -> Condition {
        let field = Field { name: self.column.clone(), path: Vec::new() };
        Condition::Filter(Filter { field, negated, operation })
    }
}

/// Several conditions as one; one alone needs no group.
fn joined(logic: Logic, mut members: Vec<Condition>) -> Condition {
    match members.len() {
        1 => members.remove(0),
        _ => Condition::Group { negated: false, logic, members },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::{Kind, Query, TargetNames};

    fn key(column: &str, direction: Direction, nulls: Option<Nulls>) -> KeyColumn {
        KeyColumn { column: column.to_owned(), direction, nulls }
    }

    fn some(value: &str) -> Option<String> {
        Some(value.to_owned())
    }

    fn written(keys: &[KeyColumn], values: &[Option<String>]) -> Option<String> {
        after(keys, values).map(|condition| {
            let (key, value) = condition.parameter();
            format!("{key}={value}")
        })
    }

    #[test]
    fn rows_after_a_row_are_written_as_filters() {
        let id = key("id", Direction::Asc, None);
        let name = key("name", Direction::Desc, Some(Nulls::First));
        let age = key("age", Direction::Asc, Some(Nulls::Last));
        for (keys, values, expected) in [
            (vec![id.clone()], vec![some("7")], Some("id=gt.7")),
            (
                vec![name.clone(), id.clone()],
                vec![some("O'Hara, \"P\""), some("7")],
                Some(r#"or=(name.lt."O'Hara, \"P\"",and(name.eq."O'Hara, \"P\"",id.gt.7))"#),
            ),
            (
                vec![name.clone(), id.clone()],
                vec![None, some("7")],
                Some("or=(name.not.is.null,and(name.is.null,id.gt.7))"),
            ),
            (
                vec![age.clone(), id.clone()],
                vec![some("4"), some("7")],
                Some("or=(or(age.gt.4,age.is.null),and(age.eq.4,id.gt.7))"),
            ),
            (vec![age.clone(), id.clone()], vec![None, some("7")], Some("and=(age.is.null,id.gt.7)")),
            (vec![age], vec![None], None),
        ] {
            assert_eq!(written(&keys, &values).as_deref(), expected, "{keys:?} {values:?}");
        }
    }

    #[test]
    fn a_condition_of_the_page_before_is_known_again() {
        let keys = [key("a", Direction::Desc, Some(Nulls::First)), key("b", Direction::Asc, None)];
        for values in [[some("x, y"), some("1")], [None, some("2")]] {
            let (name, value) = after(&keys, &values).unwrap().parameter();
            let query = Query::read(Kind::RelationRead, &format!("{name}={value}"), TargetNames::Refused).unwrap();
            assert!(is_after(&keys, &query.root.filter[0]), "{values:?}");
            assert!(!is_after(&keys[..1], &query.root.filter[0]));
        }
        let other = Query::read(Kind::RelationRead, "or=(a.lt.1,b.gt.2)", TargetNames::Refused).unwrap();
        assert!(!is_after(&keys, &other.root.filter[0]));
    }
}
