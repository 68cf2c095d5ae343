//! Conditions checked against the catalog.

use super::{AggregateRef, EmbedPlan, FieldRef, PlanError, field::Scope, read::Planner};
use crate::{
    name::QualifiedName,
    query::{AggregateExpression, AggregateFunction, Condition, Filter, IsValue, Logic, Operation},
};

/// A condition: of rows, whose left sides are fields, or of groups, whose left sides are aggregates.
#[derive(Clone, Debug)]
pub enum Predicate<'c, F = FieldRef<'c>> {
    /// `and(…)`, `or(…)`.
    Group {
        /// NOT before it.
        negated: bool,
        /// How the members combine.
        logic: Logic,
        /// The members.
        members: Vec<Predicate<'c, F>>,
    },
    /// A comparison.
    Compare {
        /// Left side.
        field: F,
        /// NOT before it.
        negated: bool,
        /// Operator and value.
        operation: Operation,
        /// The function that reads the column's domain from text.
        parser: Option<&'c QualifiedName>,
    },
    /// Whether an embed has a row.
    Embed {
        /// Its position among the level's embeds.
        index: usize,
        /// It must have none.
        is_null: bool,
    },
}

impl<'c> Planner<'_, 'c> {
    /// Checks a condition on rows; a filter on the name of an embed asks whether that has rows.
    pub(super) fn predicate(
        &self,
        scope: &Scope<'c>,
        embeds: &[EmbedPlan<'c>],
        condition: &Condition,
    ) -> Result<Predicate<'c>, PlanError> {
        Predicate::plan(condition, &|filter| self.compare(scope, embeds, filter))
    }

    /// Checks a condition on groups.
    pub(super) fn having(
        &self,
        scope: &Scope<'c>,
        condition: &Condition<AggregateExpression>,
    ) -> Result<Predicate<'c, AggregateRef<'c>>, PlanError> {
        Predicate::plan(condition, &|filter| {
            let field = self.aggregate(scope, &filter.field)?;
            // Only these give a value of the column's own.
            let is_of_column = matches!(field.aggregate.function, AggregateFunction::Max | AggregateFunction::Min);
            let column = field.field.as_ref().filter(|_| is_of_column && field.cast.is_none());
            let parser = column.and_then(|column| self.parser(column));
            Ok(Predicate::Compare { field, negated: filter.negated, operation: filter.operation.clone(), parser })
        })
    }

    fn compare(
        &self,
        scope: &Scope<'c>,
        embeds: &[EmbedPlan<'c>],
        filter: &Filter,
    ) -> Result<Predicate<'c>, PlanError> {
        let embed = embeds.iter().position(|embed| embed.key == filter.field.name && filter.field.path.is_empty());
        match (embed, &filter.operation) {
            (Some(index), Operation::Is(IsValue::Null)) => {
                return Ok(Predicate::Embed { index, is_null: !filter.negated });
            }
            (Some(index), Operation::Is(IsValue::NotNull)) => {
                return Ok(Predicate::Embed { index, is_null: filter.negated });
            }
            _ => {}
        }
        // Anything else can only mean a column that goes by the embed's name.
        let field = scope.field(&filter.field).map_err(|error| match embed {
            Some(_) => PlanError::UnacceptableFilter(filter.field.name.clone()),
            None => error,
        })?;
        let parser = self.parser(&field);
        Ok(Predicate::Compare { field, negated: filter.negated, operation: filter.operation.clone(), parser })
    }

    /// The function that reads a column's domain from text.
    fn parser(&self, field: &FieldRef<'c>) -> Option<&'c QualifiedName> {
        let name = field.type_name()?;
        self.context.catalog.representations.get(&("text".to_owned(), name.to_owned()))
    }
}

impl<'c, F> Predicate<'c, F> {
    /// Plans a condition, whose comparisons `compare` plans.
    fn plan<Q>(
        condition: &Condition<Q>,
        compare: &impl Fn(&Filter<Q>) -> Result<Self, PlanError>,
    ) -> Result<Self, PlanError> {
        match condition {
            Condition::Group { negated, logic, members } => {
                let members = members.iter().map(|member| Self::plan(member, compare)).collect::<Result<_, _>>()?;
                Ok(Self::Group { negated: *negated, logic: *logic, members })
            }
            Condition::Filter(filter) => compare(filter),
        }
    }

    /// Adds what it compares.
    pub(super) fn fields<'p>(&'p self, fields: &mut Vec<&'p F>) {
        match self {
            Self::Group { members, .. } => members.iter().for_each(|member| member.fields(fields)),
            Self::Compare { field, .. } => fields.push(field),
            Self::Embed { .. } => {}
        }
    }

    /// It calls a function that reads a domain from text.
    pub(super) fn parses(&self) -> bool {
        match self {
            Self::Group { members, .. } => members.iter().any(Self::parses),
            Self::Compare { parser, .. } => parser.is_some(),
            Self::Embed { .. } => false,
        }
    }
}
