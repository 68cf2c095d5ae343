//! V6: a step of a sync run.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::WRITERS;
use crate::domain::{Operation, Output};

pub(super) struct ReportSync;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// Origin of the texts.
    #[schema(min_length = 1, max_length = 10_000)]
    source: String,
    /// Owner and name, or the label of a workspace.
    #[schema(min_length = 1, max_length = 255)]
    repository: String,
    /// How the run goes.
    status: Status,
    /// Why it failed; kept where the status is `error` only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 10_000)]
    error_message: Option<String>,
    /// Begin although another run did less than an hour ago; not so unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    force: Option<bool>,
}

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Status {
    Pending,
    InProgress,
    Success,
    Error,
}

impl Operation for ReportSync {
    const ID: &'static str = "vault_report_sync";
    const SCHEMA: &'static str = "vault";
    const PATH: &'static str = "/sync_status/report";
    const SUMMARY: &'static str = "Record a step of a sync run";
    const DESCRIPTION: &'static str = "Of two who begin the same repository, one does: `in_progress` is refused for an \
        hour after another began, unless it is forced.";
    const CALLERS: &'static [&'static str] = WRITERS;
    const OUTPUT: Output = Output::Row("sync_status");
    const EXAMPLE: &'static str =
        r#"{"source": "github", "repository": "fjordklar/procedures", "status": "in_progress"}"#;
    const SQL: &'static str = "
        with input as (select $1::jsonb as i),
        written as (
            insert into vault.sync_status as s (source, repository, status, last_sync_at, error_message)
            select i ->> 'source', i ->> 'repository', i ->> 'status', now(),
                case when i ->> 'status' = 'error' then i ->> 'error_message' end
            from input
            on conflict (source, repository) do update
            set status = excluded.status, last_sync_at = excluded.last_sync_at, error_message = excluded.error_message
            where excluded.status <> 'in_progress' or s.status <> 'in_progress'
                or coalesce(s.last_sync_at, '-infinity') <= now() - interval '1 hour'
                or coalesce(($1::jsonb -> 'force')::boolean, false)
            returning s.*
        )
        select 'ok'::text as outcome, to_json(w) as body from written w
        union all
        select 'invalid_state', json_build_object(
            'message', 'A sync of this repository began less than an hour ago; send force to begin another',
            'current', json_build_object('status', 'in_progress'),
            'allowed', json_build_object('status', json_build_array('pending', 'success', 'error')))
        where not exists (select from written)";
    type Input = Input;
}
