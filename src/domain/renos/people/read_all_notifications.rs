//! A52: all messages of somebody are read.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{PEOPLE, whose::person};
use crate::domain::{Operation, Output};

pub(super) struct ReadAllNotifications;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// The person; the caller where it is absent.
    #[schema(min_length = 1, max_length = 255)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    user_id: Option<String>,
    /// Messages of that organisation; of all that the caller may see where it is absent.
    #[schema(min_length = 1, max_length = 255)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    organization_id: Option<String>,
}

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Answer {
    /// How many were unread.
    read: i64,
}

impl Operation for ReadAllNotifications {
    const ID: &'static str = "renos_read_all_notifications";
    const SCHEMA: &'static str = "renos";
    const PATH: &'static str = "/notifications/read_all";
    const SUMMARY: &'static str = "Mark all messages of somebody as read";
    const DESCRIPTION: &'static str = "Answers how many were not.";
    const CALLERS: &'static [&'static str] = PEOPLE;
    const OUTPUT: Output = Output::of::<Answer>();
    const EXAMPLE: &'static str = r#"{"user_id": "c019a0b1c2d3e4f5a6b7c8d9e", "organization_id": "org-1"}"#;
    const SQL: &'static str = concat!(
        "with input as (select i, ",
        person!(),
        " as person from (select $1::jsonb) as given (i)),
        unread as materialized (
            select n.id from renos.notifications n, input
            where n.user_id = person and not n.is_read
                and (not i ? 'organization_id' or n.organization_id = btrim(i ->> 'organization_id'))
            order by n.id
            for update of n
        ),
        changed as (
            update renos.notifications n
            set is_read = true, read_at = coalesce(n.read_at, now())
            from unread u
            where n.id = u.id
            returning n.id
        )
        select 'ok'::text as outcome, json_build_object('read', (select count(*) from changed)) as body
        from input
        where person is not null"
    );
    type Input = Input;
}
