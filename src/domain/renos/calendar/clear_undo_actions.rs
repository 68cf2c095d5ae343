//! A68: actions that nobody can take back any more go.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::BACKEND;
use crate::domain::{Nothing, Operation, Output};

pub(super) struct ClearUndoActions;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Answer {
    /// How many were deleted.
    deleted: i64,
    /// Whether there may be more to delete: call again.
    more: bool,
}

impl Operation for ClearUndoActions {
    const ID: &'static str = "renos_clear_undo_actions";
    const SCHEMA: &'static str = "renos";
    const PATH: &'static str = "/undo_actions/clear_expired";
    const SUMMARY: &'static str = "Delete actions that can't be taken back any more";
    const DESCRIPTION: &'static str = "Those that expired a day ago or earlier, at most 5,000 at a time.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const OUTPUT: Output = Output::of::<Answer>();
    const EXAMPLE: &'static str = "{}";
    const SQL: &'static str = "
        with input as (select $1::jsonb as i),
        deleted as (
            delete from renos.undo_actions
            where id = any (array(
                select u.id from renos.undo_actions u
                where u.expires_at <= now() - interval '1 day'
                order by u.id
                limit 5000
                for update skip locked
            ))
            returning id
        )
        select 'ok'::text as outcome, json_build_object('deleted', count(*), 'more', count(*) = 5000) as body
        from deleted";
    type Input = Nothing;
}
