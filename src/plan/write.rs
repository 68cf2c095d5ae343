//! Plans of writes: what is inserted, updated or deleted, and what of it is shown.

use std::collections::BTreeSet;

use bytes::Bytes;

use super::{
    Context, Format, Layout, Lookahead, Output, PlanError, Shape, Target, bulk,
    embed::{EmbedPlan, On},
    field::Scope,
    predicate::Predicate,
    read::{self, Alias, From, Planner, Select},
};
use crate::{
    catalog::{Column, Relation},
    name::{ColumnName, QualifiedName},
    query::{Condition, Operation, QuantifiedOperator, Query},
};

/// The four writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mutation {
    /// POST
    Insert,
    /// PATCH
    Update,
    /// PUT
    Upsert,
    /// DELETE
    Delete,
}

/// What is asked for besides the query string.
#[derive(Clone, Debug)]
pub struct WriteRequest<'q> {
    /// Which write.
    pub mutation: Mutation,
    /// The query string.
    pub query: &'q Query,
    /// The body as JSON text; empty for DELETE.
    pub body: Bytes,
    /// Keys of the body that name columns, sorted.
    pub keys: Vec<String>,
    /// The body is one object, not an array of them.
    pub is_object: bool,
    /// `Prefer: resolution`: whether a duplicate is merged (true) or ignored (false).
    pub merge_duplicates: Option<bool>,
    /// `Prefer: missing=default`.
    pub missing_default: bool,
    /// `Prefer: return`.
    pub returning: Returning,
}

/// `Prefer: return`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Returning {
    /// `minimal`, or none.
    Nothing,
    /// `headers-only`: the key of the row, for `Location`.
    Key,
    /// `representation`
    Rows,
}

/// A write and what it answers with.
#[derive(Clone, Debug)]
pub struct WritePlan<'c> {
    /// The relation.
    pub relation: &'c Relation,
    /// What it goes by.
    pub alias: Alias,
    /// What is written.
    pub write: Write<'c>,
    /// Columns that the write itself gives back: those the answer needs.
    pub returned: Vec<Target<'c>>,
    /// The answer, read from what the write gave back; `None` where nothing is shown.
    pub select: Option<Select<'c>>,
    /// The answer's columns can stand in the write's RETURNING; no second select is needed.
    pub is_direct: bool,
    /// What the answer is written in.
    pub format: Format<'c>,
    /// What the rows look like.
    pub shape: Shape,
    /// What they become.
    pub layout: Layout,
    /// Which lists are asked for with a row more than they show.
    pub ahead: Lookahead,
}

/// What is written.
#[derive(Clone, Debug)]
pub enum Write<'c> {
    /// INSERT, with or without ON CONFLICT.
    Insert {
        /// Where the values come from.
        payload: Payload<'c>,
        /// What happens to duplicates.
        conflict: Option<Conflict<'c>>,
        /// The filters of a PUT, which the row has to satisfy.
        put: Vec<Predicate<'c>>,
        /// How many rows are new has to be counted, for the status.
        counts_inserted: bool,
    },
    /// UPDATE; without columns it changes nothing.
    Update {
        /// Where the values come from.
        payload: Payload<'c>,
        /// Which rows.
        filter: Vec<Predicate<'c>>,
        /// The columns by which each object of the payload names its row; empty where all rows are meant.
        key: Vec<&'c ColumnName>,
    },
    /// DELETE
    Delete {
        /// Which rows.
        filter: Vec<Predicate<'c>>,
    },
}

/// The values of an INSERT or UPDATE.
#[derive(Clone, Debug)]
pub struct Payload<'c> {
    /// JSON text.
    pub body: Bytes,
    /// It is one object.
    pub is_object: bool,
    /// Columns it has.
    pub columns: Vec<PayloadColumn<'c>>,
    /// Columns that a row lacks take their default instead of null.
    pub missing_default: bool,
}

/// A column of a payload.
#[derive(Clone, Debug)]
pub struct PayloadColumn<'c> {
    /// The column.
    pub column: &'c Column,
    /// The function that reads the column's domain from JSON.
    pub parser: Option<&'c QualifiedName>,
}

