//! A2: documents that need a vector.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::WRITERS;
use crate::domain::{Method, Operation, Output};

pub(super) struct ListUnindexed;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// Documents at most.
    #[schema(minimum = 1, maximum = 500, default = 100)]
    #[serde(default = "hundred")]
    limit: u32,
    /// Documents to leave out first.
    #[schema(minimum = 0, maximum = 1_000_000_000)]
    #[serde(default)]
    offset: u32,
    /// Only documents of that source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 10_000)]
    source: Option<String>,
    /// Only documents of that repository.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 255)]
    repository: Option<String>,
}

fn hundred() -> u32 {
    100
}

/// What is to be done, the oldest change first.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Answer {
    documents: Vec<Unindexed>,
}

/// A document that has no vector, or one of an older text.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Unindexed {
    #[schema(format = "uuid")]
    id: String,
    source: String,
    repository: String,
    path: String,
    /// The first 8,000 characters.
    content: String,
    /// To be sent with the vector.
    content_md5: String,
}

impl Operation for ListUnindexed {
    const ID: &'static str = "vault_list_unindexed";
    const SCHEMA: &'static str = "vault";
    const METHOD: Method = Method::Get;
    const PATH: &'static str = "/documents/unindexed";
    const SUMMARY: &'static str = "Documents that need a vector";
    const DESCRIPTION: &'static str = "Those without one, and those whose text changed since it was made. The oldest \
        change comes first.";
    const CALLERS: &'static [&'static str] = WRITERS;
    const OUTPUT: Output = Output::of::<Answer>();
    const EXAMPLE: &'static str = r#"{"limit": 10, "source": "github"}"#;
    const SQL: &'static str = "
        with input as (select $1::jsonb as i),
        page as (
            select d.id, d.source, d.repository, d.path, left(d.content, 8000) as content, d.content_md5, d.updated_at
            from vault.documents d, input
            where (not i ? 'source' or d.source = i ->> 'source')
                and (not i ? 'repository' or d.repository = i ->> 'repository')
                and not exists (
                    select from vault.embeddings e where e.document_id = d.id and e.content_md5 = d.content_md5
                )
            order by d.updated_at, d.id
            limit (select (i -> 'limit')::integer from input)
            offset (select (i -> 'offset')::integer from input)
        )
        select 'ok'::text as outcome, json_build_object('documents', coalesce(
            json_agg(
                json_build_object(
                    'id', id, 'source', source, 'repository', repository, 'path', path, 'content', content,
                    'content_md5', content_md5)
                order by updated_at, id),
            '[]')) as body
        from page";
    type Input = Input;
}
