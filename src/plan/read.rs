//! Plans of reads: which columns, of what, joined to what, which rows, in which order.

use super::{
    Cast, Context, EmbedPlan, FieldRef, Format, Layout, OutputColumn, PlanError, Shape,
    embed::{self, Join},
    field::Scope,
};
use crate::{
    catalog::{Builtin, Column, Relation, Wire},
    name::QualifiedName,
    query::{
        Aggregate, Condition, Direction, Filter, IsValue, JsonOperand, Logic, Node, Nulls, Operation, OrderTerm, Query,
        Range, SelectField, SelectItem,
    },
};

/// A read of a relation.
#[derive(Clone, Debug)]
pub struct ReadPlan<'c> {
    /// What to select.
    pub select: Select<'c>,
    /// What the rows look like.
    pub shape: Shape,
    /// What they become.
    pub layout: Layout,
}

/// The name of a row source inside a statement: `t0`, `t1`, … in the order of the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Alias(pub u32);

/// One level of a select.
#[derive(Clone, Debug)]
pub struct Select<'c> {
    /// Where rows come from.
    pub from: From<'c>,
    /// What they go by.
    pub alias: Alias,
    /// Columns of the answer.
    pub outputs: Vec<Output<'c>>,
    /// Related rows, in the order they were asked for, after the outputs.
    pub embeds: Vec<EmbedPlan<'c>>,
    /// Conditions that all must hold.
    pub filter: Vec<Predicate<'c>>,
    /// Sort terms.
    pub order: Vec<OrderBy<'c>>,
    /// Rows wanted.
    pub range: Range,
}

/// Where rows come from.
#[derive(Clone, Debug)]
pub enum From<'c> {
    /// A relation.
    Relation(&'c Relation),
    /// The rows that the statement's write or call gave: the common table expression `pgrst_source`.
    Source(Option<&'c Relation>),
    /// A computed relationship: a function of the parent's row.
    Computed {
        /// The function.
        function: &'c QualifiedName,
        /// The parent's relation, whose row type the argument is cast to.
        parent: &'c QualifiedName,
        /// The parent.
        parent_alias: Alias,
    },
}

/// A column of the answer.
#[derive(Clone, Debug)]
pub struct Output<'c> {
    /// Its key.
    pub key: String,
    /// What it shows; `None` is `count(*)`'s star.
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

/// A condition.
#[derive(Clone, Debug)]
pub enum Predicate<'c> {
    /// `and(…)`, `or(…)`.
    Group {
        /// NOT before it.
        negated: bool,
        /// How the members combine.
        logic: Logic,
        /// The members.
        members: Vec<Predicate<'c>>,
    },
    /// A comparison.
    Compare {
        /// Left side.
        field: FieldRef<'c>,
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

/// A sort term.
#[derive(Clone, Debug)]
pub struct OrderBy<'c> {
    /// The to-one embed whose field this is, by position.
    pub embed: Option<usize>,
    /// What to sort by.
    pub field: FieldRef<'c>,
    /// Ascending or descending.
    pub direction: Option<Direction>,
    /// Where nulls go.
    pub nulls: Option<Nulls>,
}

/// Numbers the row sources of a statement.
#[derive(Debug, Default)]
pub(super) struct Aliases(u32);

impl Aliases {
    pub(super) fn next(&mut self) -> Alias {
        self.0 += 1;
        Alias(self.0 - 1)
    }
}

/// Plans a read of a relation.
pub fn read<'c>(context: &Context<'c>, relation: &'c Relation, query: &Query) -> Result<ReadPlan<'c>, PlanError> {
    let select = Planner::new(context).level(From::Relation(relation), scope(context, relation, 0), &query.root)?;
    let shape = shape(context, &select);
    Ok(ReadPlan { select, shape, layout: layout(context.format) })
}

/// The scope of a relation's fields.
pub(super) fn scope<'c>(context: &Context<'c>, relation: &'c Relation, depth: usize) -> Scope<'c> {
    Scope {
        catalog: context.catalog,
        relation: Some(relation),
        columns: &relation.columns,
        scalar: false,
        depth,
        name: relation.name.name.as_str(),
    }
}

/// A timestamptz is written here only where the session's time zone is UTC.
pub(super) fn in_zone(context: &Context<'_>, wire: Wire) -> Wire {
    match wire {
        Wire::Plain(Builtin::TimestampTz) | Wire::Array(Builtin::TimestampTz) if !context.utc => Wire::Other,
        wire => wire,
    }
}

/// What rows of a relation become.
pub(super) fn layout(format: Format) -> Layout {
    if format.is_singular() { Layout::Object } else { Layout::Array }
}

/// What the rows of a select look like in the format asked for. Flat where every output is a value of its own;
/// aggregates, related rows and stripped nulls are left to Postgres.
pub(super) fn shape(context: &Context<'_>, select: &Select<'_>) -> Shape {
    let is_flat = select.embeds.is_empty() && select.outputs.iter().all(|output| output.aggregate.is_none());
    match context.format {
        Format::Csv => Shape::Text(select.keys()),
        Format::Json { strip_nulls: false, .. } if is_flat && !select.outputs.is_empty() => Shape::Flat(
            select.outputs.iter().map(|output| OutputColumn { key: output.key.clone(), wire: output.wire }).collect(),
        ),
        Format::Json { .. } => Shape::Document,
    }
}

impl Select<'_> {
    /// Keys of an answer's row, in order.
    pub fn keys(&self) -> Vec<String> {
        let outputs = self.outputs.iter().map(|output| output.key.clone());
        outputs.chain(self.embeds.iter().flat_map(EmbedPlan::keys)).collect()
    }

    /// Some output is an aggregate, so that the others are grouped by.
    pub fn is_aggregated(&self) -> bool {
        self.outputs.iter().any(|output| output.aggregate.is_some())
    }
}

