//! Embeds: related rows, joined laterally.

use super::{
    Cast, FieldRef, Output, PlanError, Target,
    field::Scope,
    lookahead::{Cut, List},
    read::{self, Alias, From, Planner, Select},
};
use crate::{
    catalog::{Builtin, Cardinality, Junction, Link, LookupError, LookupFailure, Wire},
    name::ColumnName,
    query::{self, Aggregate, Embed},
};

/// A related resource.
#[derive(Clone, Debug)]
pub struct EmbedPlan<'c> {
    /// Its key in the parent's row.
    pub key: String,
    /// What its rows go by in the parent.
    pub alias: Alias,
    /// Whether parents without it stay.
    pub join: Join,
    /// What it becomes in the parent's row.
    pub kind: EmbedKind,
    /// How its rows are tied to the parent's.
    pub on: On<'c>,
    /// Its own select; where its list may be cut, of one row more than is shown.
    pub select: Select<'c>,
    /// How its list is cut, where it may be.
    pub cut: Option<Cut>,
    /// Its fields, for an order of the parent by them.
    pub(super) scope: Scope<'c>,
}

/// Whether parents without related rows stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Join {
    /// They are dropped.
    Inner,
    /// They stay.
    Left,
}

/// What an embed becomes in the parent's row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EmbedKind {
    /// An object, or null.
    Object,
    /// An array.
    Array,
    /// The parent's own keys, of the one related row.
    SpreadOne(Vec<Spread>),
    /// The parent's own keys, each an array over the related rows.
    SpreadMany,
    /// Nothing: it is there to be filtered or ordered by.
    Hidden {
        /// Its rows are at most one.
        to_one: bool,
    },
}

/// A column of a related row that becomes the parent's own. An aggregate over it is taken where the rows come together:
/// at the nearest level that is not itself spread into its parent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spread {
    /// The related row's column.
    pub column: String,
    /// The key in the parent.
    pub key: String,
    /// Aggregate over it.
    pub aggregate: Option<Aggregate>,
    /// Cast of the aggregate.
    pub cast: Option<Cast>,
}

/// How related rows are tied to the parent's.
#[derive(Clone, Debug)]
pub enum On<'c> {
    /// Equal columns: (the parent's, the embed's).
    Columns(&'c [(ColumnName, ColumnName)]),
    /// Through a junction.
    Junction {
        /// The junction.
        junction: &'c Junction,
        /// What its rows go by.
        alias: Alias,
    },
    /// By a function of the parent's row.
    Computed,
}

impl<'c> EmbedPlan<'c> {
    /// At most one related row.
    pub fn is_to_one(&self) -> bool {
        matches!(self.kind, EmbedKind::Object | EmbedKind::SpreadOne(_) | EmbedKind::Hidden { to_one: true })
    }

    /// Has its list show all rows of its limit and no more, and not say whether there are any.
    pub(super) fn without_lookahead(&mut self) {
        if let Some(cut) = self.cut.take() {
            self.select.range.limit = Some(cut.rows);
        }
        self.select.embeds.iter_mut().for_each(Self::without_lookahead);
    }

    /// Keys that it gives the parent's row.
    pub fn keys(&self) -> Vec<String> {
        match &self.kind {
            EmbedKind::Object | EmbedKind::Array => vec![self.key.clone()],
            EmbedKind::SpreadOne(spreads) => spreads.iter().map(|spread| spread.key.clone()).collect(),
            EmbedKind::SpreadMany => self.select.keys(),
            EmbedKind::Hidden { .. } => Vec::new(),
        }
    }

    /// Columns that it spreads into the parent one by one.
    pub fn spreads(&self) -> &[Spread] {
        match &self.kind {
            EmbedKind::SpreadOne(spreads) => spreads,
            _ => &[],
        }
    }

    /// A field to order the parent by: a key of the embed's rows, else what the relation has.
    pub(super) fn field(&self, field: &query::Field) -> Result<FieldRef<'c>, PlanError> {
        match self.select.keys().contains(&field.name) {
            true => Ok(FieldRef { target: Target::Key(field.name.clone()), path: field.path.clone() }),
            false => self.scope.field(field),
        }
    }
}

