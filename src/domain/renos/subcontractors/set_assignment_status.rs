//! A62: how far a job is that was handed over.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::BACKEND;
use crate::domain::{Operation, Output};

pub(super) struct SetAssignmentStatus;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// The assignment.
    #[schema(format = "uuid")]
    id: String,
    /// Where it goes.
    status: Status,
    /// The subcontractor that it has to be with.
    #[schema(format = "uuid")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    subcontractor_id: Option<String>,
    /// Remarks; absent leaves those that there are.
    #[schema(max_length = 10_000)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    notes: Option<String>,
    /// Hours worked, two decimals; absent leaves those that there are.
    #[schema(minimum = 0, maximum = 999.99)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    actual_hours: Option<f64>,
}

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = RenosAssignmentStep)]
enum Status {
    Accepted,
    Rejected,
    InProgress,
    Completed,
    Cancelled,
}

impl Operation for SetAssignmentStatus {
    const ID: &'static str = "renos_set_assignment_status";
    const SCHEMA: &'static str = "renos";
    const PATH: &'static str = "/task_assignments/{id}/status";
    const SUMMARY: &'static str = "Move an assignment on";
    const DESCRIPTION: &'static str = "From assigned to accepted, rejected or cancelled; from accepted to in_progress, completed or cancelled; from in_progress to completed or cancelled. When work begins and ends is noted. A subcontractor moves its own: name it, and an assignment of another is not found.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const OUTPUT: Output = Output::Row("task_assignments");
    const EXAMPLE: &'static str = r#"{"status": "completed", "actual_hours": 3.5}"#;
    const SQL: &'static str = "
        with input as (
            select i, case i ->> 'status'
                when 'accepted' then '[\"assigned\"]'
                when 'rejected' then '[\"assigned\"]'
                when 'in_progress' then '[\"accepted\"]'
                when 'completed' then '[\"accepted\", \"in_progress\"]'
                when 'cancelled' then '[\"assigned\", \"accepted\", \"in_progress\"]'
            end::jsonb as allowed
            from (select $1::jsonb) as given (i)
        ),
        found as materialized (
            select a.* from renos.task_assignments a, input
            where a.id = (i ->> 'id')::uuid
                and (not i ? 'subcontractor_id' or a.subcontractor_id = (i ->> 'subcontractor_id')::uuid)
            for update of a
        ),
        changed as (
            update renos.task_assignments a
            set status = i ->> 'status',
                notes = coalesce(btrim(i ->> 'notes'), a.notes),
                actual_hours = coalesce(round((i ->> 'actual_hours')::numeric, 2), a.actual_hours),
                started_at = case
                    when i ->> 'status' in ('in_progress', 'completed') then coalesce(a.started_at, now())
                    else a.started_at
                end,
                completed_at = case when i ->> 'status' = 'completed' then now() else a.completed_at end
            from found f, input
            where a.id = f.id and allowed ? f.status
            returning a.*
        )
        select 'ok' as outcome, to_json(c) as body from changed c
        union all
        select 'invalid_state', json_build_object('current', f.status, 'allowed', allowed)
        from found f, input
        where not exists (select from changed)";
    type Input = Input;
}
