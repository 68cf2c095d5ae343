//! A29: the mailbox is imported.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::BACKEND;
use crate::domain::{Operation, Output};

pub(super) struct StartImport;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// Whether it starts beside one that runs.
    #[serde(default)]
    force: bool,
}

impl Operation for StartImport {
    const ID: &'static str = "renos_start_import";
    const SCHEMA: &'static str = "renos";
    const PATH: &'static str = "/email_ingest_runs/start";
    const SUMMARY: &'static str = "Begin a run of the mailbox import";
    const DESCRIPTION: &'static str = "One runs at a time: another that runs and began within the last hour is in the way, unless that is forced. One that began before has probably died.";
    const CALLERS: &'static [&'static str] = BACKEND;
    // No row stands for all runs: of two who find none running, one is run again.
    const IS_SERIALIZABLE: bool = true;
    const CREATES: bool = true;
    const OUTPUT: Output = Output::Row("email_ingest_runs");
    const EXAMPLE: &'static str = "{}";
    const SQL: &'static str = "
        with input as (select $1::jsonb as i),
        other as (
            select r.id, r.status, r.started_at
            from renos.email_ingest_runs r, input
            where r.status = 'running' and r.started_at > now() - interval '1 hour' and not (i ->> 'force')::boolean
            order by r.started_at desc, r.id desc
            limit 1
        ),
        started as (
            insert into renos.email_ingest_runs (status, started_at)
            select 'running', now() from input where not exists (select from other)
            returning *
        )
        select 'created' as outcome, to_json(s) as body from started s
        union all
        select 'invalid_state', json_build_object(
            'current', to_json(o), 'allowed', json_build_object('status', json_build_array('completed', 'failed')))
        from other o";
    type Input = Input;
}
