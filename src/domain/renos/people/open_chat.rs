//! A53: a conversation with the assistant begins.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::{
    PEOPLE,
    whose::{organization, person},
};
use crate::domain::{Operation, Output};

pub(super) struct OpenChat;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// Who talks; the caller where it is absent.
    #[schema(min_length = 1, max_length = 255)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    user_id: Option<String>,
    /// The organisation; the caller's where it is absent.
    #[schema(min_length = 1, max_length = 255)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    organization_id: Option<String>,
    /// Role under which the person talks: owner, admin, manager, employee, customer or another word.
    #[schema(min_length = 1, max_length = 100)]
    context: String,
    /// Heading; made of the page and the time where it is absent.
    #[schema(min_length = 1, max_length = 10_000)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    /// Page that the person is on.
    #[schema(min_length = 1, max_length = 1_000)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    page: Option<String>,
    /// Selected ids and preferences, up to 256 KiB.
    #[schema(value_type = Option<Object>)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    metadata: Option<Map<String, Value>>,
}

impl Operation for OpenChat {
    const ID: &'static str = "renos_open_chat";
    const SCHEMA: &'static str = "renos";
    const PATH: &'static str = "/chat_sessions/open";
    const SUMMARY: &'static str = "Begin a conversation with the assistant";
    const DESCRIPTION: &'static str = "Without a heading it is called `Chat fra <page> - <time>`, or `Friday Chat - <time>` where no page is given. The page is kept in the metadata, as `currentPage`.";
    const CALLERS: &'static [&'static str] = PEOPLE;
    const CREATES: bool = true;
    const OUTPUT: Output = Output::Row("chat_sessions");
    const EXAMPLE: &'static str = r#"{"organization_id": "org-1", "context": "manager", "page": "Kalender"}"#;
    const SQL: &'static str = concat!(
        "with input as (
            select i, to_char(now() at time zone 'Europe/Copenhagen', 'FMDD.FMMM.YYYY HH24:MI') as time,
                coalesce(btrim(i ->> 'page'), nullif(btrim(i #>> '{metadata,currentPage}'), '')) as page, ",
        person!(),
        " as person, ",
        organization!(),
        " as organization
            from (select $1::jsonb) as given (i)
        ),
        faults as (
            select json_agg(json_build_object('field', field, 'reason', reason)) as list
            from input, lateral (values
                ('user_id', 'is required, since the caller is nobody', person is null and not i ? 'user_id'),
                ('organization_id', 'is required, since the caller has none',
                    organization is null and not i ? 'organization_id'),
                ('metadata', 'must be 256 KiB or less', octet_length(i ->> 'metadata') > 262144)
            ) as rule (field, reason, is_broken)
            where is_broken
        ),
        made as (
            insert into renos.chat_sessions (user_id, organization_id, context, title, metadata)
            select person, organization, btrim(i ->> 'context'),
                coalesce(
                    btrim(i ->> 'title'), 'Chat fra ' || page || ' - ' || time, 'Friday Chat - ' || time),
                case when i ? 'page' then coalesce(i -> 'metadata', '{}') || jsonb_build_object('currentPage', page)
                    else i -> 'metadata' end
            from input, faults
            where list is null and person is not null and organization is not null
            returning *
        )
        select 'created' as outcome, to_json(m) as body from made m
        union all
        select 'invalid_input', list from faults where list is not null"
    );
    type Input = Input;
}
