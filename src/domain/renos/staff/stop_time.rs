//! A43: somebody stops working.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::{Operation, Output, renos::BACKEND};

pub(super) struct StopTime;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// The entry.
    id: String,
}

impl Operation for StopTime {
    const ID: &'static str = "renos_stop_time";
    const SCHEMA: &'static str = "renos";
    const PATH: &'static str = "/time_entries/{id}/stop";
    const SUMMARY: &'static str = "End an open time entry";
    const DESCRIPTION: &'static str = "It ends now. One that has not begun yet is refused (422).";
    const CALLERS: &'static [&'static str] = BACKEND;
    const OUTPUT: Output = Output::Row("time_entries");
    const EXAMPLE: &'static str = "{}";
    const SQL: &'static str = "
        with input as (select $1::jsonb as i),
        found as materialized (
            select e.* from renos.time_entries e, input where e.id = i ->> 'id' for update of e
        ),
        changed as (
            update renos.time_entries e
            set end_time = now()
            from found f
            where e.id = f.id and f.end_time is null and f.start_time < now()
            returning e.*
        )
        select 'ok' as outcome, to_json(c) as body from changed c
        union all
        select 'invalid_state', json_build_object(
            'current', json_build_object('end_time', f.end_time), 'allowed', json_build_object('end_time', null))
        from found f
        where f.end_time is not null
        union all
        select 'unprocessable', json_build_object('field', 'start_time', 'message', 'The entry has not begun yet')
        from found f
        where f.end_time is null and f.start_time >= now()";
    type Input = Input;
}
