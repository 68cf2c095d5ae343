//! Operations of the schema `vault`: texts, their vectors, and the sync that brings them.

mod report_sync;
mod search;
mod store_embedding;
mod upsert_documents;

use super::{Described, described};

/// Who fills the knowledge base.
const WRITERS: &[&str] = &["vault_app", "service_role"];

/// An input that is a vector and nothing else.
const EMBEDDING_EXAMPLE: &str = include_str!("embedding.json");

pub(super) fn operations() -> Vec<Described> {
    vec![
        described::<upsert_documents::UpsertDocuments>(),
        described::<store_embedding::StoreEmbedding>(),
        described::<report_sync::ReportSync>(),
        described::<search::Search>(),
    ]
}
