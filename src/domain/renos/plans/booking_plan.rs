//! A40: the plan that a booking carries out, and what was done of it.

use serde::{Deserialize, Serialize};
use utoipa::{
    ToSchema,
    openapi::{RefOr, Schema, schema::Type},
};

use crate::domain::{
    Method, Operation, Output, json,
    renos::{BACKEND, row_and, shapes::of},
};

pub(super) struct SetBookingPlan;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// The booking.
    id: String,
    /// The plan.
    plan_id: String,
    /// Tasks of the plan that are done. What is absent stays as it was of the same plan.
    #[schema(max_items = 1_000)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    completed_tasks: Option<Vec<String>>,
    /// Minutes used.
    #[schema(minimum = 0, maximum = 1_000_000)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    actual_duration: Option<u32>,
    /// Remarks.
    #[schema(max_length = 10_000)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    notes: Option<String>,
}

/// The row, and whether all that must be done is done.
fn carried_out() -> RefOr<Schema> {
    row_and("cleaning_plan_bookings", [("all_required_done", of(Type::Boolean))])
}

impl Operation for SetBookingPlan {
    const ID: &'static str = "renos_set_booking_plan";
    const SCHEMA: &'static str = "renos";
    const METHOD: Method = Method::Put;
    const PATH: &'static str = "/bookings/{id}/plan";
    const SUMMARY: &'static str = "Say which plan a booking carries out and what of it is done";
    const DESCRIPTION: &'static str = "A booking has one plan; another one takes its place, with nothing done. Tasks that are not the plan's are refused (422). Answers whether all tasks that must be done are done.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const CREATES: bool = true;
    const OUTPUT: Output = Output::Value(|| json(&carried_out()));
    const EXAMPLE: &'static str =
        r#"{"plan_id": "c019a0b1c2d3e4f5a6b7c8d9e", "completed_tasks": ["c019a0b1c2d3e4f5a6b7c8d9f"]}"#;
    const SQL: &'static str = "
        with input as (select $1::jsonb as i),
        booking as materialized (
            select b.id from renos.bookings b, input where b.id = i ->> 'id' for no key update of b
        ),
        plan as (select p.id from renos.cleaning_plans p, input where p.id = i ->> 'plan_id'),
        done as (
            select id, min(position) - 1 as position
            from input, jsonb_array_elements_text(i -> 'completed_tasks') with ordinality as d (id, position)
            group by id
        ),
        refused as (
            select 'plan_id' as field, 'There is no such plan' as message, -1 as position
            where not exists (select from plan)
            union all
            select format('completed_tasks[%s]', d.position), 'The plan has no such task', d.position
            from done d, plan p
            where not exists (select from renos.cleaning_tasks t where t.id = d.id and t.plan_id = p.id)
        ),
        stored as (
            insert into renos.cleaning_plan_bookings as s (plan_id, booking_id, completed_tasks, actual_duration, notes)
            select p.id, b.id, array(select id from done order by position), (i ->> 'actual_duration')::integer,
                btrim(i ->> 'notes')
            from booking b, plan p, input
            where not exists (select from refused)
            on conflict (booking_id) do update
                set plan_id = excluded.plan_id,
                    completed_tasks = case
                        when s.plan_id = excluded.plan_id and not (select i ? 'completed_tasks' from input)
                        then s.completed_tasks else excluded.completed_tasks end,
                    actual_duration = coalesce(
                        excluded.actual_duration, case when s.plan_id = excluded.plan_id then s.actual_duration end),
                    notes = coalesce(excluded.notes, case when s.plan_id = excluded.plan_id then s.notes end)
            returning s.*, s.xmax = 0 as is_new
        )
        select case when is_new then 'created' else 'ok' end as outcome, (
            to_jsonb(s) - 'is_new' || jsonb_build_object('all_required_done', not exists (
                select from renos.cleaning_tasks t
                where t.plan_id = s.plan_id and t.is_required and t.id <> all (s.completed_tasks)
            )))::json as body
        from stored s
        union all
        select 'unprocessable', refusal
        from booking
        cross join (
            select json_build_object('field', field, 'message', message) as refusal
            from refused order by position limit 1
        ) as first";
    type Input = Input;
}
