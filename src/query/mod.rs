//! Text to tree: PostgREST's URL grammar.
//!
//! In: a query string, `Prefer`, `Range` and `Accept` headers, a body. Out: a [`Query`] whose filters, orders and limits
//! are already attached to the embed they name, [`Preferences`], a [`Range`], [`MediaType`]s and a [`Payload`]. Refuses
//! what the grammar does not know, with PostgREST's messages and offsets (`PGRST100`), a path that names no embed
//! (`PGRST108`), bad ranges, and any parameter that would otherwise be ignored. Promises nothing about the database:
//! whether a relation or column exists is the plan's question.

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

mod condition;
mod grammar;
pub mod keyset;
pub mod media;
pub mod params;
pub mod payload;
pub mod preferences;
mod print;
pub mod range;
mod read;
#[cfg(test)]
mod tests;
mod tree;

pub use condition::*;
pub use media::MediaType;
pub use payload::{Payload, PayloadError};
pub use preferences::Preferences;
pub use range::Range;
pub use tree::*;

/// Items of `select`, conditions, terms of `order`, and columns of a list at most, each in a whole request.
const MAX_ITEMS: usize = 1000;

/// What a request does, as far as its parameters are concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// GET or HEAD of a relation.
    RelationRead,
    /// POST to a relation.
    Insert,
    /// PATCH of a relation.
    Update,
    /// PUT of a relation.
    Upsert,
    /// DELETE of a relation.
    Delete,
    /// GET or HEAD of a function: a parameter without an operator is an argument.
    RoutineRead,
    /// POST to a function.
    RoutineCall,
}

/// Whether filters, orders and limits may name an embed by its target although it has an alias
/// (PostgREST's `url-use-legacy-target-names`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TargetNames {
    /// They may; each use is reported in [`Query::renamed`], to be warned of. PostgREST 16's default.
    Accepted,
    /// They may not: [`QueryError::NotEmbedded`].
    Refused,
}

/// What a query string or a header of it may be refused for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QueryError {
    /// The grammar did not understand (`PGRST100`): `message` names the text and the place, `details` what was met
    /// and what was expected there.
    #[error("{message}")]
    Parse {
        /// e.g. `"failed to parse filter (noop.0)" (line 1, column 1)`
        message: String,
        /// e.g. `unexpected "o" expecting "not" or operator (eq, gt, ...)`
        details: String,
    },
    /// A path names no embed of the select (`PGRST108`).
    #[error("'{path}' is not an embedded resource in this request")]
    NotEmbedded {
        /// The name met.
        path: String,
        /// Where the relation is embedded under an alias: (target, alias).
        aliased: Option<(String, String)>,
    },
    /// A limit below zero, or a `Range` header whose lower end is above its upper (`PGRST103`, 416).
    #[error("Requested range not satisfiable")]
    Range(RangeError),
    /// `limit=` or `offset=` on PUT (`PGRST114`).
    #[error("limit/offset querystring parameters are not allowed for PUT")]
    PutRange,
    /// A parameter that has no meaning for this kind of request; `query.unknown_parameter`, 400.
    #[error("Parameter '{name}' has no meaning here")]
    Meaningless {
        /// The parameter's key.
        name: String,
        /// Why, and what would be right.
        reason: String,
    },
}

/// The two ways a range is bad.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RangeError {
    /// `limit=-1`
    NegativeLimit,
    /// `Range: 5-2`
    LowerAboveUpper,
}
