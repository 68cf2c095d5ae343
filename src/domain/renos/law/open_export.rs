//! A55: somebody asks for a copy of their data.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{PEOPLE, whose::person};
use crate::domain::{Operation, Output};

pub(super) struct OpenExport;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// The person; the caller where it is absent.
    #[schema(min_length = 1, max_length = 255)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    user_id: Option<String>,
}

impl Operation for OpenExport {
    const ID: &'static str = "renos_open_export";
    const SCHEMA: &'static str = "renos";
    const PATH: &'static str = "/data_export_requests/open";
    const SUMMARY: &'static str = "Ask for a copy of one's data";
    const DESCRIPTION: &'static str = "A request that waits already is answered again (200).";
    const CALLERS: &'static [&'static str] = PEOPLE;
    const CREATES: bool = true;
    const OUTPUT: Output = Output::Row("data_export_requests");
    const EXAMPLE: &'static str = r#"{"user_id": "c019a0b1c2d3e4f5a6b7c8d9e"}"#;
    const SQL: &'static str = concat!(
        "with input as (select i, ",
        person!(),
        " as person from (select $1::jsonb) as given (i)),
        account as (select u.id, u.email from renos.users u, input where u.id = person),
        known as (
            select r.* from renos.data_export_requests r, input where r.user_id = person and r.status = 'pending'
        ),
        fresh as materialized (select shared.new_id() as id),
        made as (
            insert into renos.data_export_requests as r (id, user_id, email)
            select f.id, a.id, a.email from fresh f, account a where not exists (select from known)
            on conflict (user_id) where status = 'pending' do update set user_id = excluded.user_id
            returning r.*
        )
        select case when m.id = f.id then 'created' else 'ok' end as outcome, to_json(m) as body from made m, fresh f
        union all
        select 'ok', to_json(k) from known k
        union all
        select 'unprocessable', json_build_object('field', 'user_id', 'message', 'There is no such account')
        from input
        where person is not null and not exists (select from account)"
    );
    type Input = Input;
}
