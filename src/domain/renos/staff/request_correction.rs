//! A44: somebody asks for a time entry to be corrected.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::{Operation, Output, renos::BACKEND};

pub(super) struct RequestCorrection;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// The entry.
    original_entry_id: String,
    /// Start asked for.
    #[schema(format = "date-time")]
    corrected_start_time: String,
    /// End asked for; that of the entry where it is absent.
    #[schema(format = "date-time")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    corrected_end_time: Option<String>,
    /// Minutes of pause asked for.
    #[schema(minimum = 0, maximum = 1_000_000)]
    corrected_break_duration: u32,
    /// Why.
    #[schema(min_length = 1, max_length = 10_000)]
    reason: String,
}

impl Operation for RequestCorrection {
    const ID: &'static str = "renos_request_correction";
    const SCHEMA: &'static str = "renos";
    const PATH: &'static str = "/time_corrections/request";
    const SUMMARY: &'static str = "Ask for a time entry to be corrected";
    const DESCRIPTION: &'static str = "Of one's own entry (403): the caller's person is the account of renos with that id, or the one tied to the shared person. The entry's values are kept beside those asked for. An entry has one pending correction at most; another is a conflict.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const CREATES: bool = true;
    const OUTPUT: Output = Output::Row("time_corrections");
    const EXAMPLE: &'static str = r#"{"original_entry_id": "c019a0b1c2d3e4f5a6b7c8d9e",
        "corrected_start_time": "2026-01-31T08:00:00+01:00", "corrected_end_time": "2026-01-31T12:30:00+01:00",
        "corrected_break_duration": 30, "reason": "I forgot to stop the clock"}"#;
    // The entry is locked, so that its values are those of the moment.
    const SQL: &'static str = "
        with input as (select $1::jsonb as i),
        person as materialized (select renos.account_of_caller() as id),
        entry as materialized (
            select e.* from renos.time_entries e, input where e.id = i ->> 'original_entry_id' for no key update of e
        ),
        wanted as (
            select e.*, p.id as person, (i ->> 'corrected_start_time')::timestamptz as corrected_start_time,
                coalesce((i ->> 'corrected_end_time')::timestamptz, e.end_time) as corrected_end_time
            from entry e
            cross join input
            join renos.team_members m on m.id = e.team_member_id
            left join person p on p.id = m.user_id
        ),
        pending as (
            select c.id from renos.time_corrections c, entry e where c.original_entry_id = e.id and c.status = 'pending'
        ),
        verdict as (
            select w.*, case
                when w.person is null then 'forbidden'
                when w.corrected_end_time <= w.corrected_start_time then 'invalid_input'
                when exists (select from pending) then 'conflict'
                else 'ok'
            end as word
            from wanted w
        ),
        added as (
            insert into renos.time_corrections (
                original_entry_id, original_start_time, original_end_time, original_break_duration,
                corrected_start_time, corrected_end_time, corrected_break_duration, reason, submitted_by)
            select v.id, v.start_time, v.end_time, v.break_duration, v.corrected_start_time, v.corrected_end_time,
                (i ->> 'corrected_break_duration')::integer, btrim(i ->> 'reason'), v.person
            from verdict v, input
            where v.word = 'ok'
            returning *
        )
        select 'created' as outcome, to_json(a) as body from added a
        union all
        select 'unprocessable', json_build_object(
            'field', 'original_entry_id', 'message', 'There is no such time entry')
        where not exists (select from entry)
        union all
        select 'forbidden', json_build_object('message', 'The time entry is not the caller''s own')
        from verdict where word = 'forbidden'
        union all
        select 'invalid_input', json_build_array(json_build_object(
            'field', 'corrected_end_time', 'reason', 'must be after the start'))
        from verdict where word = 'invalid_input'
        union all
        select 'conflict', json_build_object(
            'message', 'A correction of the entry is pending', 'time_correction_id', (select id from pending))
        from verdict where word = 'conflict'";
    type Input = Input;
}
