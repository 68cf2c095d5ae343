//! A5: figures of the whole knowledge base.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::READERS;
use crate::domain::{Method, Nothing, Operation, Output};

pub(super) struct Stats;

/// How much there is.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Answer {
    total_documents: i64,
    total_embeddings: i64,
    /// Vectors of a text that changed since.
    stale_embeddings: i64,
    repositories_by_status: ByStatus,
}

/// Repositories by the state of their last sync.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ByStatus {
    pending: i64,
    in_progress: i64,
    success: i64,
    error: i64,
    /// Those that have documents, and no sync was reported of.
    never_synced: i64,
}

impl Operation for Stats {
    const ID: &'static str = "vault_stats";
    const SCHEMA: &'static str = "vault";
    const METHOD: Method = Method::Get;
    const PATH: &'static str = "/stats";
    const SUMMARY: &'static str = "Figures of the knowledge base";
    const DESCRIPTION: &'static str =
        "Documents, vectors, those of an older text, and repositories by their last sync.";
    const CALLERS: &'static [&'static str] = READERS;
    const OUTPUT: Output = Output::of::<Answer>();
    const EXAMPLE: &'static str = "{}";
    const SQL: &'static str = "
        with input as (select $1::jsonb as i),
        repository as (
            select s.status
            from vault.sync_status s
            full join (select source, repository from vault.documents group by source, repository) as d
                using (source, repository)
        ),
        by_status as (
            select count(*) filter (where status = 'pending') as pending,
                count(*) filter (where status = 'in_progress') as in_progress,
                count(*) filter (where status = 'success') as success,
                count(*) filter (where status = 'error') as error,
                count(*) filter (where status is null) as never_synced
            from repository
        )
        select 'ok'::text as outcome, json_build_object(
            'total_documents', (select count(*) from vault.documents),
            'total_embeddings', (select count(*) from vault.embeddings),
            'stale_embeddings', (
                select count(*)
                from vault.embeddings e
                join vault.documents d on d.id = e.document_id
                where e.content_md5 is distinct from d.content_md5
            ),
            'repositories_by_status', to_json(b)) as body
        from by_status b, input";
    type Input = Nothing;
}
