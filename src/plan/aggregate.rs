//! Aggregates of filters and orders. Those of a select are outputs.

use super::{Cast, FieldRef, PlanError, field::Scope, read::Planner};
use crate::query::{Aggregate, AggregateExpression};

/// An aggregate over a level's rows, or over those of each group.
#[derive(Clone, Debug, PartialEq)]
pub struct AggregateRef<'c> {
    /// What is aggregated; `None` is the rows themselves.
    pub field: Option<FieldRef<'c>>,
    /// Cast of the field.
    pub cast: Option<Cast>,
    /// How.
    pub aggregate: Aggregate,
}

impl<'c> Planner<'_, 'c> {
    /// Checks an aggregate.
    pub(super) fn aggregate(
        &self,
        scope: &Scope<'c>,
        expression: &AggregateExpression,
    ) -> Result<AggregateRef<'c>, PlanError> {
        self.allow_aggregates()?;
        Ok(AggregateRef {
            field: expression.field.as_ref().map(|field| scope.field(field)).transpose()?,
            cast: expression.cast.as_deref().map(Cast::read),
            aggregate: expression.aggregate,
        })
    }

    /// Refuses aggregates where `DB_AGGREGATES` is off.
    pub(super) fn allow_aggregates(&self) -> Result<(), PlanError> {
        if self.context.limits.aggregates { Ok(()) } else { Err(PlanError::AggregatesNotAllowed) }
    }
}
