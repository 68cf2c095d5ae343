//! A49: an assessment is reviewed.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::{
    Operation, Output, Transition,
    renos::{BACKEND, states::ASSESSMENT},
    step,
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
    const SQL: &'static str = step!("renos.quality_assessments");
    type Input = Input;
}
