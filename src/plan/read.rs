//! Plans of reads: which columns, of what, joined to what, which rows, in which order.

use super::{
    AggregateRef, Context, EmbedPlan, FieldRef, Format, Keyset, Layout, Lookahead, Output, OutputColumn, PlanError,
    Predicate, Shape, embed,
    field::Scope,
    keyset::keyset,
    lookahead::{GATHERED, LimitedBy, List},
};
use crate::{
    catalog::{Builtin, Relation, Wire},
    name::QualifiedName,
    query::{self, Direction, Node, Nulls, OrderTerm, Query, Range, SelectField, SelectItem},
};

/// A read of a relation.
#[derive(Clone, Debug)]
pub struct ReadPlan<'c> {
    /// What to select.
    pub select: Select<'c>,
    /// What the answer is written in.
    pub format: Format<'c>,
    /// What the rows look like.
    pub shape: Shape,
    /// What they become.
    pub layout: Layout,
    /// Which lists are asked for with a row more than they show.
    pub ahead: Lookahead,
    /// What the next page can go by.
    pub keyset: Option<Keyset>,
    /// Its rows can be sent while they come.
    pub is_streamed: bool,
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
    /// Conditions that all must hold of a row.
    pub filter: Vec<Predicate<'c>>,
    /// Conditions that all must hold of a group.
    pub having: Vec<Predicate<'c, AggregateRef<'c>>>,
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

/// A sort term.
#[derive(Clone, Debug)]
pub struct OrderBy<'c> {
    /// What to sort by.
    pub key: SortKey<'c>,
    /// Ascending or descending.
    pub direction: Option<Direction>,
    /// Where nulls go.
    pub nulls: Option<Nulls>,
}

/// What a level is sorted by.
#[derive(Clone, Debug)]
pub enum SortKey<'c> {
    /// A field of its own.
    Field(FieldRef<'c>),
    /// A field of a to-one embed.
    Related {
        /// The embed's position among the level's.
        index: usize,
        /// Its field.
        field: FieldRef<'c>,
    },
    /// An aggregate over its rows.
    Aggregate(AggregateRef<'c>),
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
    let mut planner = Planner::new(context);
    let mut select = planner.level(From::Relation(relation), scope(context, relation, 0), &query.root)?;
    let shape = shape(context, &select);
    let ahead = planner.look_ahead(&mut select, &shape, query.root.range.limit);
    let keyset = ahead.page.and_then(|_| keyset(context, &mut select, &shape));
    let is_streamed = context.streams(&select.from) && ahead.page.is_none();
    Ok(ReadPlan { select, format: context.format, shape, layout: layout(context.format), ahead, keyset, is_streamed })
}

impl ReadPlan<'_> {
    /// How many rows the root shows in all, as far as the number of all rows tells it: of groups it tells nothing.
    pub fn shown(&self, range: Range, total: Option<i64>) -> Option<u64> {
        let after_offset = total.filter(|_| !self.select.is_aggregated())?.unsigned_abs().saturating_sub(range.offset);
        Some(self.ahead.counted.map_or(after_offset, |bound| after_offset.min(bound.rows)))
    }
}

