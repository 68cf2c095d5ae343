//! A48: a checklist of a kind of service.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::{Operation, Output, renos::BACKEND};

pub(super) struct ComposeChecklist;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// Kind of service: standard, deep, window, moveout, office or another word.
    #[schema(min_length = 1, max_length = 100)]
    service_type: String,
    /// Title.
    #[schema(min_length = 1, max_length = 10_000)]
    name: String,
    /// Explanation.
    #[schema(max_length = 10_000)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    /// What is to be looked at, in order.
    #[schema(min_items = 1, max_items = 200)]
    items: Vec<Item>,
}

/// An item of a checklist.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Item {
    /// Its key, which no other item of the list has.
    #[schema(min_length = 1, max_length = 100)]
    id: String,
    /// What is to be looked at.
    #[schema(min_length = 1, max_length = 1_000)]
    title: String,
    /// Explanation.
    #[schema(max_length = 10_000)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    /// Whether it must be looked at.
    #[schema(default = true)]
    #[serde(default = "yes")]
    required: bool,
    /// Whether a photo must show it.
    #[serde(default)]
    photo_required: bool,
    /// Place in the list; that in which it is given where this is absent, from 1.
    #[schema(minimum = 0, maximum = 1_000_000)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    order: Option<u32>,
    /// Group.
    #[schema(min_length = 1, max_length = 100)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    category: Option<String>,
    /// What it counts; 10 where it is absent.
    #[schema(minimum = 1, maximum = 10)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    points: Option<u32>,
}

pub(super) fn yes() -> bool {
    true
}

/// The items of the input: `listed` has them as they are stored, `twice` the faults of those whose id another one has.
macro_rules! items {
    () => {
        "listed as (
            select position, item || jsonb_build_object(
                'id', btrim(item ->> 'id'), 'title', btrim(item ->> 'title'),
                'order', coalesce(item -> 'order', to_jsonb(position))) as item
            from input, jsonb_array_elements(i -> 'items') with ordinality as l (item, position)
        ),
        twice as (
            select json_agg(json_build_object(
                'field', format('items[%s].id', position - 1), 'reason', 'is the id of another item') order by position
            ) as faults
            from (
                select position, row_number() over (partition by item ->> 'id' order by position) as number from listed
            ) as numbered
            where number > 1
        )"
    };
}
pub(super) use items;

impl Operation for ComposeChecklist {
    const ID: &'static str = "renos_compose_checklist";
    const SCHEMA: &'static str = "renos";
    const PATH: &'static str = "/quality_checklists/compose";
    const SUMMARY: &'static str = "Make a checklist of a kind of service";
    const DESCRIPTION: &'static str = "It is the one in use. Where the kind of service has one in use already that is a conflict: make a new version.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const CREATES: bool = true;
    const OUTPUT: Output = Output::Row("quality_checklists");
    const EXAMPLE: &'static str = r#"{"service_type": "window", "name": "Vinduer", "items": [
        {"id": "frames", "title": "Frames", "points": 8}, {"id": "glass", "title": "Glass", "photo_required": true}]}"#;
    const SQL: &'static str = concat!(
        "with input as (select $1::jsonb as i, btrim($1::jsonb ->> 'service_type') as service_type),
        ",
        items!(),
        ",
        active as (
            select c.id from renos.quality_checklists c, input
            where c.service_type = input.service_type and c.is_active
        ),
        made as (
            insert into renos.quality_checklists (service_type, name, description, items, version)
            select n.service_type, btrim(i ->> 'name'), btrim(i ->> 'description'),
                (select jsonb_agg(item order by position) from listed),
                1 + (
                    select coalesce(max(c.version), 0)
                    from renos.quality_checklists c
                    where c.service_type = n.service_type)
            from input n, twice
            where faults is null and not exists (select from active)
            returning *
        )
        select 'created' as outcome, to_json(m) as body from made m
        union all
        select 'invalid_input', faults from twice where faults is not null
        union all
        select 'conflict', json_build_object('columns', json_build_array('service_type'), 'quality_checklist_id', a.id)
        from active a, twice
        where faults is null"
    );
    type Input = Input;
}