/// Plans an embed of a level.
pub(super) fn plan<'c>(
    planner: &mut Planner<'_, 'c>,
    parent: &Scope<'c>,
    parent_alias: Alias,
    embed: &Embed,
) -> Result<EmbedPlan<'c>, PlanError> {
    let catalog = planner.context.catalog;
    let Some(origin) = parent.relation else {
        return Err(no_relation(parent.name, embed));
    };
    let link = catalog.resolve_embed(&origin.name, &origin.name.schema, &embed.target, embed.hint.as_deref())?;
    let relation = catalog.relation(&link.to).ok_or_else(|| no_relation(parent.name, embed))?;
    let alias = planner.aliases.next();
    let on = on(planner, link);
    let from = match &link.cardinality {
        Cardinality::Computed { function, .. } => From::Computed { function, parent: &origin.name, parent_alias },
        _ => From::Relation(relation),
    };
    let scope = read::scope(planner.context, relation, parent.depth + 1);
    planner.path.push(embed.key().to_owned());
    let mut select = planner.level(from, scope, &embed.node)?;
    let is_empty =
        select.outputs.is_empty() && select.embeds.iter().all(|child| matches!(child.kind, EmbedKind::Hidden { .. }));
    if select.outputs.is_empty() && select.embeds.is_empty() {
        // An embed without a select of its own still has rows to be filtered and ordered by, or one group of all.
        select.outputs = match select.having.is_empty() {
            true => catalog.readable(relation, planner.context.role).into_iter().map(Output::column).collect(),
            false => vec![row_count()],
        };
    }
    let to_one = link.is_to_one();
    let kind = match (embed.spread, is_empty, to_one) {
        (_, true, to_one) => EmbedKind::Hidden { to_one },
        (false, false, true) => EmbedKind::Object,
        (false, false, false) => EmbedKind::Array,
        (true, false, true) if select.has_hidden_aggregates() => {
            let details = "A spread relation can't be filtered or ordered by an aggregate: its rows are not grouped \
                           where they are, but with their parents.";
            return Err(PlanError::NotImplemented(details.to_owned()));
        }
        (true, false, true) => EmbedKind::SpreadOne(hoist(planner, &mut select)),
        (true, false, false) if select.is_aggregated() => {
            let details = "Aggregates are not implemented for one-to-many or many-to-many spreads.";
            return Err(PlanError::NotImplemented(details.to_owned()));
        }
        (true, false, false) => EmbedKind::SpreadMany,
    };
    let join = match embed.join {
        Some(query::Join::Inner) => Join::Inner,
        _ => Join::Left,
    };
    let cut = match kind {
        EmbedKind::Array | EmbedKind::SpreadMany => cut(planner, &mut select, embed.node.range.limit),
        EmbedKind::Object | EmbedKind::SpreadOne(_) | EmbedKind::Hidden { .. } => None,
    };
    planner.path.pop();
    Ok(EmbedPlan { key: embed.key().to_owned(), alias, join, kind, on, select, cut, scope })
}

/// Has a list that may be cut ask for one row more than it shows.
fn cut(planner: &mut Planner<'_, '_>, select: &mut Select<'_>, asked: Option<u64>) -> Option<Cut> {
    let mark = planner.context.lookahead_in_values()?;
    let bound = planner.context.bound(asked, planner.context.limits.max_rows)?;
    select.range.limit = Some(bound.rows + 1);
    planner.lists.push(List { path: planner.path.clone(), by: bound.by });
    Some(Cut { rows: bound.rows, element: mark.element(planner.lists.len() - 1, bound.by) })
}

/// What a select gives its parent. Its aggregates, and those that were hoisted into it, go up with it: over one related
/// row they would mean nothing.
fn hoist(planner: &mut Planner<'_, '_>, select: &mut Select<'_>) -> Vec<Spread> {
    let mut hoisted = |key: &mut String, aggregate: Aggregate, cast: Option<Cast>| {
        // Two aggregates may go by one name; their columns must not.
        let column = format!("pgrst_{}", planner.aliases.next().0);
        let key = std::mem::replace(key, column.clone());
        Spread { column, key, aggregate: Some(aggregate), cast }
    };
    let plain = |key: &String| Spread { column: key.clone(), key: key.clone(), aggregate: None, cast: None };
    let mut spreads = Vec::new();
    for output in &mut select.outputs {
        spreads.push(match output.aggregate.take() {
            Some(aggregate) => hoisted(&mut output.key, aggregate, output.aggregate_cast.take()),
            None => plain(&output.key),
        });
    }
    for embed in &mut select.embeds {
        match &mut embed.kind {
            EmbedKind::SpreadOne(inner) => {
                spreads.extend(inner.iter_mut().map(|spread| match spread.aggregate.take() {
                    Some(aggregate) => hoisted(&mut spread.key, aggregate, spread.cast.take()),
                    None => plain(&spread.key),
                }))
            }
            _ => spreads.extend(embed.keys().iter().map(plain)),
        }
    }
    spreads
}

fn on<'c>(planner: &mut Planner<'_, 'c>, link: &'c Link) -> On<'c> {
    match &link.cardinality {
        Cardinality::ManyToOne { columns, .. }
        | Cardinality::OneToMany { columns, .. }
        | Cardinality::OneToOne { columns, .. } => On::Columns(columns),
        Cardinality::ManyToMany(junction) => On::Junction { junction, alias: planner.aliases.next() },
        Cardinality::Computed { .. } => On::Computed,
    }
}

/// `count(*)`
fn row_count<'c>() -> Output<'c> {
    let (key, wire) = ("count".to_owned(), Wire::Plain(Builtin::Int8));
    let aggregate = Some(Aggregate::COUNT);
    Output { key, wire, field: None, cast: None, aggregate, aggregate_cast: None, representation: None }
}

/// Rows that are no relation's have no links.
fn no_relation(parent: &str, embed: &Embed) -> PlanError {
    PlanError::Lookup(LookupError {
        failure: LookupFailure::NoLink,
        message: format!("Could not find a relationship between '{parent}' and '{}' in the schema cache", embed.target),
        details: None,
        hint: None,
    })
}
