//! Embeds: related rows, joined laterally.

use super::{
    FieldRef, PlanError,
    field::Scope,
    read::{self, Alias, From, Output, Planner, Select},
};
use crate::{
    catalog::{Cardinality, Column, Junction, Link, LookupError, LookupFailure},
    name::ColumnName,
    query::{self, Embed},
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
    /// Its own select.
    pub select: Select<'c>,
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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EmbedKind {
    /// An object, or null.
    Object,
    /// An array.
    Array,
    /// The parent's own keys, of the one related row.
    SpreadOne,
    /// The parent's own keys, each an array over the related rows.
    SpreadMany,
    /// Nothing: it is there to be filtered or ordered by.
    Hidden {
        /// Its rows are at most one.
        to_one: bool,
    },
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

impl EmbedPlan<'_> {
    /// At most one related row.
    pub fn is_to_one(&self) -> bool {
        matches!(self.kind, EmbedKind::Object | EmbedKind::SpreadOne | EmbedKind::Hidden { to_one: true })
    }

    /// Keys that it gives the parent's row.
    pub fn keys(&self) -> Vec<String> {
        match self.kind {
            EmbedKind::Object | EmbedKind::Array => vec![self.key.clone()],
            EmbedKind::SpreadOne | EmbedKind::SpreadMany => self.select.keys(),
            EmbedKind::Hidden { .. } => Vec::new(),
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
    let mut select = planner.level(from, scope, &embed.node)?;
    let is_empty =
        select.outputs.is_empty() && select.embeds.iter().all(|child| matches!(child.kind, EmbedKind::Hidden { .. }));
    if select.outputs.is_empty() && select.embeds.is_empty() {
        // An embed without a select of its own still has rows to be filtered and ordered by.
        let all = catalog.readable(relation, planner.context.role);
        select.outputs = all.into_iter().map(plain).collect();
    }
    let to_one = link.is_to_one();
    let kind = match (embed.spread, is_empty, to_one) {
        (false, true, to_one) => EmbedKind::Hidden { to_one },
        (false, false, true) => EmbedKind::Object,
        (false, false, false) => EmbedKind::Array,
        (true, _, true) => EmbedKind::SpreadOne,
        (true, _, false) => EmbedKind::SpreadMany,
    };
    if embed.spread && select.is_aggregated() {
        return Err(PlanError::NotImplemented("Aggregates are not implemented inside of spreads.".to_owned()));
    }
    let join = match embed.join {
        Some(query::Join::Inner) => Join::Inner,
        _ => Join::Left,
    };
    Ok(EmbedPlan { key: embed.key().to_owned(), alias, join, kind, on, select, scope })
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

fn plain(column: &Column) -> Output<'_> {
    let field = FieldRef::column(column);
    Output {
        key: column.name.as_str().to_owned(),
        wire: field.wire(),
        field: Some(field),
        cast: None,
        aggregate: None,
        aggregate_cast: None,
        representation: None,
    }
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
