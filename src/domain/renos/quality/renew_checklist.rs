//! A48: a new version of a checklist.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::compose_checklist::{Item, items};
use crate::domain::{
    Operation, Output,
    renos::{BACKEND, change::given},
};

pub(super) struct RenewChecklist;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// The checklist, of any version.
    id: String,
    /// Title; that of the checklist where it is absent, and so for all that follows.
    #[schema(min_length = 1, max_length = 10_000)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// Explanation; null empties it.
    #[schema(value_type = Option<String>, max_length = 10_000)]
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    description: Option<Option<String>>,
    /// What is to be looked at, in order.
    #[schema(min_items = 1, max_items = 200)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    items: Option<Vec<Item>>,
}

impl Operation for RenewChecklist {
    const ID: &'static str = "renos_renew_checklist";
    const SCHEMA: &'static str = "renos";
    const PATH: &'static str = "/quality_checklists/{id}/new_version";
    const SUMMARY: &'static str = "Make a new version of a checklist";
    const DESCRIPTION: &'static str = "The one in use of the kind of service gives way to it. Its number is one above the greatest of the kind. Assessments keep the version that they were made with.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const CREATES: bool = true;
    // The greatest version is read to write the next.
    const IS_SERIALIZABLE: bool = true;
    const OUTPUT: Output = Output::Row("quality_checklists");
    const EXAMPLE: &'static str = r#"{"items": [{"id": "frames", "title": "Frames and sills", "points": 9}]}"#;
    // The new one is made after the old one was retired: of a kind of service one is active.
    const SQL: &'static str = concat!(
        "with input as (select $1::jsonb as i),
        found as materialized (
            select c.* from renos.quality_checklists c, input where c.id = i ->> 'id' for update of c
        ),
        ",
        items!(),
        ",
        retired as (
            update renos.quality_checklists c
            set is_active = false
            from found f, twice
            where c.service_type = f.service_type and c.is_active and faults is null
            returning c.id
        ),
        made as (
            insert into renos.quality_checklists (service_type, name, description, items, version)
            select f.service_type, coalesce(btrim(i ->> 'name'), f.name),
                case when i ? 'description' then btrim(i ->> 'description') else f.description end,
                coalesce((select jsonb_agg(item order by position) from listed), f.items),
                1 + (
                    select max(c.version) from renos.quality_checklists c where c.service_type = f.service_type)
            from found f
            cross join input
            cross join twice
            cross join (select count(*) from retired) as before
            where faults is null
            returning *
        )
        select 'created' as outcome, to_json(m) as body from made m
        union all
        select 'invalid_input', faults from twice, found where faults is not null"
    );
    type Input = Input;
}
