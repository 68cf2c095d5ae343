//! A38: a plan loses a task.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::{Method, Operation, Output, renos::BACKEND};

pub(super) struct DeleteTask;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// The task.
    id: String,
}

impl Operation for DeleteTask {
    const ID: &'static str = "renos_delete_task";
    const SCHEMA: &'static str = "renos";
    const METHOD: Method = Method::Delete;
    const PATH: &'static str = "/cleaning_tasks/{id}";
    const SUMMARY: &'static str = "Delete a task of a cleaning plan";
    const DESCRIPTION: &'static str = "The plan's minutes and price become the sums of the tasks that remain: 120 minutes and no price where none does.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const IS_SERIALIZABLE: bool = true;
    const DELETES: bool = true;
    const OUTPUT: Output = Output::Row("cleaning_tasks");
    const EXAMPLE: &'static str = "{}";
    // The plan is locked before its task.
    const SQL: &'static str = "
        with input as (select $1::jsonb as i),
        plan as materialized (
            select p.id
            from renos.cleaning_plans p, input
            where p.id = (select t.plan_id from renos.cleaning_tasks t where t.id = i ->> 'id')
            for update of p
        ),
        deleted as (
            delete from renos.cleaning_tasks t
            using plan p, input
            where t.id = i ->> 'id' and t.plan_id = p.id
            returning t.plan_id
        ),
        unlisted as (
            update renos.cleaning_plan_bookings s
            set completed_tasks = array_remove(s.completed_tasks, i ->> 'id')
            from deleted d, input
            where s.plan_id = d.plan_id and i ->> 'id' = any (s.completed_tasks)
        )
        select 'deleted'::text as outcome, null::json as body
        from deleted d
        cross join lateral renos.refresh_plan(d.plan_id)";
    type Input = Input;
}
