//! C18: a to-do is done.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{BACKEND, states::TASK};
use crate::domain::{Operation, Output, Transition};

pub(super) struct CompleteTask;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// The to-do.
    id: String,
}

impl Operation for CompleteTask {
    const ID: &'static str = "crm_complete_task";
    const SCHEMA: &'static str = "crm";
    const PATH: &'static str = "/tasks/{id}/complete";
    const SUMMARY: &'static str = "Tick a to-do off";
    const DESCRIPTION: &'static str = "One that is done stays as it is, and keeps the time at which it was.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const TRANSITION: Option<Transition> =
        Some(Transition { of: &TASK, from: &["todo", "in_progress", "done"], to: "done" });
    const OUTPUT: Output = Output::Row("tasks");
    const EXAMPLE: &'static str = "{}";
    const SQL: &'static str = "
        with input as (select $1::jsonb as i),
        task as (select t.* from crm.tasks t, input where t.id = i ->> 'id' for update of t),
        completed as (
            update crm.tasks t
            set status = i ->> 'to', completed_at = now()
            from task, input
            where t.id = task.id and i -> 'allowed' ? task.status and task.status <> i ->> 'to'
            returning t.*
        )
        select 'ok'::text as outcome, to_json(c) as body from completed c
        union all
        select 'ok', to_json(t) from task t, input where status = i ->> 'to'
        union all
        select 'invalid_state', json_build_object(
            'current', json_build_object('status', status), 'allowed', json_build_object('status', i -> 'allowed'))
        from task, input
        where not i -> 'allowed' ? status";
    type Input = Input;
}
