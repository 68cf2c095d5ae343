//! A4: what there is of each repository.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::READERS;
use crate::domain::{Method, Operation, Output};

pub(super) struct ListRepositories;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Listed {
    /// Only repositories of that source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 10_000)]
    source: Option<String>,
    /// Repositories at most.
    #[schema(minimum = 1, maximum = 1_000, default = 100)]
    #[serde(default = "hundred")]
    limit: u32,
    /// Repositories to leave out first.
    #[schema(minimum = 0, maximum = 1_000_000_000)]
    #[serde(default)]
    offset: u32,
}

fn hundred() -> u32 {
    100
}

/// By repository, then source.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Repositories {
    repositories: Vec<Repository>,
}

/// A repository that has documents or was synced.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Repository {
    source: String,
    repository: String,
    total_documents: i64,
    /// Of the last sync; null where there was none.
    status: Option<String>,
    #[schema(format = "date-time")]
    last_sync_at: Option<String>,
    /// Why the last sync failed.
    error_message: Option<String>,
}

impl Operation for ListRepositories {
    const ID: &'static str = "vault_list_repositories";
    const SCHEMA: &'static str = "vault";
    const METHOD: Method = Method::Get;
    const PATH: &'static str = "/repositories";
    const SUMMARY: &'static str = "Repositories with their documents and their sync";
    const DESCRIPTION: &'static str = "Those that have documents, and those that a sync was reported of.";
    const CALLERS: &'static [&'static str] = READERS;
    const OUTPUT: Output = Output::of::<Repositories>();
    const EXAMPLE: &'static str = r#"{"source": "github"}"#;
    const SQL: &'static str = "
        with input as (select $1::jsonb as i),
        counted as (
            select d.source, d.repository, count(*) as documents
            from vault.documents d, input
            where not i ? 'source' or d.source = i ->> 'source'
            group by d.source, d.repository
        ),
        synced as (
            select s.source, s.repository, s.status, s.last_sync_at, s.error_message
            from vault.sync_status s, input
            where not i ? 'source' or s.source = i ->> 'source'
        ),
        page as (
            select source, repository, coalesce(documents, 0) as documents, status, last_sync_at, error_message
            from counted
            full join synced using (source, repository)
            order by repository, source
            limit (select (i -> 'limit')::integer from input)
            offset (select (i -> 'offset')::integer from input)
        )
        select 'ok'::text as outcome, json_build_object('repositories', coalesce(
            json_agg(
                json_build_object(
                    'source', source, 'repository', repository, 'total_documents', documents, 'status', status,
                    'last_sync_at', last_sync_at, 'error_message', error_message)
                order by repository, source),
            '[]')) as body
        from page";
    type Input = Listed;
}

pub(super) struct RepositoryStats;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// What is before the stroke of the repository's name.
    #[schema(min_length = 1, max_length = 255)]
    owner: String,
    /// What is behind it.
    #[schema(min_length = 1, max_length = 255)]
    name: String,
    /// Only of that source; of all sources unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 10_000)]
    source: Option<String>,
}

/// Figures of a repository.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Stats {
    repository: String,
    total_documents: i64,
    /// Documents by what is behind the last dot of their name; `none` where there is no dot.
    #[schema(value_type = Object)]
    documents_by_extension: Value,
    /// Bytes of all texts.
    total_size: i64,
    /// Documents whose vector is of the text that they have now.
    indexed_documents: i64,
    #[schema(format = "date-time")]
    last_sync_at: Option<String>,
    /// Of the last sync; null where there was none.
    status: Option<String>,
}

/// The figures of the repository in the input.
const STATS: &str = r"
        with input as (
            select i, concat_ws('/', i ->> 'owner', i ->> 'name') as repository from (select $1::jsonb as i) as one
        ),
        document as (
            select octet_length(d.content) as size,
                coalesce(nullif(substring(d.path from '\.([^./]*)$'), ''), 'none') as extension,
                exists (
                    select from vault.embeddings e where e.document_id = d.id and e.content_md5 = d.content_md5
                ) as is_indexed
            from vault.documents d, input
            where d.repository = input.repository and (not i ? 'source' or d.source = i ->> 'source')
        ),
        by_extension as (select extension, count(*) as documents from document group by extension),
        sync as (
            select s.status, s.last_sync_at
            from vault.sync_status s, input
            where s.repository = input.repository and (not i ? 'source' or s.source = i ->> 'source')
            order by s.last_sync_at desc nulls last, s.id
            limit 1
        ),
        total as (
            select count(*) as documents, coalesce(sum(size), 0) as size, count(*) filter (where is_indexed) as indexed
            from document
        )
        select 'ok'::text as outcome, json_build_object(
            'repository', repository, 'total_documents', t.documents,
            'documents_by_extension', (
                select coalesce(json_object_agg(extension, documents order by documents desc, extension), '{}')
                from by_extension
            ),
            'total_size', t.size, 'indexed_documents', t.indexed, 'last_sync_at', s.last_sync_at, 'status', s.status
        ) as body
        from input
        cross join total t
        left join sync s on true
        where t.documents > 0 or s.status is not null";

impl Operation for RepositoryStats {
    const ID: &'static str = "vault_repository_stats";
    const SCHEMA: &'static str = "vault";
    const METHOD: Method = Method::Get;
    const PATH: &'static str = "/repositories/{owner}/{name}/stats";
    const SUMMARY: &'static str = "Figures of a repository";
    const DESCRIPTION: &'static str = "Of its documents, their vectors and its last sync.";
    const CALLERS: &'static [&'static str] = READERS;
    const OUTPUT: Output = Output::of::<Stats>();
    const EXAMPLE: &'static str = "{}";
    const SQL: &'static str = STATS;
    type Input = Input;
}

pub(super) struct WorkspaceStats;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Workspace {
    /// The label, which has no owner before it.
    #[schema(min_length = 1, max_length = 255)]
    owner: String,
    /// Only of that source; of all sources unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 10_000)]
    source: Option<String>,
}

impl Operation for WorkspaceStats {
    const ID: &'static str = "vault_workspace_stats";
    const SCHEMA: &'static str = "vault";
    const METHOD: Method = Method::Get;
    const PATH: &'static str = "/repositories/{owner}/stats";
    const SUMMARY: &'static str = "Figures of a workspace";
    const DESCRIPTION: &'static str = "As of a repository, for those whose name is a label.";
    const CALLERS: &'static [&'static str] = READERS;
    const OUTPUT: Output = Output::of::<Stats>();
    const EXAMPLE: &'static str = "{}";
    const SQL: &'static str = STATS;
    type Input = Workspace;
}
