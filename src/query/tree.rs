//! The tree that a query string is read into.
//!
//! Values only: what may be written and how is the grammar's, what it means is the plan's.

use super::{Condition, range::Range};

/// Everything a query string says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Query {
    /// The root resource: what is selected, filtered, ordered and limited, and its embeds.
    pub root: Node,
    /// `columns=`: which keys of the payload to use.
    pub columns: Option<Vec<String>>,
    /// `on_conflict=`: the key that an upsert or an update in bulk goes by.
    pub on_conflict: Option<Vec<String>>,
    /// Parameters without an operator on a function read by GET or HEAD: its arguments, in order, repeats kept.
    pub arguments: Vec<(String, String)>,
    /// Embeds that were named by their target although they have an alias, as (target, alias): PostgREST 16 warns of
    /// each (see [`TargetNames`](super::TargetNames)).
    pub renamed: Vec<(String, String)>,
}

/// One level of a query: the root, or an embedded resource.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Node {
    /// Fields and embeds in the order they were asked for; an absent `select` is a single `*`.
    pub select: Vec<SelectItem>,
    /// Conditions that all must hold of a row.
    pub filter: Vec<Condition>,
    /// Conditions that all must hold of a group: their left sides are aggregates.
    pub having: Vec<Condition<AggregateExpression>>,
    /// Sort terms, most significant first.
    pub order: Vec<OrderTerm>,
    /// `limit=` and `offset=` of this level.
    pub range: Range,
}

/// An item of `select=`.
#[derive(Clone, Debug, PartialEq)]
pub enum SelectItem {
    /// A column, `*`, or an aggregate over one.
    Field(SelectField),
    /// A related resource.
    Embed(Embed),
}

/// `alias:field->path::cast.aggregate()::cast`.
#[derive(Clone, Debug, PartialEq)]
pub struct SelectField {
    /// The column; the name `*` with an empty path is all columns.
    pub field: Field,
    /// Cast of the field, as written, e.g. `int`.
    pub cast: Option<String>,
    /// Aggregate applied to the field; `count()` alone is `Count` of `*`.
    pub aggregate: Option<Aggregate>,
    /// Cast of the aggregate.
    pub aggregate_cast: Option<String>,
    /// Key in the answer.
    pub alias: Option<String>,
}

impl SelectField {
    /// `*`
    pub fn all() -> Self {
        let field = Field { name: "*".to_owned(), path: Vec::new() };
        Self { field, cast: None, aggregate: None, aggregate_cast: None, alias: None }
    }
}

/// A column and a path into it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Field {
    /// Column name, unchecked.
    pub name: String,
    /// `->` and `->>` steps.
    pub path: Vec<JsonStep>,
}

/// One step of a JSON path.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct JsonStep {
    /// `->` (json) or `->>` (text).
    pub arrow: Arrow,
    /// What it goes to.
    pub operand: JsonOperand,
}

/// The two JSON arrows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Arrow {
    /// `->`
    Json,
    /// `->>`
    Text,
}

/// A key or an array index.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum JsonOperand {
    /// A key.
    Key(String),
    /// An index, sign included, as written (`+1`, `-1`).
    Index(String),
}

/// An aggregate over a level's rows, or over those of each group.
#[derive(Clone, Debug, PartialEq)]
pub struct AggregateExpression {
    /// What is aggregated; `None` is the rows themselves, of `count()` alone.
    pub field: Option<Field>,
    /// Cast of the field, as written.
    pub cast: Option<String>,
    /// How.
    pub aggregate: Aggregate,
}

impl AggregateExpression {
    /// `count()`
    pub const ROWS: Self = Self { field: None, cast: None, aggregate: Aggregate::COUNT };
}

/// A call of an aggregate function: `sum()`, `count(distinct)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Aggregate {
    /// The function.
    pub function: AggregateFunction,
    /// Of equal values only one counts.
    pub distinct: bool,
}

impl Aggregate {
    /// `count()`
    pub const COUNT: Self = Self { function: AggregateFunction::Count, distinct: false };
}

/// Aggregate functions of the grammar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "named as in SQL")]
pub enum AggregateFunction {
    Sum,
    Avg,
    Count,
    Max,
    Min,
}

names!(AggregateFunction {
    Sum = "sum",
    Avg = "avg",
    Count = "count",
    Max = "max",
    Min = "min",
});

/// `alias:relation!hint!inner(...)` or `...relation(...)`.
#[derive(Clone, Debug, PartialEq)]
pub struct Embed {
    /// Relation, constraint, column or computed relationship.
    pub target: String,
    /// Key in the answer, and the name that filters, orders and limits go by.
    pub alias: Option<String>,
    /// Disambiguation.
    pub hint: Option<String>,
    /// `!inner` or `!left`.
    pub join: Option<Join>,
    /// `...`: its columns are hoisted into the parent.
    pub spread: bool,
    /// What is asked of the related resource.
    pub node: Node,
}

impl Embed {
    /// The name this embed answers to: its alias, else its target.
    pub fn key(&self) -> &str {
        self.alias.as_deref().unwrap_or(&self.target)
    }
}

/// How an embed restricts its parent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Join {
    /// Parents without children are dropped.
    Inner,
    /// Parents stay.
    Left,
}

/// One term of `order=`.
#[derive(Clone, Debug, PartialEq)]
pub struct OrderTerm {
    /// What to sort by.
    pub key: SortKey,
    /// `asc` or `desc`.
    pub direction: Option<Direction>,
    /// `nullsfirst` or `nullslast`.
    pub nulls: Option<Nulls>,
}

/// What a level is sorted by.
#[derive(Clone, Debug, PartialEq)]
pub enum SortKey {
    /// `name`
    Field(Field),
    /// `clients(name)`: a field of a to-one embed.
    Related {
        /// The embed's key.
        embed: String,
        /// Its field.
        field: Field,
    },
    /// `amount.sum()`
    Aggregate(AggregateExpression),
}

/// Sort direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "named as in SQL")]
pub enum Direction {
    Asc,
    Desc,
}

names!(Direction {
    Asc = "asc",
    Desc = "desc",
});

/// Where nulls go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "named as in SQL")]
pub enum Nulls {
    First,
    Last,
}

names!(Nulls {
    First = "nullsfirst",
    Last = "nullslast",
});
