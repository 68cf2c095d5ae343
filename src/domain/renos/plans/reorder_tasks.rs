//! A38: the tasks of a plan get another order.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::{
    Operation, Output, json,
    renos::{BACKEND, row_with},
};

pub(super) struct ReorderTasks;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// The plan.
    id: String,
    /// All of its tasks, each once, in the new order.
    #[schema(min_items = 1, max_items = 1_000)]
    ids: Vec<String>,
}

impl Operation for ReorderTasks {
    const ID: &'static str = "renos_reorder_tasks";
    const SCHEMA: &'static str = "renos";
    const PATH: &'static str = "/cleaning_plans/{id}/tasks/reorder";
    const SUMMARY: &'static str = "Put the tasks of a cleaning plan in order";
    const DESCRIPTION: &'static str = "Every task of the plan is named once: one that is left out, is named twice or is another plan's is refused (422). Answers the plan with its tasks.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const IS_SERIALIZABLE: bool = true;
    const OUTPUT: Output = Output::Value(|| json(&row_with("cleaning_plans", &["cleaning_tasks"])));
    const EXAMPLE: &'static str = r#"{"ids": ["c019a0b1c2d3e4f5a6b7c8d9e", "c019a0b1c2d3e4f5a6b7c8d9f"]}"#;
    const SQL: &'static str = "
        with input as (select $1::jsonb as i),
        plan as materialized (
            select p.id from renos.cleaning_plans p, input where p.id = i ->> 'id' for update of p
        ),
        listed as (
            select id, (position - 1)::integer as position
            from input, jsonb_array_elements_text(i -> 'ids') with ordinality as l (id, position)
        ),
        refused as (
            select max(position) as position, 'The task is named twice' as message
            from listed
            group by id
            having count(*) > 1
            union all
            select l.position, 'The plan has no such task'
            from listed l, plan p
            where not exists (select from renos.cleaning_tasks t where t.id = l.id and t.plan_id = p.id)
            union all
            select null, format('The task %s is left out', t.id)
            from renos.cleaning_tasks t, plan p
            where t.plan_id = p.id and t.id not in (select id from listed)
        ),
        changed as (
            update renos.cleaning_tasks t
            set sort_order = l.position
            from listed l, plan p
            where t.id = l.id and t.plan_id = p.id and not exists (select from refused)
            returning t.*
        ),
        ordered as (
            select c.plan_id, jsonb_agg(c order by c.sort_order) as tasks from changed c group by c.plan_id
        )
        select 'ok' as outcome, (to_jsonb(r) || jsonb_build_object('cleaning_tasks', o.tasks))::json as body
        from ordered o
        cross join lateral renos.refresh_plan(o.plan_id) r
        union all
        select 'unprocessable', refusal
        from plan
        cross join (
            select json_build_object('field', coalesce('ids[' || position || ']', 'ids'), 'message', message) as refusal
            from refused
            order by position nulls last, message
            limit 1
        ) as first";
    type Input = Input;
}
