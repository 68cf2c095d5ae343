//! A46: a correction of a time entry is rejected.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::{
    Operation, Output, Transition,
    renos::{BACKEND, states::CORRECTION},
};

pub(super) struct RejectCorrection;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// The correction.
    id: String,
    /// Why.
    #[schema(min_length = 1, max_length = 10_000)]
    rejection_reason: String,
}

impl Operation for RejectCorrection {
    const ID: &'static str = "renos_reject_correction";
    const SCHEMA: &'static str = "renos";
    const PATH: &'static str = "/time_corrections/{id}/reject";
    const SUMMARY: &'static str = "Reject a correction of a time entry";
    const DESCRIPTION: &'static str = "The entry stays as it is, and another correction of it may be asked for. Whoever rejects must have an account of renos (403); whoever asked may take it back so.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const TRANSITION: Option<Transition> = Some(Transition { of: &CORRECTION, from: &["pending"], to: "rejected" });
    const OUTPUT: Output = Output::Row("time_corrections");
    const EXAMPLE: &'static str = r#"{"rejection_reason": "The calendar says otherwise"}"#;
    const SQL: &'static str = "
        with input as (select $1::jsonb as i),
        person as materialized (select renos.account_of_caller() as id),
        found as materialized (
            select c.id, c.status from renos.time_corrections c, input where c.id = i ->> 'id' for update of c
        ),
        changed as (
            update renos.time_corrections c
            set status = i ->> 'to', rejected_by = p.id, rejected_at = now(),
                rejection_reason = btrim(i ->> 'rejection_reason')
            from found f, person p, input
            where c.id = f.id and p.id is not null and i -> 'allowed' ? f.status
            returning c.*
        )
        select 'ok' as outcome, to_json(c) as body from changed c
        union all
        select 'forbidden', json_build_object('message', 'The caller has no account of renos')
        from found, person p
        where p.id is null
        union all
        select 'invalid_state', json_build_object('current', f.status, 'allowed', i -> 'allowed')
        from found f, person p, input
        where p.id is not null and not i -> 'allowed' ? f.status";
    type Input = Input;
}
