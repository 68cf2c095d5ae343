//! A56: somebody asks to be forgotten.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{PEOPLE, whose::person};
use crate::domain::{Operation, Output};

pub(super) struct OpenErasure;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// The person; the caller where it is absent.
    #[schema(min_length = 1, max_length = 255)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    user_id: Option<String>,
    /// Why, in the person's words.
    #[schema(max_length = 10_000)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

impl Operation for OpenErasure {
    const ID: &'static str = "renos_open_erasure";
    const SCHEMA: &'static str = "renos";
    const PATH: &'static str = "/data_deletion_requests/open";
    const SUMMARY: &'static str = "Ask to be forgotten";
    const DESCRIPTION: &'static str =
        "It is carried out after 30 days. A request that is open already is answered again (200), as it is.";
    const CALLERS: &'static [&'static str] = PEOPLE;
    const CREATES: bool = true;
    const OUTPUT: Output = Output::Row("data_deletion_requests");
    const EXAMPLE: &'static str = r#"{"user_id": "c019a0b1c2d3e4f5a6b7c8d9e", "reason": "I have moved"}"#;
    const SQL: &'static str = concat!(
        "with input as (select i, ",
        person!(),
        " as person from (select $1::jsonb) as given (i)),
        account as (select u.id, u.email from renos.users u, input where u.id = person),
        known as (
            select r.* from renos.data_deletion_requests r, input
            where r.user_id = person and r.status in ('pending', 'processing')
        ),
        fresh as materialized (select shared.new_id() as id),
        made as (
            insert into renos.data_deletion_requests as r (id, user_id, email, reason, scheduled_deletion_date)
            select f.id, a.id, a.email, nullif(btrim(i ->> 'reason'), ''), now() + interval '30 days'
            from fresh f, account a, input
            where not exists (select from known)
            on conflict (user_id) where status in ('pending', 'processing') do update set user_id = excluded.user_id
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
