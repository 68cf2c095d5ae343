//! A45: a correction of a time entry is approved.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::{
    Operation, Output, Transition,
    renos::{BACKEND, states::CORRECTION},
};

pub(super) struct ApproveCorrection;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// The correction.
    id: String,
}

impl Operation for ApproveCorrection {
    const ID: &'static str = "renos_approve_correction";
    const SCHEMA: &'static str = "renos";
    const PATH: &'static str = "/time_corrections/{id}/approve";
    const SUMMARY: &'static str = "Approve a correction of a time entry";
    const DESCRIPTION: &'static str = "The entry gets the times asked for. Whoever asked for it can't approve it, nor can somebody without an account of renos (403). An entry that was changed since, or would overlap another one of the member, is a conflict.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const TRANSITION: Option<Transition> = Some(Transition { of: &CORRECTION, from: &["pending"], to: "approved" });
    const OUTPUT: Output = Output::Row("time_corrections");
    const EXAMPLE: &'static str = "{}";
    // Member, entry and correction are locked in that order. What was recorded meanwhile is seen by the
    // table's constraint.
    const SQL: &'static str = "
        with input as (select $1::jsonb as i),
        person as materialized (select renos.account_of_caller() as id),
        member as materialized (
            select m.id
            from renos.team_members m
            where m.id = (
                select e.team_member_id
                from renos.time_corrections c
                join renos.time_entries e on e.id = c.original_entry_id
                cross join input
                where c.id = i ->> 'id'
            )
            for no key update of m
        ),
        entry as materialized (
            select e.*
            from renos.time_entries e, member m
            where e.team_member_id = m.id and e.id = (
                select c.original_entry_id from renos.time_corrections c, input where c.id = i ->> 'id'
            )
            for update of e
        ),
        found as materialized (
            select c.*
            from renos.time_corrections c, entry e, input
            where c.id = i ->> 'id' and c.original_entry_id = e.id
            for update of c
        ),
        other as (
            select o.id, o.start_time, o.end_time
            from renos.time_entries o, entry e, found f
            where o.team_member_id = e.team_member_id and o.id <> e.id
                and tstzrange(o.start_time, o.end_time) && tstzrange(f.corrected_start_time, f.corrected_end_time)
            order by o.start_time, o.id
            limit 1
        ),
        verdict as (
            select f.*, p.id as person, case
                when p.id is null then 'nobody'
                when p.id = f.submitted_by then 'own'
                when not i -> 'allowed' ? f.status then 'invalid_state'
                when (e.start_time, e.end_time, e.break_duration) is distinct from
                    (f.original_start_time, f.original_end_time, f.original_break_duration) then 'changed'
                when exists (select from other) then 'overlap'
                else 'ok'
            end as word
            from found f
            cross join entry e
            cross join input
            cross join person p
        ),
        corrected as (
            update renos.time_entries e
            set start_time = v.corrected_start_time, end_time = v.corrected_end_time,
                break_duration = v.corrected_break_duration
            from verdict v
            where e.id = v.original_entry_id and v.word = 'ok'
        ),
        changed as (
            update renos.time_corrections c
            set status = i ->> 'to', approved_by = v.person, approved_at = now()
            from verdict v, input
            where c.id = v.id and v.word = 'ok'
            returning c.*
        )
        select 'ok' as outcome, to_json(c) as body from changed c
        union all
        select 'forbidden', json_build_object('message', case word
            when 'own' then 'Whoever asked for a correction can''t approve it'
            else 'The caller has no account of renos'
        end)
        from verdict where word in ('nobody', 'own')
        union all
        select 'invalid_state', json_build_object('current', status, 'allowed', i -> 'allowed')
        from verdict, input where word = 'invalid_state'
        union all
        select 'conflict', json_build_object(
            'message', 'The entry was changed since', 'start_time', e.start_time, 'end_time', e.end_time,
            'break_duration', e.break_duration)
        from verdict, entry e where word = 'changed'
        union all
        select 'conflict', json_build_object(
            'message', 'Another entry of the member is in that time', 'time_entry_id', o.id,
            'start_time', o.start_time, 'end_time', o.end_time)
        from verdict, other o where word = 'overlap'";
    type Input = Input;
}