/// ON CONFLICT.
#[derive(Clone, Debug)]
pub struct Conflict<'c> {
    /// The unique key.
    pub columns: Vec<&'c ColumnName>,
    /// DO UPDATE instead of DO NOTHING.
    pub merges: bool,
}

/// Plans a write.
pub fn write<'c>(
    context: &Context<'c>,
    relation: &'c Relation,
    request: &WriteRequest<'_>,
) -> Result<WritePlan<'c>, PlanError> {
    let mut planner = Planner::new(context);
    let alias = planner.aliases.next();
    let scope = read::scope(context, relation, 0);
    let write = plan(&planner, &scope, relation, request)?;
    let mut plan = WritePlan {
        relation,
        alias,
        write,
        returned: Vec::new(),
        select: None,
        is_direct: true,
        format: context.format,
        shape: Shape::Nothing,
        layout: read::layout(context.format),
        ahead: Lookahead::default(),
    };
    match request.returning {
        Returning::Nothing => {}
        Returning::Key => {
            plan.returned = relation
                .primary_key
                .iter()
                .filter_map(|key| relation.column(key.as_str()))
                .map(Target::Column)
                .collect();
            if !plan.returned.is_empty() {
                plan.shape = Shape::Text(relation.primary_key.iter().map(ToString::to_string).collect());
            }
        }
        Returning::Rows => show(&mut planner, &mut plan, scope, request.query)?,
    }
    plan.ahead.lists = planner.lists;
    Ok(plan)
}

/// What a write shows: its filters are the write's, those of its embeds are the answer's.
fn show<'c>(
    planner: &mut Planner<'_, 'c>,
    plan: &mut WritePlan<'c>,
    scope: Scope<'c>,
    query: &Query,
) -> Result<(), PlanError> {
    let mut node = query.root.clone();
    node.filter.clear();
    let mut select = planner.level(From::Source(Some(plan.relation)), scope, &node)?;
    select.range = crate::query::Range::default();
    plan.shape = read::shape(planner.context, &select);
    plan.is_direct = select.embeds.is_empty()
        && select.order.is_empty()
        && !select.is_aggregated()
        && !matches!(plan.shape, Shape::Document | Shape::Raw);
    if !plan.is_direct {
        plan.returned = returned(planner.context, plan.relation, &select);
    }
    plan.select = Some(select);
    Ok(())
}

/// Columns that a select over the written rows needs. Postgres asks for the right to read each column in RETURNING,
/// so only these are named.
fn returned<'c>(context: &Context<'c>, relation: &'c Relation, select: &Select<'c>) -> Vec<Target<'c>> {
    if select.embeds.iter().any(|embed| matches!(embed.on, On::Computed)) {
        return relation.columns.iter().map(Target::Column).collect();
    }
    let mut names = BTreeSet::new();
    let mut targets: Vec<Target<'c>> = Vec::new();
    let joined = select.embeds.iter().flat_map(|embed| join_columns(embed).iter().map(|(own, _)| own));
    let joined = joined.filter_map(|name| relation.column(name.as_str())).map(Target::Column);
    for target in select.fields().into_iter().map(|field| field.target.clone()).chain(joined) {
        let name = match &target {
            Target::Column(column) => column.name.as_str(),
            Target::Computed(name) => name,
            Target::Scalar | Target::Key(_) => continue,
        };
        if names.insert(name.to_owned()) {
            targets.push(target);
        }
    }
    if targets.is_empty() {
        targets = context.catalog.readable(relation, context.role).into_iter().map(Target::Column).collect();
    }
    targets
}

fn join_columns<'c>(embed: &EmbedPlan<'c>) -> &'c [(ColumnName, ColumnName)] {
    match &embed.on {
        On::Columns(columns) => columns,
        On::Junction { junction, .. } => &junction.from_columns,
        On::Computed => &[],
    }
}

