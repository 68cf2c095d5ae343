//! Columns of an answer.

use super::{
    Cast, FieldRef, Format, PlanError,
    field::Scope,
    read::{Planner, in_zone},
};
use crate::{
    catalog::{Builtin, Column, MediaHandler, Wire},
    name::QualifiedName,
    query::{Aggregate, AggregateFunction, JsonOperand, SelectField},
};

/// A column of the answer.
#[derive(Clone, Debug)]
pub struct Output<'c> {
    /// Its key.
    pub key: String,
    /// What it shows; `None` is the whole row, `count(*)`'s star.
    pub field: Option<FieldRef<'c>>,
    /// Cast of the field.
    pub cast: Option<Cast>,
    /// Aggregate over it.
    pub aggregate: Option<Aggregate>,
    /// Cast of the aggregate.
    pub aggregate_cast: Option<Cast>,
    /// The function that represents the column's domain as JSON.
    pub representation: Option<&'c QualifiedName>,
    /// How the value comes; [`Wire::Other`] has to be cast.
    pub wire: Wire,
}

impl<'c> Planner<'_, 'c> {
    pub(super) fn outputs(
        &self,
        scope: &Scope<'c>,
        item: &SelectField,
        outputs: &mut Vec<Output<'c>>,
    ) -> Result<(), PlanError> {
        if item.aggregate.is_some() {
            self.allow_aggregates()?;
        }
        if item.field.name == "*" && item.field.path.is_empty() {
            match item.aggregate {
                None if scope.scalar => {
                    let field = scope.field(&item.field)?;
                    outputs.push(self.output(Some(field), item));
                }
                None => outputs.extend(
                    self.all_columns(scope).into_iter().map(|column| self.output(Some(FieldRef::column(column)), item)),
                ),
                Some(_) => outputs.push(self.output(None, item)),
            }
            return Ok(());
        }
        match scope.field(&item.field) {
            Ok(field) => outputs.push(self.output(Some(field), item)),
            // `count` without parentheses is how rows were counted before there were aggregates.
            Err(_) if is_bare_count(item) => {
                outputs.push(self.output(None, &SelectField { aggregate: Some(Aggregate::COUNT), ..item.clone() }));
            }
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// What `*` means: the columns that the caller may read.
    fn all_columns(&self, scope: &Scope<'c>) -> Vec<&'c Column> {
        match scope.relation {
            // The handler's parameter is a whole row of the relation.
            Some(relation) if scope.depth == 0 && self.takes_whole_rows() => relation.columns.iter().collect(),
            Some(relation) => self.context.catalog.readable(relation, self.context.role),
            None => scope.columns.iter().collect(),
        }
    }

    fn takes_whole_rows(&self) -> bool {
        matches!(self.context.format, Format::Handler(MediaHandler { target: Some(_), .. }))
    }

    fn output(&self, field: Option<FieldRef<'c>>, item: &SelectField) -> Output<'c> {
        let cast = item.cast.as_deref().map(Cast::read);
        let aggregate_cast = item.aggregate_cast.as_deref().map(Cast::read);
        let representation = field
            .as_ref()
            .filter(|field| field.path.is_empty())
            .and_then(FieldRef::type_name)
            .and_then(|name| self.context.catalog.representations.get(&(name.to_owned(), "json".to_owned())));
        let wire = match (&cast, item.aggregate, &aggregate_cast) {
            (_, _, Some(cast)) | (Some(cast), None, None) => cast.wire(),
            (_, Some(Aggregate { function: AggregateFunction::Count, .. }), None) => Wire::Plain(Builtin::Int8),
            (_, Some(_), None) => Wire::Other,
            (None, None, None) if representation.is_some() => Wire::Other,
            (None, None, None) => field.as_ref().map_or(Wire::Other, FieldRef::wire),
        };
        let wire = in_zone(self.context, wire);
        Output {
            key: output_key(field.as_ref(), item),
            field,
            cast,
            aggregate: item.aggregate,
            aggregate_cast,
            representation,
            wire,
        }
    }
}

fn is_bare_count(item: &SelectField) -> bool {
    item.field.name == "count" && item.field.path.is_empty() && item.aggregate.is_none() && item.cast.is_none()
}

/// The key of an output: its alias, the last key of its path, the aggregate's name, or the column's.
fn output_key(field: Option<&FieldRef<'_>>, item: &SelectField) -> String {
    if let Some(alias) = &item.alias {
        return alias.clone();
    }
    if let Some(aggregate) = item.aggregate {
        return aggregate.function.name().to_owned();
    }
    let last_key = item.field.path.iter().rev().find_map(|step| match &step.operand {
        JsonOperand::Key(key) => Some(key.clone()),
        JsonOperand::Index(_) => None,
    });
    last_key.unwrap_or_else(|| field.map_or_else(|| item.field.name.clone(), |field| field.name().to_owned()))
}

impl<'c> Output<'c> {
    /// A column as it stands, under its own name.
    pub(super) fn column(column: &'c Column) -> Self {
        let field = FieldRef::column(column);
        Self {
            key: column.name.as_str().to_owned(),
            wire: field.wire(),
            field: Some(field),
            cast: None,
            aggregate: None,
            aggregate_cast: None,
            representation: None,
        }
    }

    /// It is a field as it stands: no path, cast, aggregate or representation.
    pub fn is_plain(&self) -> bool {
        self.cast.is_none()
            && self.aggregate.is_none()
            && self.representation.is_none()
            && self.field.as_ref().is_some_and(|field| field.path.is_empty())
    }
}
