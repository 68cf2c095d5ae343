//! OPTIONS: which methods a resource allows. PostgREST: references/api/options.

use axum::http::{HeaderName, header};

use crate::{
    catalog::{Relation, Routine, Volatility},
    http::respond::Answer,
};

/// The answer.
pub(super) fn allow(methods: &str) -> Answer {
    Answer::new(200)
        .header(HeaderName::from_static("access-control-allow-origin"), "*")
        .header(header::ALLOW, methods)
        .body(Vec::new())
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

pub(super) fn routine_methods(routine: &Routine) -> &'static str {
    match routine.volatility {
        Volatility::Volatile => "OPTIONS,POST",
        _ => "OPTIONS,GET,HEAD,POST",
    }
}
