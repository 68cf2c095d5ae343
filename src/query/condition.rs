//! Conditions: what a level's rows or groups must satisfy.

use super::Field;

/// A node of a boolean expression; over the fields of rows, unless it says otherwise.
#[derive(Clone, Debug, PartialEq)]
pub enum Condition<F = Field> {
    /// `and(...)` or `or(...)`.
    Group {
        /// `not.` before it.
        negated: bool,
        /// How the members combine.
        logic: Logic,
        /// The members.
        members: Vec<Condition<F>>,
    },
    /// `field=op.value`.
    Filter(Filter<F>),
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
pub struct Filter<F = Field> {
    /// Left side; a field may also name an embed (`clients=is.null`), which the plan finds out.
    pub field: F,
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
