//! A38: a plan gets a task.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::{Operation, Output, renos::BACKEND};

pub(super) struct AddTask;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// The plan.
    id: String,
    /// What to do.
    #[schema(min_length = 1, max_length = 10_000)]
    name: String,
    /// Explanation.
    #[schema(max_length = 10_000)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    /// Group, as Kitchen or Windows.
    #[schema(min_length = 1, max_length = 10_000)]
    category: String,
    /// Minutes; 15 where it is absent.
    #[schema(minimum = 0, maximum = 1_000_000)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    estimated_time: Option<u32>,
    /// Whether it must be done; it must where this is absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    is_required: Option<bool>,
    /// Extra price in DKK, two decimals.
    #[schema(minimum = 0, maximum = 9_999_999.99)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    price_per_task: Option<f64>,
}

impl Operation for AddTask {
    const ID: &'static str = "renos_add_task";
    const SCHEMA: &'static str = "renos";
    const PATH: &'static str = "/cleaning_plans/{id}/tasks";
    const SUMMARY: &'static str = "Add a task to a cleaning plan";
    const DESCRIPTION: &'static str =
        "Behind those that there are. The plan's minutes and price become the sums of its tasks.";
    const CALLERS: &'static [&'static str] = BACKEND;
    // The place behind the last task is read to write the next.
    const IS_SERIALIZABLE: bool = true;
    const CREATES: bool = true;
    const OUTPUT: Output = Output::Row("cleaning_tasks");
    const EXAMPLE: &'static str =
        r#"{"name": "Windows inside", "category": "Windows", "estimated_time": 30, "price_per_task": 150}"#;
    const SQL: &'static str = "
        with input as (select $1::jsonb as i),
        plan as materialized (
            select p.id from renos.cleaning_plans p, input where p.id = i ->> 'id' for update of p
        ),
        added as (
            insert into renos.cleaning_tasks (
                plan_id, name, description, category, estimated_time, is_required, sort_order, price_per_task)
            select p.id, btrim(i ->> 'name'), btrim(i ->> 'description'), btrim(i ->> 'category'),
                coalesce((i ->> 'estimated_time')::integer, 15), coalesce((i ->> 'is_required')::boolean, true),
                coalesce((select max(t.sort_order) + 1 from renos.cleaning_tasks t where t.plan_id = p.id), 0),
                round((i ->> 'price_per_task')::numeric, 2)
            from plan p, input
            returning *
        )
        select 'created' as outcome, to_json(a) as body
        from added a
        cross join lateral renos.refresh_plan(a.plan_id)";
    type Input = Input;
}
