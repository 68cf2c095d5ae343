//! A39: a plan made of a template.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::{
    Operation, Output, json,
    renos::{BACKEND, compose_plan::Frequency, row_with},
};

pub(super) struct InstantiatePlan;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// The template.
    id: String,
    /// The customer that the plan is for.
    customer_id: String,
    /// Title; the template's where it is absent, and so for all that follows.
    #[schema(min_length = 1, max_length = 10_000)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// Explanation.
    #[schema(max_length = 10_000)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    /// How often.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    frequency: Option<Frequency>,
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
}

impl Operation for InstantiatePlan {
    const ID: &'static str = "renos_instantiate_plan";
    const SCHEMA: &'static str = "renos";
    const PATH: &'static str = "/cleaning_plans/{id}/instantiate";
    const SUMMARY: &'static str = "Make a cleaning plan of a template";
    const DESCRIPTION: &'static str =
        "A plan of the customer's own with all the template's tasks, none of them done. The template stays as it is.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const CREATES: bool = true;
    const OUTPUT: Output = Output::Value(|| json(&row_with("cleaning_plans", &["cleaning_tasks"])));
    const EXAMPLE: &'static str =
        r#"{"customer_id": "c019a0b1c2d3e4f5a6b7c8d9e", "frequency": "weekly", "address": "Havnegade 4"}"#;
    const SQL: &'static str = "
        with input as (select $1::jsonb as i),
        template as (select p.* from renos.cleaning_plans p, input where p.id = i ->> 'id'),
        customer as (select c.id from renos.customers c, input where c.id = i ->> 'customer_id'),
        plan as (
            insert into renos.cleaning_plans (
                customer_id, name, description, service_type, frequency, estimated_duration, estimated_price,
                square_meters, address, notes)
            select c.id, coalesce(btrim(i ->> 'name'), t.name), coalesce(btrim(i ->> 'description'), t.description),
                t.service_type, coalesce(i ->> 'frequency', t.frequency), t.estimated_duration, t.estimated_price,
                coalesce((i ->> 'square_meters')::double precision, t.square_meters),
                coalesce(btrim(i ->> 'address'), t.address), coalesce(btrim(i ->> 'notes'), t.notes)
            from input, template t, customer c
            where t.is_template
            returning *
        ),
        tasks as (
            insert into renos.cleaning_tasks (
                plan_id, name, description, category, estimated_time, is_required, sort_order, price_per_task)
            select p.id, k.name, k.description, k.category, k.estimated_time, k.is_required, k.sort_order,
                k.price_per_task
            from plan p, template t
            join renos.cleaning_tasks k on k.plan_id = t.id
            order by k.sort_order, k.id
            returning *
        )
        select 'created' as outcome, (to_jsonb(p) || jsonb_build_object('cleaning_tasks', (
            select coalesce(jsonb_agg(t order by t.sort_order, t.id), '[]') from tasks t)))::json as body
        from plan p
        union all
        select 'invalid_state', json_build_object(
            'current', json_build_object('is_template', false), 'allowed', json_build_object('is_template', true))
        from template
        where not is_template
        union all
        select 'unprocessable', json_build_object('field', 'customer_id', 'message', 'There is no such customer')
        from template
        where is_template and not exists (select from customer)";
    type Input = Input;
}
