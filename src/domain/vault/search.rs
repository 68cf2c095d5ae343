//! V7: documents whose vector is near another.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::domain::{Operation, Output};

pub(super) struct Search;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// The vector to be near: 1536 numbers, not all of them 0.
    #[schema(min_items = 1536, max_items = 1536)]
    embedding: Vec<f64>,
    /// How many at most; 10 unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 100)]
    limit: Option<i32>,
    /// The similarity that a document has to exceed; 0.7 unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = -1, maximum = 1)]
    threshold: Option<f64>,
    /// Only documents of that source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 10_000)]
    source: Option<String>,
    /// Only documents of that repository.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 255)]
    repository: Option<String>,
    /// Whether the texts come too; they do unless refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    include_content: Option<bool>,
}

/// What is near, the nearest first.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Answer {
    count: i64,
    results: Vec<Found>,
}

/// A document that is near.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Found {
    #[schema(format = "uuid")]
    id: String,
    source: String,
    repository: String,
    path: String,
    /// Absent where it was refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    content: Option<String>,
    #[schema(value_type = Object)]
    metadata: Value,
    sha: Option<String>,
    /// 1 less the cosine distance.
    similarity: f64,
}

impl Operation for Search {
    const ID: &'static str = "vault_search";
    const SCHEMA: &'static str = "vault";
    const PATH: &'static str = "/search";
    const SUMMARY: &'static str = "Find documents near a vector";
    const DESCRIPTION: &'static str = "Making the vector of a question is the caller's work, with the model that made \
        those of the documents.";
    const ONLY_READS: bool = true;
    const CALLERS: &'static [&'static str] = super::READERS;
    const OUTPUT: Output = Output::of::<Answer>();
    const EXAMPLE: &'static str = super::EMBEDDING_EXAMPLE;
    const SQL: &'static str = "
        with input as (select $1::jsonb as i),
        fault (field, reason) as (
            select 'embedding', 'must have a number that is not 0'
            from input
            where not exists (select from jsonb_array_elements_text(i -> 'embedding') as t (n) where n::float8 <> 0)
            union all
            select format('embedding[%s]', n - 1), 'must be 0, or from 1e-15 to 1e15 in size'
            from input, jsonb_array_elements_text(i -> 'embedding') with ordinality as t (value, n)
            where value::float8 <> 0 and abs(value::float8) not between 1e-15 and 1e15
        ),
        sound as materialized (
            select i, (jsonb_populate_record(null::vault.embeddings, i - 'id')).embedding as embedding
            from input
            where not exists (select from fault)
        ),
        found as (
            select m.*, i
            from sound,
                vault.match_documents(
                    query_embedding => embedding,
                    match_threshold => coalesce((i -> 'threshold')::float8, 0.7),
                    match_count => coalesce((i -> 'limit')::integer, 10),
                    filter_source => i ->> 'source',
                    filter_repository => i ->> 'repository'
                ) with ordinality as m (id, source, repository, path, content, metadata, sha, similarity, nth)
        )
        select 'invalid_input'::text as outcome, json_agg(f) as body from fault f having count(*) > 0
        union all
        select 'ok', json_build_object('count', count(*), 'results', coalesce(
            json_agg(
                case
                    when (i -> 'include_content')::boolean is not false then jsonb_build_object('content', content)
                    else '{}'
                end
                || jsonb_build_object(
                    'id', id, 'source', source, 'repository', repository, 'path', path, 'metadata', metadata,
                    'sha', sha, 'similarity', similarity)
                order by nth),
            '[]'))
        from found
        having not exists (select from fault)";
    type Input = Input;
}
