//! A29: an import of the mailbox is over.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::BACKEND;
use crate::domain::{Operation, Output};

pub(super) struct FinishImport;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// The run.
    id: String,
    /// How it ended.
    status: Status,
    /// Threads seen; absent leaves what there is, as with the other figures.
    #[schema(minimum = 0, maximum = 2_147_483_647)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    total_emails: Option<u32>,
    /// Threads added.
    #[schema(minimum = 0, maximum = 2_147_483_647)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    new_emails: Option<u32>,
    /// Threads changed.
    #[schema(minimum = 0, maximum = 2_147_483_647)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    updated_emails: Option<u32>,
    /// Failures; as many as texts of them where it is absent.
    #[schema(minimum = 0, maximum = 2_147_483_647)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    errors: Option<u32>,
    /// Texts of the failures, up to 256 KiB.
    #[schema(max_items = 10_000)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    error_log: Option<Vec<String>>,
}

/// How a run ends.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Status {
    Completed,
    Failed,
}

impl Operation for FinishImport {
    const ID: &'static str = "renos_finish_import";
    const SCHEMA: &'static str = "renos";
    const PATH: &'static str = "/email_ingest_runs/{id}/finish";
    const SUMMARY: &'static str = "End a run of the mailbox import";
    const DESCRIPTION: &'static str = "Once, with its figures; from running only.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const OUTPUT: Output = Output::Row("email_ingest_runs");
    const EXAMPLE: &'static str =
        r#"{"status": "completed", "total_emails": 120, "new_emails": 8, "updated_emails": 14}"#;
    const SQL: &'static str = "
        with input as (
            select i, octet_length(i ->> 'error_log') > 262144 as is_too_long from (select $1::jsonb) as given (i)
        ),
        found as materialized (
            select r.* from renos.email_ingest_runs r, input where r.id = i ->> 'id' for no key update of r
        ),
        changed as (
            update renos.email_ingest_runs r
            set status = i ->> 'status', finished_at = now(),
                total_emails = coalesce((i ->> 'total_emails')::integer, r.total_emails),
                new_emails = coalesce((i ->> 'new_emails')::integer, r.new_emails),
                updated_emails = coalesce((i ->> 'updated_emails')::integer, r.updated_emails),
                errors = coalesce(
                    (i ->> 'errors')::integer,
                    jsonb_array_length(i -> 'error_log'),
                    r.errors),
                error_log = coalesce(i -> 'error_log', r.error_log)
            from found f, input
            where r.id = f.id and f.status = 'running' and is_too_long is not true
            returning r.*
        )
        select 'ok' as outcome, to_json(c) as body from changed c
        union all
        select 'invalid_input',
            json_build_array(json_build_object('field', 'error_log', 'reason', 'must be 256 KiB or less'))
        from input
        where is_too_long
        union all
        select 'invalid_state', json_build_object('current', f.status, 'allowed', json_build_array('running'))
        from found f, input
        where f.status <> 'running' and is_too_long is not true";
    type Input = Input;
}
