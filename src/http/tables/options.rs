//! OPTIONS: which methods a resource allows. PostgREST: references/api/options.

use axum::http::{HeaderName, header};

use crate::{
    catalog::{Relation, Routine, Volatility},
    http::{request::QUERY_FORM, respond::Answer},
};

/// The answer.
pub(super) fn allow(methods: &str) -> Answer {
    Answer::new(200)
        .header(HeaderName::from_static("access-control-allow-origin"), "*")
        .header(header::ALLOW, methods)
        .body(Vec::new())
}

/// The answer of a resource that can be read: it takes QUERY too, which `Allow` doesn't list, as PostgREST's doesn't
/// (RFC 10008, 3: the field says that the method is supported, and what a query is written in).
pub(super) fn allow_with_query(methods: &str) -> Answer {
    allow(methods).header(HeaderName::from_static("accept-query"), QUERY_FORM)
}

pub(super) fn relation_methods(relation: &Relation) -> String {
    let mut methods = vec!["OPTIONS", "GET", "HEAD"];
    if relation.insertable {
        methods.push("POST");
    }
    if relation.insertable && relation.updatable && !relation.primary_key.is_empty() {
        methods.push("PUT");
    }
    if relation.updatable {
        methods.push("PATCH");
    }
    if relation.deletable {
        methods.push("DELETE");
    }
    methods.join(",")
}

/// The answer of a function: one that promises to change nothing can be read.
pub(super) fn of_routine(routine: &Routine) -> Answer {
    match routine.volatility {
        Volatility::Volatile => allow("OPTIONS,POST"),
        Volatility::Stable | Volatility::Immutable => allow_with_query("OPTIONS,GET,HEAD,POST"),
    }
}