/// Builds the levels of one statement.
pub(super) struct Planner<'a, 'c> {
    pub(super) context: &'a Context<'c>,
    pub(super) aliases: Aliases,
}

impl<'a, 'c> Planner<'a, 'c> {
    pub(super) fn new(context: &'a Context<'c>) -> Self {
        Self { context, aliases: Aliases::default() }
    }

    /// Plans one level and all below it.
    pub(super) fn level(&mut self, from: From<'c>, scope: Scope<'c>, node: &Node) -> Result<Select<'c>, PlanError> {
        let alias = self.aliases.next();
        let mut outputs = Vec::new();
        let mut embeds = Vec::new();
        for item in &node.select {
            match item {
                SelectItem::Field(field) => self.outputs(&scope, field, &mut outputs)?,
                SelectItem::Embed(item) => embeds.push(embed::plan(self, &scope, alias, item)?),
            }
        }
        let filter =
            node.filter.iter().map(|condition| self.predicate(&scope, &embeds, condition)).collect::<Result<_, _>>()?;
        let order = node.order.iter().map(|term| order_by(&scope, &embeds, term)).collect::<Result<_, _>>()?;
        Ok(Select { from, alias, outputs, embeds, filter, order, range: self.restrict(node.range) })
    }

    /// `DB_MAX_ROWS` holds on every level.
    fn restrict(&self, range: Range) -> Range {
        let limit = match (range.limit, self.context.limits.max_rows) {
            (Some(limit), Some(max)) => Some(limit.min(max)),
            (limit, max) => limit.or(max),
        };
        Range { limit, ..range }
    }

    fn outputs(&self, scope: &Scope<'c>, item: &SelectField, outputs: &mut Vec<Output<'c>>) -> Result<(), PlanError> {
        if item.aggregate.is_some() && !self.context.limits.aggregates {
            return Err(PlanError::AggregatesNotAllowed);
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
        outputs.push(self.output(Some(scope.field(&item.field)?), item));
        Ok(())
    }

    /// What `*` means: the columns that the caller may read.
    fn all_columns(&self, scope: &Scope<'c>) -> Vec<&'c Column> {
        match scope.relation {
            Some(relation) => self.context.catalog.readable(relation, self.context.role),
            None => scope.columns.iter().collect(),
        }
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
            (_, Some(Aggregate::Count), None) => Wire::Plain(Builtin::Int8),
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

    /// Checks a condition; a filter on the name of an embed asks whether that has rows.
    pub(super) fn predicate(
        &self,
        scope: &Scope<'c>,
        embeds: &[EmbedPlan<'c>],
        condition: &Condition,
    ) -> Result<Predicate<'c>, PlanError> {
        match condition {
            Condition::Group { negated, logic, members } => {
                let members =
                    members.iter().map(|member| self.predicate(scope, embeds, member)).collect::<Result<_, _>>()?;
                Ok(Predicate::Group { negated: *negated, logic: *logic, members })
            }
            Condition::Filter(filter) => self.compare(scope, embeds, filter),
        }
    }

    fn compare(
        &self,
        scope: &Scope<'c>,
        embeds: &[EmbedPlan<'c>],
        filter: &Filter,
    ) -> Result<Predicate<'c>, PlanError> {
        let embed = embeds.iter().position(|embed| embed.key == filter.field.name && filter.field.path.is_empty());
        if let Some(index) = embed {
            return match filter.operation {
                Operation::Is(IsValue::Null) => Ok(Predicate::Embed { index, is_null: !filter.negated }),
                Operation::Is(IsValue::NotNull) => Ok(Predicate::Embed { index, is_null: filter.negated }),
                _ => Err(PlanError::UnacceptableFilter(filter.field.name.clone())),
            };
        }
        let field = scope.field(&filter.field)?;
        let parser = field
            .type_name()
            .and_then(|name| self.context.catalog.representations.get(&("text".to_owned(), name.to_owned())));
        Ok(Predicate::Compare { field, negated: filter.negated, operation: filter.operation.clone(), parser })
    }
}

fn order_by<'c>(scope: &Scope<'c>, embeds: &[EmbedPlan<'c>], term: &OrderTerm) -> Result<OrderBy<'c>, PlanError> {
    let (embed, field) = match &term.embed {
        None => (None, scope.field(&term.field)?),
        Some(name) => {
            let index = embeds
                .iter()
                .position(|embed| embed.key == *name)
                .ok_or_else(|| PlanError::NotEmbedded(name.clone()))?;
            if !embeds[index].is_to_one() {
                return Err(PlanError::RelatedOrderNotToOne { origin: scope.name.to_owned(), target: name.clone() });
            }
            (Some(index), embeds[index].scope.field(&term.field)?)
        }
    };
    Ok(OrderBy { embed, field, direction: term.direction, nulls: term.nulls })
}

/// The key of an output: its alias, the last key of its path, the aggregate's name, or the column's.
fn output_key(field: Option<&FieldRef<'_>>, item: &SelectField) -> String {
    if let Some(alias) = &item.alias {
        return alias.clone();
    }
    if let Some(aggregate) = item.aggregate {
        return aggregate.name().to_owned();
    }
    let last_key = item.field.path.iter().rev().find_map(|step| match &step.operand {
        JsonOperand::Key(key) => Some(key.clone()),
        JsonOperand::Index(_) => None,
    });
    last_key.unwrap_or_else(|| field.map_or_else(|| item.field.name.clone(), |field| field.name().to_owned()))
}

impl Output<'_> {
    /// It is a field as it stands: no path, cast, aggregate or representation.
    pub fn is_plain(&self) -> bool {
        self.cast.is_none()
            && self.aggregate.is_none()
            && self.representation.is_none()
            && self.field.as_ref().is_some_and(|field| field.path.is_empty())
    }
}

impl<'c> Predicate<'c> {
    /// Embeds that this condition speaks of, by position.
    pub fn embeds(&self, visit: &mut impl FnMut(usize)) {
        match self {
            Self::Group { members, .. } => members.iter().for_each(|member| member.embeds(visit)),
            Self::Embed { index, .. } => visit(*index),
            Self::Compare { .. } => {}
        }
    }
}

impl Select<'_> {
    /// Whether some embed restricts which rows of this level there are.
    pub fn is_restricted_by_embeds(&self) -> bool {
        self.embeds.iter().any(|embed| embed.join == Join::Inner)
    }
}
