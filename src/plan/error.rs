//! What the plan refuses.

use crate::catalog::LookupError;

/// What a request may be refused for once its grammar was understood.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum PlanError {
    /// A relation, link, routine or payload column that the catalog does not have (`PGRST200`–`PGRST205`).
    #[error(transparent)]
    Lookup(#[from] LookupError),
    /// A column of `on_conflict` that the relation does not have: Postgres' own 42703.
    #[error("column \"{0}\" does not exist")]
    UndefinedConflictColumn(String),
    /// A column in the select, a filter or the order that the relation does not have: Postgres' own 42703.
    #[error("column {relation}.{column} does not exist")]
    UndefinedColumn {
        /// Relation, as Postgres would name it.
        relation: String,
        /// Column.
        column: String,
        /// A near name.
        hint: Option<String>,
    },
    /// `order=embed(column)` names no embed (`PGRST108`).
    #[error("'{0}' is not an embedded resource in this request")]
    NotEmbedded(String),
    /// `order=embed(column)` where the embed may have many rows (`PGRST118`).
    #[error("A related order on '{target}' is not possible")]
    RelatedOrderNotToOne {
        /// The ordered relation.
        origin: String,
        /// The embed.
        target: String,
    },
    /// An embed is filtered by something else than null or not null (`PGRST120`).
    #[error("Bad operator on the '{0}' embedded resource")]
    UnacceptableFilter(String),
    /// Aggregates are switched off (`PGRST123`).
    #[error("Use of aggregate functions is not allowed")]
    AggregatesNotAllowed,
    /// A PUT whose filters are not its primary key (`PGRST105`).
    #[error("Filters must include all and only primary key columns with 'eq' operators")]
    InvalidFilters,
    /// PATCH or DELETE without a filter while `DB_SAFE_WRITES` is on: 21000, 400, in the words of pg-safeupdate.
    #[error("{0} requires a WHERE clause")]
    UnfilteredWrite(&'static str),
    /// An update in bulk whose objects lack a column of the key: `query.missing_key`, 400.
    #[error("An update by an array goes by the key of each object, which lacks the column \"{0}\"")]
    MissingKey(String),
    /// A strict `max-affected` on a function that returns one row (`PGRST128`).
    #[error("Function must return SETOF or TABLE when max-affected preference is used with handling=strict")]
    MaxAffectedOnSingle,
    /// Part of the protocol that this version does not have (`PGRST127`).
    #[error("Feature not implemented")]
    NotImplemented(String),
}