fn plan<'c>(
    planner: &Planner<'_, 'c>,
    scope: &Scope<'c>,
    relation: &'c Relation,
    request: &WriteRequest<'_>,
) -> Result<Write<'c>, PlanError> {
    let filter = || -> Result<Vec<_>, PlanError> {
        request.query.root.filter.iter().map(|condition| planner.predicate(scope, &[], condition)).collect()
    };
    let safe = |verb, filter: Vec<Predicate<'c>>| match filter.is_empty() && planner.context.limits.safe_writes {
        true => Err(PlanError::UnfilteredWrite(verb)),
        false => Ok(filter),
    };
    match request.mutation {
        Mutation::Insert => {
            let conflict = conflict(relation, request)?;
            let counts_inserted = request.merge_duplicates == Some(true);
            Ok(Write::Insert {
                payload: payload(planner.context, relation, request)?,
                conflict,
                put: Vec::new(),
                counts_inserted,
            })
        }
        Mutation::Update => {
            let key = bulk::key(&planner.context.limits, relation, request)?;
            let filter = if key.is_empty() { safe("UPDATE", filter()?)? } else { filter()? };
            Ok(Write::Update { payload: payload(planner.context, relation, request)?, filter, key })
        }
        Mutation::Upsert => {
            if !filters_are_the_key(relation, &request.query.root.filter) {
                return Err(PlanError::InvalidFilters);
            }
            let conflict = Conflict { columns: relation.primary_key.iter().collect(), merges: true };
            let payload = Payload { missing_default: false, ..payload(planner.context, relation, request)? };
            Ok(Write::Insert { payload, conflict: Some(conflict), put: filter()?, counts_inserted: true })
        }
        Mutation::Delete => Ok(Write::Delete { filter: safe("DELETE", filter()?)? }),
    }
}

/// A PUT names one row: its filters are `eq` on all and only the primary key's columns.
fn filters_are_the_key(relation: &Relation, filters: &[Condition]) -> bool {
    let named: Option<BTreeSet<&str>> = filters
        .iter()
        .map(|condition| match condition {
            Condition::Filter(filter)
                if !filter.negated
                    && filter.field.path.is_empty()
                    && matches!(filter.operation, Operation::Quantified(QuantifiedOperator::Equal, None, _)) =>
            {
                Some(filter.field.name.as_str())
            }
            _ => None,
        })
        .collect();
    let key: BTreeSet<&str> = relation.primary_key.iter().map(ColumnName::as_str).collect();
    !key.is_empty() && named == Some(key)
}

fn payload<'c>(
    context: &Context<'c>,
    relation: &'c Relation,
    request: &WriteRequest<'_>,
) -> Result<Payload<'c>, PlanError> {
    let columns = request
        .keys
        .iter()
        .map(|key| {
            let column = relation.resolve_column(key)?;
            let parser = context.catalog.representations.get(&("json".to_owned(), column.ty.name.clone()));
            Ok(PayloadColumn { column, parser })
        })
        .collect::<Result<_, PlanError>>()?;
    Ok(Payload {
        body: request.body.clone(),
        is_object: request.is_object,
        columns,
        missing_default: request.missing_default,
    })
}

fn conflict<'c>(relation: &'c Relation, request: &WriteRequest<'_>) -> Result<Option<Conflict<'c>>, PlanError> {
    let Some(merges) = request.merge_duplicates else { return Ok(None) };
    let columns: Vec<_> = match &request.query.on_conflict {
        None => relation.primary_key.iter().collect(),
        Some(names) => names.iter().map(|name| bulk::conflict_column(relation, name)).collect::<Result<_, _>>()?,
    };
    Ok((!columns.is_empty()).then_some(Conflict { columns, merges }))
}

impl<'c> WritePlan<'c> {
    /// Rows that are new are counted apart from those that were merged.
    pub fn counts_inserted(&self) -> bool {
        matches!(self.write, Write::Insert { counts_inserted: true, .. })
    }

    /// Each object of the payload is for a row of its own.
    pub fn is_bulk_update(&self) -> bool {
        matches!(&self.write, Write::Update { key, .. } if !key.is_empty())
    }

    /// There is a key by which duplicates are told.
    pub fn has_conflict_target(&self) -> bool {
        matches!(self.write, Write::Insert { conflict: Some(_), .. })
    }

    /// Columns of RETURNING where the answer is direct.
    pub fn outputs(&self) -> &[Output<'c>] {
        self.select.as_ref().map_or(&[], |select| &select.outputs)
    }
}
