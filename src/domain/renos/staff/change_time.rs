//! A43: a time entry is changed.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::record_time::Location;
use crate::domain::{
    Method, Operation, Output,
    renos::{BACKEND, change::given},
};

pub(super) struct ChangeTime;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// The entry.
    id: String,
    /// Start.
    #[schema(format = "date-time")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    start_time: Option<String>,
    /// End; null opens the entry again.
    #[schema(value_type = Option<String>, format = "date-time")]
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    end_time: Option<Option<String>>,
    /// Minutes of pause to subtract.
    #[schema(minimum = 0, maximum = 1_000_000)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    break_duration: Option<u32>,
    /// Lead worked on; null empties it.
    #[schema(value_type = Option<String>)]
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    lead_id: Option<Option<String>>,
    /// Booking worked on; null empties it.
    #[schema(value_type = Option<String>)]
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    booking_id: Option<Option<String>>,
    /// Remarks; null empties them.
    #[schema(value_type = Option<String>, max_length = 10_000)]
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    notes: Option<Option<String>>,
    /// Where the work began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    location: Option<Location>,
}

impl Operation for ChangeTime {
    const ID: &'static str = "renos_change_time";
    const SCHEMA: &'static str = "renos";
    const METHOD: Method = Method::Patch;
    const PATH: &'static str = "/time_entries/{id}";
    const SUMMARY: &'static str = "Change a time entry";
    const DESCRIPTION: &'static str =
        "What is absent stays as it is. One that would overlap another entry of the same member is a conflict.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const OUTPUT: Output = Output::Row("time_entries");
    const EXAMPLE: &'static str = r#"{"end_time": "2026-01-31T13:00:00+01:00", "break_duration": 45}"#;
    // As where an entry is made: those of one member wait for each other.
    const SQL: &'static str = "
        with input as (select $1::jsonb as i),
        member as materialized (
            select m.id
            from renos.team_members m, input
            where m.id = (select e.team_member_id from renos.time_entries e where e.id = i ->> 'id')
            for no key update of m
        ),
        found as materialized (
            select e.*
            from renos.time_entries e, member m, input
            where e.id = i ->> 'id' and e.team_member_id = m.id
            for update of e
        ),
        wanted as (
            select w.*, case
                when end_time is null or end_time > start_time then tstzrange(start_time, end_time)
            end as period
            from (
                select f.id, f.team_member_id, i,
                    coalesce((i ->> 'start_time')::timestamptz, f.start_time) as start_time,
                    case when i ? 'end_time' then (i ->> 'end_time')::timestamptz else f.end_time end as end_time
                from found f, input
            ) as w
        ),
        other as (
            select e.id, e.start_time, e.end_time
            from renos.time_entries e, wanted w
            where e.team_member_id = w.team_member_id and e.id <> w.id
                and tstzrange(e.start_time, e.end_time) && w.period
            order by e.start_time, e.id
            limit 1
        ),
        changed as (
            update renos.time_entries e
            set start_time = w.start_time, end_time = w.end_time,
                break_duration = coalesce((i ->> 'break_duration')::integer, e.break_duration),
                lead_id = case when i ? 'lead_id' then i ->> 'lead_id' else e.lead_id end,
                booking_id = case when i ? 'booking_id' then i ->> 'booking_id' else e.booking_id end,
                notes = case when i ? 'notes' then btrim(i ->> 'notes') else e.notes end,
                location = coalesce(i -> 'location', e.location)
            from wanted w
            where e.id = w.id and w.i - 'id' <> '{}' and w.period is not null and not exists (select from other)
            returning e.*
        )
        select 'ok' as outcome, to_json(c) as body from changed c
        union all
        select 'invalid_input', json_build_array(case
            when i - 'id' = '{}' then json_build_object(
                'field', '', 'reason', 'must have a field that is to be changed')
            else json_build_object('field', 'end_time', 'reason', 'must be after the start')
        end)
        from wanted
        where i - 'id' = '{}' or period is null
        union all
        select 'conflict', json_build_object(
            'message', 'Another entry of the member is in that time', 'time_entry_id', o.id,
            'start_time', o.start_time, 'end_time', o.end_time)
        from other o, wanted w
        where w.i - 'id' <> '{}'";
    type Input = Input;
}
