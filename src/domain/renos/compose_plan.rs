//! R23: a cleaning plan with its tasks.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{BACKEND, row_with};
use crate::domain::{Operation, Output, json};

pub(super) struct ComposePlan;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// The customer.
    customer_id: String,
    /// Title.
    #[schema(min_length = 1, max_length = 10_000)]
    name: String,
    /// Kind of service.
    #[schema(min_length = 1, max_length = 10_000)]
    service_type: String,
    /// Explanation.
    #[schema(max_length = 10_000)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    /// How often.
    #[serde(default)]
    frequency: Frequency,
    /// Whether it is a pattern for new plans; it is not where this is absent.
    #[serde(default)]
    is_template: bool,
    /// Minutes; the sum of the tasks where it is absent, and 120 where there are none.
    #[schema(minimum = 0, maximum = 1_000_000)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    estimated_duration: Option<u32>,
    /// Area.
    #[schema(minimum = 0)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    square_meters: Option<f64>,
    /// Place.
    #[schema(max_length = 10_000)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    address: Option<String>,
    /// Remarks.
    #[schema(max_length = 10_000)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    notes: Option<String>,
    /// Tasks, in order.
    #[schema(max_items = 200)]
    #[serde(default)]
    tasks: Vec<Task>,
}

/// How often; `once` where it is absent.
#[derive(Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Frequency {
    #[default]
    Once,
    Weekly,
    Biweekly,
    Monthly,
}

/// A task of a plan.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Task {
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

impl Operation for ComposePlan {
    const ID: &'static str = "renos_compose_plan";
    const SCHEMA: &'static str = "renos";
    const PATH: &'static str = "/cleaning_plans/compose";
    const SUMMARY: &'static str = "Make a cleaning plan with its tasks";
    const DESCRIPTION: &'static str =
        "All or nothing. The price is the sum of the tasks that have one, and null where none has.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const CREATES: bool = true;
    const OUTPUT: Output = Output::Value(|| json(&row_with("cleaning_plans", &["cleaning_tasks"])));
    const EXAMPLE: &'static str = r#"{"customer_id": "c019a0b1c2d3e4f5a6b7c8d9e", "name": "Office, weekly",
        "service_type": "Fast Rengøring", "frequency": "weekly", "tasks": [
        {"name": "Floors", "category": "Cleaning", "estimated_time": 45},
        {"name": "Windows inside", "category": "Windows", "estimated_time": 30, "price_per_task": 150}]}"#;
    const SQL: &'static str = "
        with input as (select $1::jsonb as i),
        customer as (select c.id from renos.customers c, input where c.id = i ->> 'customer_id'),
        listed as (
            select (position - 1)::integer as sort_order, task,
                coalesce((task ->> 'estimated_time')::integer, 15) as estimated_time,
                round((task ->> 'price_per_task')::numeric, 2) as price_per_task
            from input, jsonb_array_elements(i -> 'tasks') with ordinality as t (task, position)
        ),
        sums as (select sum(estimated_time) as minutes, sum(price_per_task) as price from listed),
        plan as (
            insert into renos.cleaning_plans (
                customer_id, name, description, service_type, frequency, is_template, estimated_duration,
                estimated_price, square_meters, address, notes)
            select c.id, btrim(i ->> 'name'), btrim(i ->> 'description'), btrim(i ->> 'service_type'), i ->> 'frequency',
                (i ->> 'is_template')::boolean, coalesce((i ->> 'estimated_duration')::integer, s.minutes, 120),
                s.price, (i ->> 'square_meters')::double precision, btrim(i ->> 'address'), btrim(i ->> 'notes')
            from input, customer c, sums s
            returning *
        ),
        tasks as (
            insert into renos.cleaning_tasks (
                plan_id, name, description, category, estimated_time, is_required, sort_order, price_per_task)
            select p.id, btrim(task ->> 'name'), btrim(task ->> 'description'), btrim(task ->> 'category'),
                l.estimated_time, coalesce((task ->> 'is_required')::boolean, true), l.sort_order, l.price_per_task
            from plan p, listed l
            order by l.sort_order
            returning *
        )
        select 'created' as outcome, (to_jsonb(p) || jsonb_build_object(
            'cleaning_tasks', (select coalesce(jsonb_agg(t order by t.sort_order), '[]') from tasks t)))::json as body
        from plan p
        union all
        select 'unprocessable', json_build_object('field', 'customer_id', 'message', 'There is no such customer')
        where not exists (select from customer)";
    type Input = Input;
}
