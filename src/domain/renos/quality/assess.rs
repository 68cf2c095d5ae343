//! A49: a job is assessed with a checklist.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::compose_checklist::yes;
use crate::domain::{Operation, Output, renos::BACKEND};

pub(super) struct Assess;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// The lead, which is the job.
    lead_id: String,
    /// The checklist.
    checklist_id: String,
    /// Who assessed: an account of renos.
    assessed_by: String,
    /// Items that were looked at.
    #[schema(max_items = 200)]
    completed_items: Vec<Finding>,
    /// Stars.
    #[schema(minimum = 1, maximum = 5)]
    overall_score: u32,
    /// Remarks.
    #[schema(max_length = 10_000)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    notes: Option<String>,
}

/// What was found of an item.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Finding {
    /// The item of the checklist.
    #[schema(min_length = 1, max_length = 100)]
    id: String,
    /// Whether it is done.
    #[schema(default = true)]
    #[serde(default = "yes")]
    completed: bool,
    /// Where photos of it are.
    #[schema(max_items = 50)]
    #[serde(default)]
    photo_urls: Vec<String>,
    /// Remarks.
    #[schema(max_length = 10_000)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    notes: Option<String>,
    /// Points for it, up to the item's; the item's where it is absent.
    #[schema(minimum = 0, maximum = 10)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    points_earned: Option<u32>,
    /// When it was done.
    #[schema(format = "date-time")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    completion_time: Option<String>,
}

/// The findings of the input against the items of `checklist`: `unfit` has those that can't be, `score` the points, and
/// `findings` what is stored. An item of the list without points counts 10.
macro_rules! scoring {
    () => {
        "points as (
            select item ->> 'id' as id, case jsonb_typeof(item -> 'points')
                when 'number' then (item ->> 'points')::numeric::integer else 10 end as points
            from checklist c
            cross join lateral jsonb_array_elements(
                case jsonb_typeof(c.items) when 'array' then c.items else '[]' end) as l (item)
        ),
        given as (
            select position - 1 as position, item || jsonb_build_object('id', btrim(item ->> 'id')) as item,
                btrim(item ->> 'id') as id, (item ->> 'points_earned')::integer as earned,
                (item ->> 'completed')::boolean as is_done
            from input, jsonb_array_elements(i -> 'completed_items') with ordinality as l (item, position)
        ),
        unfit as (
            select position, format('completed_items[%s].id', position) as field,
                'The checklist has no such item' as message
            from given g
            where not exists (select from points p where p.id = g.id)
            union all
            select position, format('completed_items[%s].id', position), 'The item is named twice'
            from (
                select position, row_number() over (partition by id order by position) as number from given
            ) as numbered
            where number > 1
            union all
            select g.position, format('completed_items[%s].points_earned', g.position),
                format('The item has %s points', p.points)
            from given g
            join points p on p.id = g.id
            where g.earned > p.points
        ),
        score as (
            select earned, possible, coalesce(round(100.0 * earned / nullif(possible, 0), 2), 0) as percentage
            from (
                select
                    coalesce((
                        select sum(coalesce(g.earned, p.points))
                        from given g
                        join points p on p.id = g.id
                        where g.is_done
                    ), 0)::integer as earned,
                    coalesce((select sum(points) from points), 0)::integer as possible
            ) as sums
        ),
        findings as (select coalesce(jsonb_agg(item order by position), '[]') as list from given)"
    };
}
pub(super) use scoring;

impl Operation for Assess {
    const ID: &'static str = "renos_assess";
    const SCHEMA: &'static str = "renos";
    const PATH: &'static str = "/quality_assessments/assess";
    const SUMMARY: &'static str = "Assess a job with a checklist";
    const DESCRIPTION: &'static str = "The percentage is the points of the items that are done over those of all items of the checklist, with two decimals. An item that the checklist hasn't, is named twice or has fewer points is refused (422).";
    const CALLERS: &'static [&'static str] = BACKEND;
    const CREATES: bool = true;
    const OUTPUT: Output = Output::Row("quality_assessments");
    const EXAMPLE: &'static str = r#"{"lead_id": "c019a0b1c2d3e4f5a6b7c8d9e", "checklist_id": "c019a0b1c2d3e4f5a6b7c8d9f",
        "assessed_by": "c019a0b1c2d3e4f5a6b7c8d9a", "overall_score": 4, "completed_items": [
        {"id": "frames", "points_earned": 7}, {"id": "glass", "completed": false, "notes": "Streaks"}]}"#;
    const SQL: &'static str = concat!(
        "with input as (select $1::jsonb as i),
        checklist as (select c.id, c.items from renos.quality_checklists c, input where c.id = i ->> 'checklist_id'),
        ",
        scoring!(),
        ",
        refused as (
            select -3 as position, 'lead_id' as field, 'There is no such lead' as message from input
            where not exists (select from renos.leads l where l.id = i ->> 'lead_id')
            union all
            select -2, 'checklist_id', 'There is no such checklist' where not exists (select from checklist)
            union all
            select -1, 'assessed_by', 'There is no such user' from input
            where not exists (select from renos.users u where u.id = i ->> 'assessed_by')
            union all
            select position, field, message from unfit
        ),
        added as (
            insert into renos.quality_assessments (
                lead_id, checklist_id, assessed_by, completed_items, overall_score, percentage_score,
                total_points_earned, max_possible_points, notes, status)
            select i ->> 'lead_id', c.id, i ->> 'assessed_by', f.list, (i ->> 'overall_score')::integer, s.percentage,
                s.earned, s.possible, btrim(i ->> 'notes'), 'completed'
            from input, checklist c, findings f, score s
            where not exists (select from refused)
            returning *
        )
        select 'created' as outcome, to_json(a) as body from added a
        union all
        select 'unprocessable', refusal from (
            select json_build_object('field', field, 'message', message) as refusal
            from refused order by position, field limit 1) as first"
    );
    type Input = Input;
}
