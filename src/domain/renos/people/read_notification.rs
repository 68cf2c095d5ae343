//! A52: a message is read.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::PEOPLE;
use crate::domain::{Operation, Output};

pub(super) struct ReadNotification;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// The message.
    id: String,
    /// The person that it has to be for.
    #[schema(min_length = 1, max_length = 255)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    user_id: Option<String>,
}

impl Operation for ReadNotification {
    const ID: &'static str = "renos_read_notification";
    const SCHEMA: &'static str = "renos";
    const PATH: &'static str = "/notifications/{id}/read";
    const SUMMARY: &'static str = "Mark a message as read";
    const DESCRIPTION: &'static str = "When it was read first stays, however often it is read.";
    const CALLERS: &'static [&'static str] = PEOPLE;
    const OUTPUT: Output = Output::Row("notifications");
    const EXAMPLE: &'static str = "{}";
    const SQL: &'static str = "
        with input as (select $1::jsonb as i),
        found as materialized (
            select n.* from renos.notifications n, input
            where n.id = i ->> 'id' and (not i ? 'user_id' or n.user_id = i ->> 'user_id')
            for update of n
        ),
        changed as (
            update renos.notifications n
            set is_read = true, read_at = coalesce(n.read_at, now())
            from found f
            where n.id = f.id and not f.is_read
            returning n.*
        )
        select 'ok' as outcome, to_json(c) as body from changed c
        union all
        select 'ok', to_json(f) from found f where f.is_read";
    type Input = Input;
}
