//! A46: corrections with all who have to do with them.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{
    ToSchema,
    openapi::{ArrayBuilder, RefOr, Schema, schema::Type},
};

use crate::domain::{
    Method, Operation, Output, json,
    renos::{
        BACKEND, row, row_and,
        shapes::{nullable, object, of},
    },
};

pub(super) struct ListCorrections;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// Corrections in that state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    status: Option<Status>,
    /// Corrections of that member's entries.
    #[schema(min_length = 1)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    team_member_id: Option<String>,
    /// First day on which they were asked for, in Europe/Copenhagen.
    #[schema(format = "date")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    start_date: Option<String>,
    /// Last day on which they were asked for.
    #[schema(format = "date")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    end_date: Option<String>,
    /// Corrections at most.
    #[schema(minimum = 1, maximum = 1_000, default = 100)]
    #[serde(default = "hundred")]
    limit: u32,
    /// Corrections to leave out first.
    #[schema(minimum = 0, maximum = 1_000_000_000, default = 0)]
    #[serde(default)]
    offset: u32,
}

fn hundred() -> u32 {
    100
}

/// A state of a correction.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Status {
    Pending,
    Approved,
    Rejected,
}

/// Corrections, each with its entry, member and people.
fn corrections() -> Value {
    let person = || object(["id", "name", "email"].map(|name| (name, of(Type::String))));
    let joined = [
        ("time_entry", row("time_entries").into()),
        ("team_member", row("team_members").into()),
        ("user", person()),
        ("submitter", person()),
        ("approver", nullable(person())),
        ("rejecter", nullable(person())),
    ];
    json(&RefOr::<Schema>::from(ArrayBuilder::new().items(row_and("time_corrections", joined))))
}

impl Operation for ListCorrections {
    const ID: &'static str = "renos_list_corrections";
    const SCHEMA: &'static str = "renos";
    const METHOD: Method = Method::Get;
    const PATH: &'static str = "/time_corrections/overview";
    const SUMMARY: &'static str = "Corrections with their entries and people";
    const DESCRIPTION: &'static str = "The newest first; each with its entry, the member and the member's account, and who asked for it, approved and rejected it.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const OUTPUT: Output = Output::Value(corrections);
    const EXAMPLE: &'static str = r#"{"status": "pending", "limit": 50}"#;
    const SQL: &'static str = "
        with input as (select $1::jsonb as i),
        people as (
            select u.id, jsonb_build_object('id', u.id, 'name', u.name, 'email', u.email) as person from renos.users u
        ),
        page as (
            select c.id, c.created_at, to_jsonb(c) || jsonb_build_object(
                'time_entry', to_jsonb(e), 'team_member', to_jsonb(m), 'user', u.person, 'submitter', s.person,
                'approver', a.person, 'rejecter', r.person) as correction
            from input
            cross join renos.time_corrections c
            join renos.time_entries e on e.id = c.original_entry_id
            join renos.team_members m on m.id = e.team_member_id
            join people u on u.id = m.user_id
            join people s on s.id = c.submitted_by
            left join people a on a.id = c.approved_by
            left join people r on r.id = c.rejected_by
            where (not i ? 'status' or c.status = i ->> 'status')
                and (not i ? 'team_member_id' or m.id = i ->> 'team_member_id')
                and (not i ? 'start_date'
                    or c.created_at >= (i ->> 'start_date')::timestamp at time zone 'Europe/Copenhagen')
                and (not i ? 'end_date'
                    or c.created_at < ((i ->> 'end_date')::date + 1)::timestamp at time zone 'Europe/Copenhagen')
            order by c.created_at desc, c.id desc
            limit (select (i ->> 'limit')::integer from input)
            offset (select (i ->> 'offset')::integer from input)
        )
        select 'ok'::text as outcome,
            coalesce(json_agg(p.correction order by p.created_at desc, p.id desc), '[]') as body
        from page p";
    type Input = Input;
}
