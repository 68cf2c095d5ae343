//! A13: a lead was followed up.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::BACKEND;
use crate::domain::{Operation, Output};

pub(super) struct NoteFollowUp;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// The lead.
    id: String,
    /// Whether a fourth follow-up and more may be counted.
    #[serde(default)]
    force: bool,
}

impl Operation for NoteFollowUp {
    const ID: &'static str = "renos_note_follow_up";
    const SCHEMA: &'static str = "renos";
    const PATH: &'static str = "/leads/{id}/follow_up";
    const SUMMARY: &'static str = "Record that a lead was followed up";
    const DESCRIPTION: &'static str = "Nothing is sent. The lead has one attempt more and the time of it, and awaits a response where an offer was sent. Three attempts are the most, 5, 10 and 15 days after the last mail; then the lead is lost, or somebody goes on by hand, with `force`.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const OUTPUT: Output = Output::Row("leads");
    const EXAMPLE: &'static str = "{}";
    const SQL: &'static str = "
        with input as (select $1::jsonb as i),
        found as materialized (
            select l.* from renos.leads l, input where l.id = i ->> 'id' for no key update of l
        ),
        changed as (
            update renos.leads l
            set follow_up_attempts = f.follow_up_attempts + 1, last_follow_up_date = now(),
                status = case f.status when 'quote_sent' then 'awaiting_response' else f.status end
            from found f, input
            where l.id = f.id and (f.follow_up_attempts < 3 or (i ->> 'force')::boolean)
            returning l.*
        )
        select 'ok' as outcome, to_json(c) as body from changed c
        union all
        select 'invalid_state', json_build_object(
            'current', json_build_object('follow_up_attempts', f.follow_up_attempts),
            'allowed', json_build_object('follow_up_attempts', json_build_array(0, 1, 2)))
        from found f
        where not exists (select from changed)";
    type Input = Input;
}