/// The configuration's limit holds on every level.
fn restrict(range: Range, max_rows: Option<u64>) -> Range {
    let limit = match (range.limit, max_rows) {
        (Some(limit), Some(max)) => Some(limit.min(max)),
        (limit, max) => limit.or(max),
    };
    Range { limit, ..range }
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
pub(super) fn layout(format: Format<'_>) -> Layout {
    match format {
        Format::NdJson => Layout::Lines,
        format if format.is_singular() => Layout::Object,
        _ => Layout::Array,
    }
}

/// What the rows of a select look like in the format asked for. Flat where every output is a value of its own;
/// aggregates, related rows and stripped nulls are left to Postgres.
pub(super) fn shape(context: &Context<'_>, select: &Select<'_>) -> Shape {
    let is_flat = select.embeds.is_empty() && !select.is_aggregated();
    match context.format {
        Format::Csv => Shape::Text(select.keys()),
        Format::GeoJson | Format::Handler(_) => Shape::Raw,
        Format::Json { strip_nulls: false, .. } | Format::NdJson if is_flat && !select.outputs.is_empty() => {
            Shape::Flat(
                select
                    .outputs
                    .iter()
                    .map(|output| OutputColumn { key: output.key.clone(), wire: output.wire })
                    .collect(),
            )
        }
        Format::Json { .. } | Format::NdJson => Shape::Document,
    }
}

impl<'c> Select<'c> {
    /// Whether it calls functions of the database's own: computed fields and relationships, representations of domains.
    /// What those leave in the session outlives the transaction.
    pub fn calls_functions(&self) -> bool {
        let is_computed = |key: &SortKey<'_>| matches!(key, SortKey::Related { field, .. } if field.is_computed());
        self.outputs.iter().any(|output| output.representation.is_some())
            || self.fields().into_iter().any(FieldRef::is_computed)
            || self.order.iter().any(|term| is_computed(&term.key))
            || self.filter.iter().any(Predicate::parses)
            || self.having.iter().any(Predicate::parses)
            || matches!(self.from, From::Computed { .. })
            || self.embeds.iter().any(|embed| embed.select.calls_functions())
    }

    /// The fields of its own rows that it needs, for whatever purpose.
    pub(super) fn fields(&self) -> Vec<&FieldRef<'c>> {
        let mut fields: Vec<_> = self.outputs.iter().filter_map(|output| output.field.as_ref()).collect();
        let mut aggregates = Vec::new();
        self.filter.iter().for_each(|predicate| predicate.fields(&mut fields));
        self.having.iter().for_each(|predicate| predicate.fields(&mut aggregates));
        for OrderBy { key, .. } in &self.order {
            match key {
                SortKey::Field(field) => fields.push(field),
                SortKey::Aggregate(aggregate) => aggregates.push(aggregate),
                SortKey::Related { .. } => {}
            }
        }
        fields.extend(aggregates.into_iter().filter_map(|aggregate| aggregate.field.as_ref()));
        fields
    }

    /// Keys of an answer's row, in order.
    pub fn keys(&self) -> Vec<String> {
        let outputs = self.outputs.iter().map(|output| output.key.clone());
        outputs.chain(self.embeds.iter().flat_map(EmbedPlan::keys)).collect()
    }

    /// It has an aggregate somewhere, so that what it shows besides aggregates is grouped by.
    pub fn is_aggregated(&self) -> bool {
        self.outputs.iter().any(|output| output.aggregate.is_some())
            || self.embeds.iter().any(|embed| embed.spreads().iter().any(|spread| spread.aggregate.is_some()))
            || self.has_hidden_aggregates()
    }

    /// It has an aggregate that is not shown: it is filtered or sorted by one.
    pub(super) fn has_hidden_aggregates(&self) -> bool {
        !self.having.is_empty() || self.order.iter().any(|term| matches!(term.key, SortKey::Aggregate(_)))
    }
}

/// Builds the levels of one statement.
pub(super) struct Planner<'a, 'c> {
    pub(super) context: &'a Context<'c>,
    pub(super) aliases: Aliases,
    /// The keys that lead to the level that is being planned.
    pub(super) path: Vec<String>,
    /// Lists of related rows that may be cut.
    pub(super) lists: Vec<List>,
}

impl<'a, 'c> Planner<'a, 'c> {
    pub(super) fn new(context: &'a Context<'c>) -> Self {
        Self { context, aliases: Aliases::default(), path: Vec::new(), lists: Vec::new() }
    }

