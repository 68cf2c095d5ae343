//! A49: an assessment is changed.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::assess::{Finding, scoring};
use crate::domain::{
    Method, Operation, Output,
    renos::{BACKEND, change::given},
};

pub(super) struct Reassess;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// The assessment.
    id: String,
    /// Items that were looked at, in place of those that there are.
    #[schema(max_items = 200)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    completed_items: Option<Vec<Finding>>,
    /// Stars.
    #[schema(minimum = 1, maximum = 5)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    overall_score: Option<u32>,
    /// Remarks; null empties them.
    #[schema(value_type = Option<String>, max_length = 10_000)]
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    notes: Option<Option<String>>,
}

impl Operation for Reassess {
    const ID: &'static str = "renos_reassess";
    const SCHEMA: &'static str = "renos";
    const METHOD: Method = Method::Patch;
    const PATH: &'static str = "/quality_assessments/{id}";
    const SUMMARY: &'static str = "Change an assessment";
    const DESCRIPTION: &'static str = "Until it is reviewed. What is absent stays as it is; where items are given, the points and the percentage are computed anew, as where the job is assessed.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const OUTPUT: Output = Output::Row("quality_assessments");
    const EXAMPLE: &'static str = r#"{"overall_score": 5, "completed_items": [{"id": "frames"}, {"id": "glass"}]}"#;
    const SQL: &'static str = concat!(
        "with input as (select $1::jsonb as i),
        found as materialized (
            select a.* from renos.quality_assessments a, input where a.id = i ->> 'id' for update of a
        ),
        checklist as (
            select c.id, c.items from renos.quality_checklists c where c.id = (select f.checklist_id from found f)
        ),
        ",
        scoring!(),
        ",
        verdict as (
            select f.id, f.status, case
                when i - 'id' = '{}' then 'invalid_input'
                when f.status not in ('in_progress', 'completed') then 'invalid_state'
                when exists (select from unfit) then 'unprocessable'
                else 'ok'
            end as word
            from found f, input
        ),
        changed as (
            update renos.quality_assessments a
            set completed_items = case when i ? 'completed_items' then f.list else a.completed_items end,
                total_points_earned = case when i ? 'completed_items' then s.earned else a.total_points_earned end,
                max_possible_points = case when i ? 'completed_items' then s.possible else a.max_possible_points end,
                percentage_score = case when i ? 'completed_items' then s.percentage else a.percentage_score end,
                overall_score = coalesce((i ->> 'overall_score')::integer, a.overall_score),
                notes = case when i ? 'notes' then btrim(i ->> 'notes') else a.notes end
            from verdict v, findings f, score s, input
            where a.id = v.id and v.word = 'ok'
            returning a.*
        )
        select 'ok' as outcome, to_json(c) as body from changed c
        union all
        select 'invalid_input', json_build_array(json_build_object(
            'field', '', 'reason', 'must have a field that is to be changed'))
        from verdict where word = 'invalid_input'
        union all
        select 'invalid_state', json_build_object(
            'current', status, 'allowed', json_build_array('in_progress', 'completed'))
        from verdict where word = 'invalid_state'
        union all
        select 'unprocessable', (
            select json_build_object('field', field, 'message', message) from unfit order by position, field limit 1)
        from verdict where word = 'unprocessable'"
    );
    type Input = Input;
}
