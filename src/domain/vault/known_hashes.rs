//! A6: which texts are here already.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::WRITERS;
use crate::domain::{Operation, Output};

pub(super) struct KnownHashes;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// Content hashes of a source.
    #[schema(min_items = 1, max_items = 1_000)]
    hashes: Vec<Hash>,
    /// Only documents of that source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 10_000)]
    source: Option<String>,
}

/// What a document has as `sha`.
#[derive(Serialize, Deserialize, ToSchema)]
#[schema(min_length = 1, max_length = 255)]
struct Hash(String);

/// Those that a document has, in the order given, each once.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Answer {
    known: Vec<String>,
}

impl Operation for KnownHashes {
    const ID: &'static str = "vault_known_hashes";
    const SCHEMA: &'static str = "vault";
    const PATH: &'static str = "/documents/known_hashes";
    const SUMMARY: &'static str = "Which hashes a document has";
    const DESCRIPTION: &'static str = "A sync asks before it brings texts that came another way.";
    const ONLY_READS: bool = true;
    const CALLERS: &'static [&'static str] = WRITERS;
    const OUTPUT: Output = Output::of::<Answer>();
    const EXAMPLE: &'static str = r#"{"hashes": ["8f14e45fceea167a5a36dedd4bea2543"], "source": "github"}"#;
    const SQL: &'static str = "
        with input as (select $1::jsonb as i),
        given as (
            select hash, min(n) as n
            from input, jsonb_array_elements_text(i -> 'hashes') with ordinality as t (hash, n)
            group by hash
        )
        select 'ok'::text as outcome, json_build_object('known', coalesce(json_agg(hash order by n), '[]')) as body
        from given, input
        where exists (
            select from vault.documents d where d.sha = hash and (not i ? 'source' or d.source = i ->> 'source')
        )";
    type Input = Input;
}