    /// Finds out what the root's list may be cut by. One whose rows are seen before the answer begins asks for one more
    /// than it shows. Gives all lists that may be cut.
    pub(super) fn look_ahead(self, root: &mut Select<'c>, shape: &Shape, asked: Option<u64>) -> Lookahead {
        // That one object was asked for is settled by how many rows there are.
        let looks = self.context.mark.is_some() && !self.context.format.is_singular();
        let max_rows = self.context.max_root_rows(&root.from);
        let Some(bound) = self.context.bound(asked, max_rows).filter(|_| looks) else {
            return Lookahead { lists: self.lists, ..Lookahead::default() };
        };
        let is_sent_on = self.context.streams(&root.from) && bound.rows > GATHERED;
        let is_unordered = self.context.is_postgrest_alone && root.order.is_empty() && bound.by == LimitedBy::Request;
        let is_seen = match shape {
            // Groups can't be counted as rows are.
            Shape::Flat(_) | Shape::Document | Shape::Text(_) => root.is_aggregated() || !is_sent_on && !is_unordered,
            Shape::Raw | Shape::Nothing => false,
        };
        if !is_seen {
            let counted = Some(bound).filter(|_| !root.is_aggregated());
            return Lookahead { page: None, counted, lists: self.lists };
        }
        root.range.limit = Some(bound.rows + 1);
        Lookahead { page: Some(bound), counted: None, lists: self.lists }
    }

    /// Plans one level and all below it.
    pub(super) fn level(&mut self, from: From<'c>, scope: Scope<'c>, node: &Node) -> Result<Select<'c>, PlanError> {
        let alias = self.aliases.next();
        // Links that are missing are told before columns are: PostgREST leaves the latter to Postgres.
        let mut embeds = Vec::new();
        for item in node.embeds() {
            embeds.push(embed::plan(self, &scope, alias, item)?);
        }
        let mut outputs = Vec::new();
        for item in &node.select {
            if let SelectItem::Field(field) = item {
                self.outputs(&scope, field, &mut outputs)?;
            }
        }
        if node.select.is_empty() && scope.depth == 0 {
            self.outputs(&scope, &SelectField::all(), &mut outputs)?;
        }
        let filter =
            node.filter.iter().map(|condition| self.predicate(&scope, &embeds, condition)).collect::<Result<_, _>>()?;
        let having = node.having.iter().map(|condition| self.having(&scope, condition)).collect::<Result<_, _>>()?;
        let order = node.order.iter().map(|term| self.order_by(&scope, &embeds, term)).collect::<Result<_, _>>()?;
        let max_rows = if scope.depth == 0 { self.context.max_root_rows(&from) } else { self.context.limits.max_rows };
        let range = restrict(node.range, max_rows);
        let mut select = Select { from, alias, outputs, embeds, filter, having, order, range };
        if select.is_aggregated() {
            // Rows are grouped by the lists they show: a mark would set apart what is shown the same.
            select.embeds.iter_mut().for_each(EmbedPlan::without_lookahead);
        }
        Ok(select)
    }

    fn order_by(
        &self,
        scope: &Scope<'c>,
        embeds: &[EmbedPlan<'c>],
        term: &OrderTerm,
    ) -> Result<OrderBy<'c>, PlanError> {
        let key = match &term.key {
            query::SortKey::Field(field) => SortKey::Field(scope.field(field)?),
            query::SortKey::Aggregate(expression) => SortKey::Aggregate(self.aggregate(scope, expression)?),
            query::SortKey::Related { embed: name, field } => {
                let index = embeds
                    .iter()
                    .position(|embed| embed.key == *name)
                    .ok_or_else(|| PlanError::NotEmbedded(name.clone()))?;
                if !embeds[index].is_to_one() {
                    return Err(PlanError::RelatedOrderNotToOne {
                        origin: scope.name.to_owned(),
                        target: name.clone(),
                    });
                }
                SortKey::Related { index, field: embeds[index].field(field)? }
            }
        };
        Ok(OrderBy { key, direction: term.direction, nulls: term.nulls })
    }
}
