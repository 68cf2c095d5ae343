//! A43: time that somebody worked, or begins to work.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::{Operation, Output, renos::BACKEND};

pub(super) struct RecordTime;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// Who worked.
    team_member_id: String,
    /// Start; now where it is absent.
    #[schema(format = "date-time")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    start_time: Option<String>,
    /// End; the entry is open where it is absent.
    #[schema(format = "date-time")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    end_time: Option<String>,
    /// Minutes of pause to subtract.
    #[schema(minimum = 0, maximum = 1_000_000, default = 0)]
    #[serde(default)]
    break_duration: u32,
    /// Lead worked on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    lead_id: Option<String>,
    /// Booking worked on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    booking_id: Option<String>,
    /// Remarks.
    #[schema(max_length = 10_000)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    notes: Option<String>,
    /// Where the work began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    location: Option<Location>,
}

/// A place on earth, in degrees.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Location {
    /// Latitude.
    #[schema(minimum = -90, maximum = 90)]
    lat: f64,
    /// Longitude.
    #[schema(minimum = -180, maximum = 180)]
    lng: f64,
}

impl Operation for RecordTime {
    const ID: &'static str = "renos_record_time";
    const SCHEMA: &'static str = "renos";
    const PATH: &'static str = "/time_entries/record";
    const SUMMARY: &'static str = "Record time that a team member worked";
    const DESCRIPTION: &'static str = "Without an end it is open, and lasts until it is stopped. An entry that another one of the same member overlaps is a conflict; the member must be active (422).";
    const CALLERS: &'static [&'static str] = BACKEND;
    const CREATES: bool = true;
    const OUTPUT: Output = Output::Row("time_entries");
    const EXAMPLE: &'static str = r#"{"team_member_id": "c019a0b1c2d3e4f5a6b7c8d9e", "start_time": "2026-01-31T08:00:00+01:00",
        "end_time": "2026-01-31T12:30:00+01:00", "break_duration": 30}"#;
    // Entries of one member wait for each other. What was recorded meanwhile is seen by the table's constraint.
    const SQL: &'static str = "
        with input as (
            select t.*, case
                when end_time is null or end_time > start_time then tstzrange(start_time, end_time)
            end as period
            from (
                select i, coalesce((i ->> 'start_time')::timestamptz, now()) as start_time,
                    (i ->> 'end_time')::timestamptz as end_time
                from (select $1::jsonb) as given (i)
            ) as t
        ),
        member as materialized (
            select m.id, m.is_active
            from renos.team_members m, input
            where m.id = i ->> 'team_member_id'
            for no key update of m
        ),
        other as (
            select e.id, e.start_time, e.end_time
            from renos.time_entries e, member m, input
            where e.team_member_id = m.id and tstzrange(e.start_time, e.end_time) && period
            order by e.start_time, e.id
            limit 1
        ),
        refused as (
            select 'There is no such team member' as message where not exists (select from member)
            union all
            select 'The team member is not active' from member where not is_active
        ),
        added as (
            insert into renos.time_entries (
                team_member_id, lead_id, booking_id, start_time, end_time, break_duration, notes, location)
            select m.id, i ->> 'lead_id', i ->> 'booking_id', n.start_time, n.end_time,
                (i ->> 'break_duration')::integer, btrim(i ->> 'notes'), i -> 'location'
            from member m, input n
            where n.period is not null and not exists (select from refused) and not exists (select from other)
            returning *
        )
        select 'created' as outcome, to_json(a) as body from added a
        union all
        select 'invalid_input', json_build_array(json_build_object(
            'field', 'end_time', 'reason', 'must be after the start'))
        from input
        where period is null
        union all
        select 'unprocessable', json_build_object('field', 'team_member_id', 'message', message)
        from refused, input
        where period is not null
        union all
        select 'conflict', json_build_object(
            'message', 'Another entry of the member is in that time', 'time_entry_id', o.id,
            'start_time', o.start_time, 'end_time', o.end_time)
        from other o
        where not exists (select from refused)";
    type Input = Input;
}
