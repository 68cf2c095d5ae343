//! A49: an assessment is reviewed.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::{
    Operation, Output, Transition,
    renos::{BACKEND, states::ASSESSMENT},
};

pub(super) struct ReviewAssessment;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// The assessment.
    id: String,
}

impl Operation for ReviewAssessment {
    const ID: &'static str = "renos_review_assessment";
    const SCHEMA: &'static str = "renos";
    const PATH: &'static str = "/quality_assessments/{id}/review";
    const SUMMARY: &'static str = "Mark an assessment as reviewed";
    const DESCRIPTION: &'static str = "It can't be changed after that.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const TRANSITION: Option<Transition> = Some(Transition { of: &ASSESSMENT, from: &["completed"], to: "reviewed" });
    const OUTPUT: Output = Output::Row("quality_assessments");
    const EXAMPLE: &'static str = "{}";
    const SQL: &'static str = "
        with input as (select $1::jsonb as i),
        found as materialized (
            select a.id, a.status from renos.quality_assessments a, input where a.id = i ->> 'id' for update of a
        ),
        changed as (
            update renos.quality_assessments a
            set status = i ->> 'to'
            from found f, input
            where a.id = f.id and i -> 'allowed' ? f.status
            returning a.*
        )
        select 'ok' as outcome, to_json(c) as body from changed c
        union all
        select 'invalid_state', json_build_object('current', f.status, 'allowed', i -> 'allowed')
        from found f, input
        where not i -> 'allowed' ? f.status";
    type Input = Input;
}
