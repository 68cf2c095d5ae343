//! A38: a task of a plan is changed.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::{
    Method, Operation, Output,
    renos::{BACKEND, change::given},
};

pub(super) struct EditTask;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// The task.
    id: String,
    /// What to do.
    #[schema(min_length = 1, max_length = 10_000)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// Explanation; null empties it.
    #[schema(value_type = Option<String>, max_length = 10_000)]
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    description: Option<Option<String>>,
    /// Group, as Kitchen or Windows.
    #[schema(min_length = 1, max_length = 10_000)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    category: Option<String>,
    /// Minutes.
    #[schema(minimum = 0, maximum = 1_000_000)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    estimated_time: Option<u32>,
    /// Whether it must be done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    is_required: Option<bool>,
    /// Whether it is done, on the plan's own list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    is_completed: Option<bool>,
    /// Extra price in DKK, two decimals; null empties it.
    #[schema(value_type = Option<f64>, minimum = 0, maximum = 9_999_999.99)]
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    price_per_task: Option<Option<f64>>,
}

impl Operation for EditTask {
    const ID: &'static str = "renos_edit_task";
    const SCHEMA: &'static str = "renos";
    const METHOD: Method = Method::Patch;
    const PATH: &'static str = "/cleaning_tasks/{id}";
    const SUMMARY: &'static str = "Change a task of a cleaning plan";
    const DESCRIPTION: &'static str =
        "What is absent stays as it is. The plan's minutes and price become the sums of its tasks.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const IS_SERIALIZABLE: bool = true;
    const OUTPUT: Output = Output::Row("cleaning_tasks");
    const EXAMPLE: &'static str = r#"{"estimated_time": 40, "price_per_task": null}"#;
    // The plan is locked before its task.
    const SQL: &'static str = "
        with input as (select i, i - 'id' = '{}' as is_empty from (select $1::jsonb) as one (i)),
        plan as materialized (
            select p.id
            from renos.cleaning_plans p, input
            where p.id = (select t.plan_id from renos.cleaning_tasks t where t.id = i ->> 'id')
            for update of p
        ),
        changed as (
            update renos.cleaning_tasks t
            set name = coalesce(btrim(i ->> 'name'), t.name),
                description = case when i ? 'description' then btrim(i ->> 'description') else t.description end,
                category = coalesce(btrim(i ->> 'category'), t.category),
                estimated_time = coalesce((i ->> 'estimated_time')::integer, t.estimated_time),
                is_required = coalesce((i ->> 'is_required')::boolean, t.is_required),
                is_completed = coalesce((i ->> 'is_completed')::boolean, t.is_completed),
                price_per_task = case
                    when i ? 'price_per_task' then round((i ->> 'price_per_task')::numeric, 2) else t.price_per_task end
            from plan p, input
            where t.id = i ->> 'id' and t.plan_id = p.id and not is_empty
            returning t.*
        )
        select 'ok' as outcome, to_json(c) as body
        from changed c
        cross join lateral renos.refresh_plan(c.plan_id)
        union all
        select 'invalid_input', json_build_array(json_build_object(
            'field', '', 'reason', 'must have a field that is to be changed'))
        from plan, input
        where is_empty";
    type Input = Input;
}
