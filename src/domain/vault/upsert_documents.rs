//! V3 and A1: texts as they are at their source now, one or many.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::WRITERS;
use crate::domain::{Operation, Output};

pub(super) struct UpsertDocuments;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// Many of them; then no other field is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_items = 1, max_items = 500)]
    documents: Option<Vec<Text>>,
    /// Origin of the text: `github`, `local`, …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 10_000)]
    source: Option<String>,
    /// Owner and name, or the label of a workspace.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 255)]
    repository: Option<String>,
    /// Path of the file in the repository.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 2_000)]
    path: Option<String>,
    /// The whole text; may be empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 1_048_576)]
    content: Option<String>,
    /// Attributes; those it has stay where none are given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    metadata: Option<Value>,
    /// Content hash of the source; the one it has stays where none is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 255)]
    sha: Option<String>,
}

/// A text of many.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Text {
    /// Origin of the text.
    #[schema(min_length = 1, max_length = 10_000)]
    source: String,
    /// Owner and name, or the label of a workspace.
    #[schema(min_length = 1, max_length = 255)]
    repository: String,
    /// Path of the file in the repository.
    #[schema(min_length = 1, max_length = 2_000)]
    path: String,
    /// The whole text; may be empty.
    #[schema(max_length = 1_048_576)]
    content: String,
    /// Attributes; those it has stay where none are given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    metadata: Option<Value>,
    /// Content hash of the source; the one it has stays where none is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 255)]
    sha: Option<String>,
}

/// One for one, many for many.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
enum Answer {
    One(Box<Document>),
    Many(Documents),
}

/// What became of many, in the order given.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Documents {
    documents: Vec<Document>,
}

/// A document without its content, and what became of it.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Document {
    #[schema(format = "uuid")]
    id: String,
    source: String,
    repository: String,
    path: String,
    #[schema(value_type = Object)]
    metadata: Value,
    sha: Option<String>,
    /// The vector of a document that has another is of an older text.
    content_md5: String,
    #[schema(format = "date-time")]
    created_at: String,
    #[schema(format = "date-time")]
    updated_at: String,
    outcome: Change,
}

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Change {
    Inserted,
    Updated,
    Unchanged,
}

impl Operation for UpsertDocuments {
    const ID: &'static str = "vault_upsert_documents";
    const SCHEMA: &'static str = "vault";
    const PATH: &'static str = "/documents/upsert";
    const SUMMARY: &'static str = "Add texts, or replace those that changed";
    const DESCRIPTION: &'static str = "Source, repository and path say which document is meant. One that is the same \
        already is left alone, so that `updated_at` means a change; one whose text changed needs a new vector. Of many, \
        all are stored or none.";
    const CALLERS: &'static [&'static str] = WRITERS;
    const IS_SERIALIZABLE: bool = true;
    const OUTPUT: Output = Output::of::<Answer>();
    const EXAMPLE: &'static str = r##"{
        "source": "github", "repository": "fjordklar/procedures", "path": "docs/vinduespudsning.md",
        "content": "# Vinduespudsning\nStart øverst.", "metadata": {"language": "da"}
    }"##;
    const SQL: &'static str = "
        with input as (select $1::jsonb as i),
        given as (
            select n, d ->> 'source' as source, d ->> 'repository' as repository, d ->> 'path' as path,
                d ->> 'content' as content, d -> 'metadata' as metadata, d ->> 'sha' as sha,
                case when i ? 'documents' then format('documents[%s].', n - 1) else '' end as field
            from input,
                jsonb_array_elements(coalesce(i -> 'documents', jsonb_build_array(i))) with ordinality as t (d, n)
        ),
        fault (field, reason) as (
            select name, 'is required'
            from input, unnest(array['source', 'repository', 'path', 'content']) as name
            where not i ? 'documents' and not i ? name
            union all
            select name, 'does not go together with documents'
            from input, jsonb_object_keys(i) as name
            where i ? 'documents' and name <> 'documents'
            union all
            select field || 'metadata', 'must be 256 KiB or less' from given where octet_length(metadata::text) > 262144
            union all
            select field || 'path', 'is given twice for the same source and repository'
            from (
                select field, row_number() over (partition by source, repository, path order by n) as nth from given
            ) as one
            where nth > 1
        ),
        written as (
            insert into vault.documents as old (source, repository, path, content, metadata, sha)
            select source, repository, path, content, coalesce(metadata, '{}'), sha
            from given
            where not exists (select from fault)
            order by source, repository, path
            on conflict (source, repository, path) do update
            set content = excluded.content, sha = coalesce(excluded.sha, old.sha),
                metadata = case
                    when (old.source, old.repository, old.path)
                        in (select source, repository, path from given where metadata is null)
                    then old.metadata
                    else excluded.metadata
                end
            where old.content <> excluded.content or old.sha is distinct from coalesce(excluded.sha, old.sha)
                or (old.metadata <> excluded.metadata and (old.source, old.repository, old.path)
                    not in (select source, repository, path from given where metadata is null))
            returning old.id, old.source, old.repository, old.path, old.metadata, old.sha, old.content_md5,
                old.created_at, old.updated_at, case when old.xmax = 0 then 'inserted' else 'updated' end as outcome
        ),
        now_there as (
            select * from written
            union all
            select d.id, d.source, d.repository, d.path, d.metadata, d.sha, d.content_md5, d.created_at, d.updated_at,
                'unchanged'
            from given
            join vault.documents d using (source, repository, path)
            where not exists (select from fault) and not exists (
                select from written w where w.id = d.id
            )
        )
        select 'invalid_input'::text as outcome, json_agg(f) as body from fault f having count(*) > 0
        union all
        select 'ok',
            case
                when i ? 'documents' then json_build_object('documents', json_agg(t order by g.n))
                else json_agg(t) -> 0
            end
        from input, given g join now_there t using (source, repository, path)
        where not exists (select from fault)
        group by i";
    type Input = Input;
}
