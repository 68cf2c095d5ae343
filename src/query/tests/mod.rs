//! The query string as a whole: trees, refusals, bounds, and writing what was read.

mod aggregates;
mod bounds;
mod found;
mod refusals;
mod roundtrip;
mod trees;

use super::*;

fn read(kind: Kind, text: &str) -> Result<Query, QueryError> {
    Query::read(kind, text, TargetNames::Refused)
}

fn relation(text: &str) -> Query {
    read(Kind::RelationRead, text).unwrap_or_else(|error| panic!("{text}: {error:?}"))
}

fn field(name: &str) -> Field {
    Field { name: name.to_owned(), path: Vec::new() }
}

fn filter(name: &str, operation: Operation) -> Condition {
    Condition::Filter(Filter { field: field(name), negated: false, operation })
}

fn equal(value: &str) -> Operation {
    Operation::Quantified(QuantifiedOperator::Equal, None, value.to_owned())
}
