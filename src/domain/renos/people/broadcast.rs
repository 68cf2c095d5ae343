//! A51: one message to many.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::{BACKEND, rows, whose::organization};
use crate::domain::{Operation, Output, json};

pub(super) struct Broadcast;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// The organisation; the caller's where it is absent.
    #[schema(min_length = 1, max_length = 255)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    organization_id: Option<String>,
    /// Whom it is for, by role. This or `user_ids`.
    #[schema(min_items = 1, max_items = 5)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    roles: Option<Vec<Role>>,
    /// Whom it is for, by account. This or `roles`.
    #[schema(min_items = 1, max_items = 1000)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    user_ids: Option<Vec<String>>,
    /// Kind: `schedule_change` or another word.
    #[schema(min_length = 1, max_length = 100)]
    r#type: String,
    /// Heading.
    #[schema(min_length = 1, max_length = 10_000)]
    title: String,
    /// Text.
    #[schema(min_length = 1, max_length = 10_000)]
    message: String,
    /// Ids and values to act on it, up to 256 KiB.
    #[schema(value_type = Option<Object>)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    data: Option<Map<String, Value>>,
}

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = RenosRole)]
enum Role {
    Owner,
    Admin,
    Manager,
    Employee,
    Customer,
}

impl Operation for Broadcast {
    const ID: &'static str = "renos_broadcast_notification";
    const SCHEMA: &'static str = "renos";
    const PATH: &'static str = "/notifications/broadcast";
    const SUMMARY: &'static str = "Send one message to many";
    const DESCRIPTION: &'static str = "To the active accounts of those roles, or among those named; answers the messages, none where nobody is active. Accounts have no organisation: a role reaches everybody who has it here.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const CREATES: bool = true;
    const OUTPUT: Output = Output::Value(|| json(&rows("notifications").into()));
    const EXAMPLE: &'static str = r#"{"organization_id": "org-1", "roles": ["employee", "manager"],
        "type": "schedule_change", "title": "New plan", "message": "The plan of next week has changed"}"#;
    const SQL: &'static str = concat!(
        "with input as (select i, ",
        organization!(),
        " as organization from (select $1::jsonb) as given (i)),
        faults as (
            select json_agg(json_build_object('field', field, 'reason', reason)) as list
            from input, lateral (values
                ('organization_id', 'is required, since the caller has none',
                    organization is null and not i ? 'organization_id'),
                ('roles', 'must be given, or user_ids, and not both', (i ? 'roles') = (i ? 'user_ids')),
                ('data', 'must be 256 KiB or less', octet_length(i ->> 'data') > 262144)
            ) as rule (field, reason, is_broken)
            where is_broken
        ),
        unknown as (
            select position - 1 as position
            from input, jsonb_array_elements_text(i -> 'user_ids') with ordinality as l (id, position)
            where not exists (select from renos.users u where u.id = l.id)
            order by position
            limit 1
        ),
        made as (
            insert into renos.notifications (organization_id, user_id, type, title, message, data)
            select organization, u.id, btrim(i ->> 'type'), btrim(i ->> 'title'), btrim(i ->> 'message'), i -> 'data'
            from renos.users u, input, faults
            where list is null and organization is not null and not exists (select from unknown)
                and u.is_active and (i -> 'roles' ? u.role or i -> 'user_ids' ? u.id)
            returning *
        )
        select 'created' as outcome, coalesce((select json_agg(m order by m.user_id) from made m), '[]') as body
        from input, faults
        where list is null and organization is not null and not exists (select from unknown)
        union all
        select 'invalid_input', list from faults where list is not null
        union all
        select 'unprocessable', json_build_object(
            'field', format('user_ids[%s]', position), 'message', 'There is no such account')
        from unknown, input, faults
        where list is null and organization is not null"
    );
    type Input = Input;
}
