//! A52: how many messages somebody has not read.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{PEOPLE, whose::person};
use crate::domain::{Method, Operation, Output};

pub(super) struct UnreadCount;

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
    /// How many are unread.
    unread: i64,
}

impl Operation for UnreadCount {
    const ID: &'static str = "renos_unread_count";
    const SCHEMA: &'static str = "renos";
    const METHOD: Method = Method::Get;
    const PATH: &'static str = "/notifications/unread_count";
    const SUMMARY: &'static str = "Number of messages that somebody has not read";
    const DESCRIPTION: &'static str = "Of one organisation, or of all that the caller may see.";
    const CALLERS: &'static [&'static str] = PEOPLE;
    const OUTPUT: Output = Output::of::<Answer>();
    const EXAMPLE: &'static str = r#"{"user_id": "c019a0b1c2d3e4f5a6b7c8d9e"}"#;
    const SQL: &'static str = concat!(
        "with input as (select i, ",
        person!(),
        " as person from (select $1::jsonb) as given (i))
        select 'ok'::text as outcome, json_build_object('unread', (
            select count(*) from renos.notifications n
            where n.user_id = person and not n.is_read
                and (not i ? 'organization_id' or n.organization_id = btrim(i ->> 'organization_id'))
        )) as body
        from input
        where person is not null"
    );
    type Input = Input;
}
