//! A68: something was done that can be taken back.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::BACKEND;
use crate::domain::{Operation, Output};

pub(super) struct RecordAction;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// A key of the caller's own, which no other action has.
    #[schema(min_length = 1, max_length = 255)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    /// What was done.
    r#type: ActionType,
    /// The row that it was done to.
    #[schema(min_length = 1, max_length = 255)]
    entity_id: String,
    /// Kind of row.
    entity_type: EntityType,
    /// The row before, as columns and values; empty where there was none. Up to 256 KiB.
    #[schema(value_type = Object)]
    before: Map<String, Value>,
    /// The row after, likewise.
    #[schema(value_type = Object)]
    after: Map<String, Value>,
    /// Who did it.
    #[schema(min_length = 1, max_length = 255)]
    performed_by: String,
}

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = RenosActionType)]
enum ActionType {
    BookingCreated,
    InvoiceCreated,
    CustomerUpdated,
    ValidationOverride,
}

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = RenosActionEntity)]
enum EntityType {
    Booking,
    Invoice,
    Customer,
    Validation,
}

impl Operation for RecordAction {
    const ID: &'static str = "renos_record_action";
    const SCHEMA: &'static str = "renos";
    const PATH: &'static str = "/undo_actions/record";
    const SUMMARY: &'static str = "Record an action that can be taken back";
    const DESCRIPTION: &'static str = "For five minutes from now.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const CREATES: bool = true;
    const OUTPUT: Output = Output::Row("undo_actions");
    const EXAMPLE: &'static str = r#"{"type": "customer_updated", "entity_id": "c019a0b1c2d3e4f5a6b7c8d9e",
        "entity_type": "customer", "before": {"phone": "+4511111111"}, "after": {"phone": "+4522222222"},
        "performed_by": "c019a0b1c2d3e4f5a6b7c8d9f"}"#;
    const SQL: &'static str = "
        with input as (select $1::jsonb as i),
        faults as (
            select json_agg(json_build_object('field', field, 'reason', 'must be 256 KiB or less')) as list
            from input, unnest(array['before', 'after']) as field
            where octet_length(i ->> field) > 262144
        ),
        known as (select u.id from renos.undo_actions u, input where u.id = btrim(i ->> 'id')),
        made as (
            insert into renos.undo_actions (
                id, type, entity_id, entity_type, before, after, performed_by, performed_at, expires_at)
            select coalesce(btrim(i ->> 'id'), shared.new_id()), i ->> 'type', i ->> 'entity_id', i ->> 'entity_type',
                i -> 'before', i -> 'after', i ->> 'performed_by', now(), now() + interval '5 minutes'
            from input, faults
            where list is null and not exists (select from known)
            returning *
        )
        select 'created' as outcome, to_json(m) as body from made m
        union all
        select 'invalid_input', list from faults where list is not null
        union all
        select 'conflict', json_build_object(
            'message', 'There is such an action already', 'columns', json_build_array('id'))
        from known, faults
        where list is null";
    type Input = Input;
}
