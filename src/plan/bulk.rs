//! Updates in bulk: each object of an array changes the row that it names.

use super::{Limits, PlanError, write::WriteRequest};
use crate::{catalog::Relation, name::ColumnName};

/// The columns by which the objects of an update name their rows; empty where all objects are for all rows, as at
/// PostgREST: those of `on_conflict`, or the primary key's where an array comes without any filter.
///
/// # Errors
/// `on_conflict` names no column, or the objects lack one that they need; or, while `DB_SAFE_WRITES` is on, an object
/// could be for many rows.
pub(super) fn key<'c>(
    limits: &Limits,
    relation: &'c Relation,
    request: &WriteRequest<'_>,
) -> Result<Vec<&'c ColumnName>, PlanError> {
    let key: Vec<_> = match &request.query.on_conflict {
        Some(names) => names.iter().map(|name| conflict_column(relation, name)).collect::<Result<_, _>>()?,
        None if request.is_object || !request.query.root.filter.is_empty() => return Ok(Vec::new()),
        None => relation.primary_key.iter().collect(),
    };
    // Of no objects, or of such as say nothing, nothing is changed.
    if request.keys.is_empty() {
        return Ok(key);
    }
    let is_unique = || {
        let unique = relation.unique_keys.iter().chain([&relation.primary_key]).filter(|unique| !unique.is_empty());
        unique.into_iter().any(|unique| unique.iter().all(|column| key.contains(&column)))
    };
    if limits.safe_writes && request.query.root.filter.is_empty() && !is_unique() {
        return Err(PlanError::UnfilteredWrite("UPDATE"));
    }
    match key.iter().find(|column| !request.keys.iter().any(|given| given == column.as_str())) {
        // PostgREST takes such an array for one object.
        Some(_) if !limits.safe_writes && request.query.on_conflict.is_none() => Ok(Vec::new()),
        Some(missing) => Err(PlanError::MissingKey(missing.as_str().to_owned())),
        None => Ok(key),
    }
}

/// A column that `on_conflict` names.
pub(super) fn conflict_column<'c>(relation: &'c Relation, name: &str) -> Result<&'c ColumnName, PlanError> {
    let column = relation.column(name).map(|column| &column.name);
    column.ok_or_else(|| PlanError::UndefinedConflictColumn(name.to_owned()))
}
