//! A3: vectors of many documents.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::WRITERS;
use crate::domain::{Operation, Output};

pub(super) struct StoreEmbeddings;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// The vectors, one a document.
    #[schema(min_items = 1, max_items = 100)]
    embeddings: Vec<Embedding>,
}

/// A vector of many.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Embedding {
    /// The document.
    #[schema(format = "uuid")]
    document_id: String,
    /// The vector: 1536 numbers, not all of them 0.
    #[schema(min_items = 1536, max_items = 1536)]
    embedding: Vec<f64>,
    /// The model that made it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 200)]
    model: Option<String>,
    /// `content_md5` of the text that it was made from; what the document has now unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 32, max_length = 32)]
    content_md5: Option<String>,
}

/// What became of them.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Answer {
    /// Those that are stored, in the order given.
    stored: Vec<Stored>,
    /// Documents that there are not, in the order given.
    unknown: Vec<String>,
}

/// A vector, but for its numbers.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Stored {
    #[schema(format = "uuid")]
    document_id: String,
    model: Option<String>,
    #[schema(format = "date-time")]
    updated_at: String,
    /// Of the text that it was made from.
    content_md5: String,
    outcome: Change,
}

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Change {
    Inserted,
    Updated,
}

impl Operation for StoreEmbeddings {
    const ID: &'static str = "vault_store_embeddings";
    const SCHEMA: &'static str = "vault";
    const PATH: &'static str = "/embeddings/upsert";
    const SUMMARY: &'static str = "Store or replace the vectors of documents";
    const DESCRIPTION: &'static str = "As for one. Documents that there are not are told, and the rest is stored; an \
        input that is wrong stores nothing.";
    const CALLERS: &'static [&'static str] = WRITERS;
    const OUTPUT: Output = Output::of::<Answer>();
    const EXAMPLE: &'static str = include_str!("embeddings.json");
    const SQL: &'static str = "
        with input as (select $1::jsonb as i),
        given as (
            select nth, e, (e ->> 'document_id')::uuid as document_id, format('embeddings[%s].', nth - 1) as field
            from input, jsonb_array_elements(i -> 'embeddings') with ordinality as t (e, nth)
        ),
        fault (field, reason) as (
            select field || 'document_id', 'is given twice'
            from (select field, row_number() over (partition by document_id order by nth) as time from given) as one
            where time > 1
            union all
            select field || 'embedding', 'must have a number that is not 0'
            from given
            where not exists (select from jsonb_array_elements_text(e -> 'embedding') as t (n) where n::float8 <> 0)
            union all
            (select format('%sembedding[%s]', field, n - 1), 'must be 0, or from 1e-15 to 1e15 in size'
            from given, jsonb_array_elements_text(e -> 'embedding') with ordinality as t (value, n)
            where value::float8 <> 0 and abs(value::float8) not between 1e-15 and 1e15
            limit 100)
            union all
            select field || 'content_md5', 'must be 32 hexadecimal digits, lower case'
            from given
            where e ->> 'content_md5' !~ '^[0-9a-f]{32}$'
        ),
        documents as materialized (
            select d.id, d.content_md5
            from vault.documents d
            where d.id in (select document_id from given) and not exists (select from fault)
            order by d.id
            for key share
        ),
        stored as (
            insert into vault.embeddings as old (document_id, embedding, model, content_md5)
            select d.id, (jsonb_populate_record(null::vault.embeddings, e - 'document_id')).embedding, e ->> 'model',
                coalesce(e ->> 'content_md5', d.content_md5)
            from documents d
            join given g on g.document_id = d.id
            order by d.id
            on conflict (document_id) do update
            set embedding = excluded.embedding, model = excluded.model, content_md5 = excluded.content_md5
            returning old.document_id, old.model, old.updated_at, old.content_md5, old.xmax = 0 as is_new
        )
        select 'invalid_input'::text as outcome, json_agg(f) as body from fault f having count(*) > 0
        union all
        select 'ok', json_build_object(
            'stored', coalesce(
                json_agg(
                    json_build_object(
                        'document_id', s.document_id, 'model', s.model, 'updated_at', s.updated_at,
                        'content_md5', s.content_md5, 'outcome', case when s.is_new then 'inserted' else 'updated' end)
                    order by g.nth) filter (where s.document_id is not null),
                '[]'),
            'unknown', coalesce(json_agg(g.document_id order by g.nth) filter (where s.document_id is null), '[]'))
        from given g
        left join stored s using (document_id)
        having not exists (select from fault)";
    type Input = Input;
}
