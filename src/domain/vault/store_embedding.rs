//! V4: the vector of a document.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::WRITERS;
use crate::domain::{Operation, Output};

pub(super) struct StoreEmbedding;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// The document.
    #[schema(format = "uuid")]
    id: String,
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

/// A vector, but for its numbers.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Answer {
    #[schema(format = "uuid")]
    document_id: String,
    model: Option<String>,
    #[schema(format = "date-time")]
    updated_at: String,
    /// Of the text that it was made from.
    content_md5: String,
}

impl Operation for StoreEmbedding {
    const ID: &'static str = "vault_store_embedding";
    const SCHEMA: &'static str = "vault";
    const PATH: &'static str = "/documents/{id}/embedding";
    const SUMMARY: &'static str = "Store or replace the vector of a document";
    const DESCRIPTION: &'static str = "Send the `content_md5` that came with the text: then a vector is known to be stale \
        where the text changed meanwhile.";
    const CALLERS: &'static [&'static str] = WRITERS;
    const CREATES: bool = true;
    const OUTPUT: Output = Output::of::<Answer>();
    const EXAMPLE: &'static str = super::EMBEDDING_EXAMPLE;
    const SQL: &'static str = "
        with input as (select $1::jsonb as i),
        document as (select d.id, d.content_md5 from vault.documents d, input where d.id = (i ->> 'id')::uuid),
        fault (field, reason) as (
            select 'embedding', 'must have a number that is not 0'
            from input
            where not exists (select from jsonb_array_elements_text(i -> 'embedding') as t (n) where n::float8 <> 0)
            union all
            (select format('embedding[%s]', n - 1), 'must be 0, or from 1e-15 to 1e15 in size'
            from input, jsonb_array_elements_text(i -> 'embedding') with ordinality as t (value, n)
            where value::float8 <> 0 and abs(value::float8) not between 1e-15 and 1e15)
            union all
            select 'content_md5', 'must be 32 hexadecimal digits, lower case'
            from input
            where i ->> 'content_md5' !~ '^[0-9a-f]{32}$'
        ),
        stored as (
            insert into vault.embeddings as e (document_id, embedding, model, content_md5)
            select d.id, (jsonb_populate_record(null::vault.embeddings, i - 'id')).embedding, i ->> 'model',
                coalesce(i ->> 'content_md5', d.content_md5)
            from document d, input
            where not exists (select from fault)
            on conflict (document_id) do update
            set embedding = excluded.embedding, model = excluded.model, content_md5 = excluded.content_md5
            returning e.document_id, e.model, e.updated_at, e.content_md5, e.xmax = 0 as is_new
        )
        select 'invalid_input'::text as outcome, json_agg(f) as body from fault f having count(*) > 0
        union all
        select case when is_new then 'created' else 'ok' end,
            json_build_object(
                'document_id', document_id, 'model', model, 'updated_at', updated_at, 'content_md5', content_md5)
        from stored";
    type Input = Input;
}
