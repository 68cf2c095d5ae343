//! The tree that a query string is read into.
//!
//! Values only: what may be written and how is the grammar's, what it means is the plan's.

use super::range::Range;

macro_rules! names {
    ($enum:ident { $($variant:ident = $name:literal,)* }) => {
        impl $enum {
            /// Every variant with its name in the URL, in the order in which the grammar tries them.
            pub const NAMES: &[(&str, Self)] = &[$(($name, Self::$variant),)*];

            /// Its name in the URL.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }
        }
    };
}

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
    /// Conditions that all must hold.
    pub filter: Vec<Condition>,
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

/// Aggregate functions of the grammar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "named as in SQL")]
pub enum Aggregate {
    Sum,
    Avg,
    Count,
    Max,
    Min,
}

names!(Aggregate {
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

/// A node of a boolean expression.
#[derive(Clone, Debug, PartialEq)]
pub enum Condition {
    /// `and(...)` or `or(...)`.
    Group {
        /// `not.` before it.
        negated: bool,
        /// How the members combine.
        logic: Logic,
        /// The members.
        members: Vec<Condition>,
    },
    /// `field=op.value`.
    Filter(Filter),
}

/// Boolean connectives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "named as in SQL")]
pub enum Logic {
    And,
    Or,
}

names!(Logic {
    And = "and",
    Or = "or",
});

/// One comparison.
#[derive(Clone, Debug, PartialEq)]
pub struct Filter {
    /// Left side; it may also name an embed (`clients=is.null`), which the plan finds out.
    pub field: Field,
    /// `not.` before the operator.
    pub negated: bool,
    /// Operator and value.
    pub operation: Operation,
}

/// Operators with their operands.
#[derive(Clone, Debug, PartialEq)]
pub enum Operation {
    /// Operators that take one value.
    Simple(SimpleOperator, String),
    /// Operators that also take `(any)` and `(all)`.
    Quantified(QuantifiedOperator, Option<Quantifier>, String),
    /// `in.(…)`.
    In(Vec<String>),
    /// `is.…`.
    Is(IsValue),
    /// `isdistinct.…`.
    IsDistinct(String),
    /// Full text search: `fts(language).query`.
    FullText(FullText, Option<String>, String),
}

/// Operators without quantifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SimpleOperator {
    /// `neq`
    NotEqual,
    /// `cs`
    Contains,
    /// `cd`
    Contained,
    /// `ov`
    Overlap,
    /// `sl`
    StrictlyLeft,
    /// `sr`
    StrictlyRight,
    /// `nxr`
    NotExtendsRight,
    /// `nxl`
    NotExtendsLeft,
    /// `adj`
    Adjacent,
}

names!(SimpleOperator {
    NotEqual = "neq",
    Contains = "cs",
    Contained = "cd",
    Overlap = "ov",
    StrictlyLeft = "sl",
    StrictlyRight = "sr",
    NotExtendsRight = "nxr",
    NotExtendsLeft = "nxl",
    Adjacent = "adj",
});

/// Operators that take `(any)` and `(all)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QuantifiedOperator {
    /// `eq`
    Equal,
    /// `gte`
    GreaterThanEqual,
    /// `gt`
    GreaterThan,
    /// `lte`
    LessThanEqual,
    /// `lt`
    LessThan,
    /// `like`; `*` stands for `%`
    Like,
    /// `ilike`; `*` stands for `%`
    ILike,
    /// `match`
    Match,
    /// `imatch`
    IMatch,
}

names!(QuantifiedOperator {
    Equal = "eq",
    GreaterThanEqual = "gte",
    GreaterThan = "gt",
    LessThanEqual = "lte",
    LessThan = "lt",
    Like = "like",
    ILike = "ilike",
    Match = "match",
    IMatch = "imatch",
});

/// `(any)` or `(all)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "named as in SQL")]
pub enum Quantifier {
    Any,
    All,
}

/// Operands of `is`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "named as in SQL")]
pub enum IsValue {
    Null,
    NotNull,
    True,
    False,
    Unknown,
}

names!(IsValue {
    Null = "null",
    NotNull = "not_null",
    True = "true",
    False = "false",
    Unknown = "unknown",
});

/// Full text search operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FullText {
    /// `fts`: `to_tsquery`
    Plain,
    /// `plfts`: `plainto_tsquery`
    Words,
    /// `phfts`: `phraseto_tsquery`
    Phrase,
    /// `wfts`: `websearch_to_tsquery`
    Web,
}

names!(FullText {
    Plain = "fts",
    Words = "plfts",
    Phrase = "phfts",
    Web = "wfts",
});

/// One term of `order=`.
#[derive(Clone, Debug, PartialEq)]
pub struct OrderTerm {
    /// For `order=clients(name)`: the to-one embed whose field this is.
    pub embed: Option<String>,
    /// What to sort by.
    pub field: Field,
    /// `asc` or `desc`.
    pub direction: Option<Direction>,
    /// `nullsfirst` or `nullslast`.
    pub nulls: Option<Nulls>,
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
