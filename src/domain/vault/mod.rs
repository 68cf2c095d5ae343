//! Operations of the schema `vault`: texts, their vectors, and the sync that brings them.

mod known_hashes;
mod list_unindexed;
mod report_sync;
mod repositories;
mod search;
mod stats;
mod store_embedding;
mod store_embeddings;
mod upsert_documents;

use super::{Described, described};

/// Who fills the knowledge base.
const WRITERS: &[&str] = &["vault_app", "service_role"];

/// Who reads it: everybody who has a token.
const READERS: &[&str] =
    &["authenticated", "vault_app", "billy_app", "renos_app", "crm_app", "flow_app", "service_role"];

/// An input that is a vector and nothing else.
const EMBEDDING_EXAMPLE: &str = include_str!("embedding.json");

pub(super) fn operations() -> Vec<Described> {
    vec![
        described::<upsert_documents::UpsertDocuments>(),
        described::<list_unindexed::ListUnindexed>(),
        described::<known_hashes::KnownHashes>(),
        described::<store_embedding::StoreEmbedding>(),
        described::<store_embeddings::StoreEmbeddings>(),
        described::<report_sync::ReportSync>(),
        described::<search::Search>(),
        described::<repositories::ListRepositories>(),
        described::<repositories::RepositoryStats>(),
        described::<repositories::WorkspaceStats>(),
        described::<stats::Stats>(),
    ]
}
