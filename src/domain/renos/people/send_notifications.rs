//! A51: messages to accounts, one or many.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::{BACKEND, rows, whose::organization};
use crate::domain::{Operation, Output, json};

pub(super) struct SendNotifications;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// The organisation that they are all of; the caller's where it is absent.
    #[schema(min_length = 1, max_length = 255)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    organization_id: Option<String>,
    /// Messages.
    #[schema(min_items = 1, max_items = 500)]
    notifications: Vec<Notification>,
}

/// A message.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Notification {
    /// Whom it is for.
    #[schema(min_length = 1, max_length = 255)]
    user_id: String,
    /// Kind: `job_assigned`, `payment_received`, `schedule_change` or another word.
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

impl Operation for SendNotifications {
    const ID: &'static str = "renos_send_notifications";
    const SCHEMA: &'static str = "renos";
    const PATH: &'static str = "/notifications/send";
    const SUMMARY: &'static str = "Send messages to accounts";
    const DESCRIPTION: &'static str = "All or nothing; answers exactly those that were made, in the order given.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const CREATES: bool = true;
    const OUTPUT: Output = Output::Value(|| json(&rows("notifications").into()));
    const EXAMPLE: &'static str = r#"{"organization_id": "org-1", "notifications": [{
        "user_id": "c019a0b1c2d3e4f5a6b7c8d9e", "type": "job_assigned", "title": "New job",
        "message": "Friday at 9"}]}"#;
    const SQL: &'static str = concat!(
        "with input as (select i, ",
        organization!(),
        " as organization from (select $1::jsonb) as given (i)),
        given as materialized (
            select (position - 1) as position, n, shared.new_id() as id
            from input, jsonb_array_elements(i -> 'notifications') with ordinality as l (n, position)
        ),
        faults as (
            select json_agg(json_build_object('field', field, 'reason', reason) order by field) as list
            from (
                select 'organization_id' as field, 'is required, since the caller has none' as reason
                from input
                where organization is null and not i ? 'organization_id'
                union all
                select format('notifications[%s].data', position), 'must be 256 KiB or less'
                from given
                where octet_length(n ->> 'data') > 262144
            ) as fault
        ),
        unknown as (
            select position from given
            where not exists (select from renos.users u where u.id = n ->> 'user_id')
            order by position
            limit 1
        ),
        made as (
            insert into renos.notifications (id, organization_id, user_id, type, title, message, data)
            select g.id, organization, n ->> 'user_id', btrim(n ->> 'type'), btrim(n ->> 'title'),
                btrim(n ->> 'message'), n -> 'data'
            from given g, input, faults
            where list is null and organization is not null and not exists (select from unknown)
            returning *
        )
        select 'created' as outcome, json_agg(m order by g.position) as body
        from made m
        join given g on g.id = m.id
        having count(*) > 0
        union all
        select 'invalid_input', list from faults where list is not null
        union all
        select 'unprocessable', json_build_object(
            'field', format('notifications[%s].user_id', position), 'message', 'There is no such account')
        from unknown, input, faults
        where list is null and organization is not null"
    );
    type Input = Input;
}
