//! A48: a checklist serves another kind of service.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::{Operation, Output, renos::BACKEND};

pub(super) struct CopyChecklist;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// The checklist that is copied.
    id: String,
    /// Kind of service that the copy is for.
    #[schema(min_length = 1, max_length = 100)]
    service_type: String,
    /// Title of the copy.
    #[schema(min_length = 1, max_length = 10_000)]
    name: String,
}

impl Operation for CopyChecklist {
    const ID: &'static str = "renos_copy_checklist";
    const SCHEMA: &'static str = "renos";
    const PATH: &'static str = "/quality_checklists/{id}/duplicate";
    const SUMMARY: &'static str = "Copy a checklist for another kind of service";
    const DESCRIPTION: &'static str =
        "The copy is the one in use of its kind of service. Where that has one in use already it is a conflict.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const CREATES: bool = true;
    const OUTPUT: Output = Output::Row("quality_checklists");
    const EXAMPLE: &'static str = r#"{"service_type": "construction", "name": "After builders"}"#;
    const SQL: &'static str = "
        with input as (select $1::jsonb as i, btrim($1::jsonb ->> 'service_type') as service_type),
        found as (select c.* from renos.quality_checklists c, input where c.id = i ->> 'id'),
        active as (
            select c.id from renos.quality_checklists c, input
            where c.service_type = input.service_type and c.is_active
        ),
        made as (
            insert into renos.quality_checklists (service_type, name, description, items, version)
            select n.service_type, btrim(i ->> 'name'), f.description, f.items,
                1 + (
                    select coalesce(max(c.version), 0)
                    from renos.quality_checklists c
                    where c.service_type = n.service_type)
            from input n, found f
            where not exists (select from active)
            returning *
        )
        select 'created' as outcome, to_json(m) as body from made m
        union all
        select 'conflict', json_build_object('columns', json_build_array('service_type'), 'quality_checklist_id', a.id)
        from active a, found";
    type Input = Input;
}
