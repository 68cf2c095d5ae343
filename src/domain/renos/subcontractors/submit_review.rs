//! A63: how well a job was done that was handed over.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::BACKEND;
use crate::domain::{Operation, Output};

pub(super) struct SubmitReview;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// The assignment.
    #[schema(format = "uuid")]
    task_assignment_id: String,
    /// Stars.
    #[schema(minimum = 1, maximum = 5)]
    rating: u32,
    /// Stars for the work.
    #[schema(minimum = 1, maximum = 5)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    quality_score: Option<u32>,
    /// Stars for being on time.
    #[schema(minimum = 1, maximum = 5)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    timeliness_score: Option<u32>,
    /// Stars for the talk.
    #[schema(minimum = 1, maximum = 5)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    communication_score: Option<u32>,
    /// Stars for the manner.
    #[schema(minimum = 1, maximum = 5)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    professionalism_score: Option<u32>,
    /// Whether to hand over a job again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    would_recommend: Option<bool>,
    /// Text.
    #[schema(min_length = 10, max_length = 2_000)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    comments: Option<String>,
    /// Links to pictures.
    #[schema(max_items = 100)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    photos: Option<Vec<String>>,
    /// Who reviews.
    #[schema(min_length = 1, max_length = 255)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reviewed_by: Option<String>,
}

impl Operation for SubmitReview {
    const ID: &'static str = "renos_submit_review";
    const SCHEMA: &'static str = "renos";
    const PATH: &'static str = "/subcontractor_reviews/submit";
    const SUMMARY: &'static str = "Review a job that was handed over";
    const DESCRIPTION: &'static str = "An assignment that is completed, once. The rating of its subcontractor is the mean of its reviews, two decimals, also after a review is changed or deleted.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const CREATES: bool = true;
    const OUTPUT: Output = Output::Row("subcontractor_reviews");
    const EXAMPLE: &'static str = r#"{"task_assignment_id": "3d6f0a51-0b9c-4f0e-8a53-5a4a1b1f7c11", "rating": 5,
        "timeliness_score": 4, "would_recommend": true, "comments": "Thorough and friendly"}"#;
    const SQL: &'static str = "
        with input as (select $1::jsonb as i),
        found as materialized (
            select a.* from renos.task_assignments a, input
            where a.id = (i ->> 'task_assignment_id')::uuid
            for no key update of a
        ),
        known as (select r.id from renos.subcontractor_reviews r, found f where r.task_assignment_id = f.id),
        made as (
            insert into renos.subcontractor_reviews (
                task_assignment_id, subcontractor_id, reviewed_by, rating, quality_score, timeliness_score,
                communication_score, professionalism_score, would_recommend, comments, photos)
            select f.id, f.subcontractor_id, i ->> 'reviewed_by', (i ->> 'rating')::integer,
                (i ->> 'quality_score')::integer, (i ->> 'timeliness_score')::integer,
                (i ->> 'communication_score')::integer, (i ->> 'professionalism_score')::integer,
                (i ->> 'would_recommend')::boolean, btrim(i ->> 'comments'), i -> 'photos'
            from found f, input
            where f.status = 'completed' and f.subcontractor_id is not null and not exists (select from known)
            returning *
        )
        select 'created' as outcome, to_json(m) as body from made m
        union all
        select 'unprocessable', json_build_object(
            'field', 'task_assignment_id', 'message', 'There is no such assignment')
        from input
        where not exists (select from found)
        union all
        select 'invalid_state', json_build_object('current', f.status, 'allowed', json_build_array('completed'))
        from found f
        where f.status <> 'completed'
        union all
        select 'conflict', json_build_object('message', 'The assignment has a review already', 'review_id', k.id)
        from known k, found f
        where f.status = 'completed'
        union all
        select 'unprocessable', json_build_object(
            'field', 'task_assignment_id', 'message', 'The subcontractor is there no more')
        from found f
        where f.status = 'completed' and f.subcontractor_id is null and not exists (select from known)";
    type Input = Input;
}
