//! A78: the person of an address, who is made where there is none.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::domain::{Method, Operation, Output};

pub(in super::super) struct FindOrMakeUser;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct Input {
    /// Mail address, kept in lower case.
    #[schema(format = "email", max_length = 320)]
    email: String,
    /// Name, for one who is made.
    #[schema(min_length = 1, max_length = 200)]
    name: String,
    /// Right across applications, for one who is made: user, admin or another word; user unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 50)]
    role: Option<String>,
    /// Attributes, for one who is made; none unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    metadata: Option<Value>,
}

impl Operation for FindOrMakeUser {
    const ID: &'static str = "shared_find_or_make_user";
    const SCHEMA: &'static str = "shared";
    const METHOD: Method = Method::Put;
    const PATH: &'static str = "/users/by_email";
    const SUMMARY: &'static str = "Find the person of an address, or make one";
    const DESCRIPTION: &'static str = "One who is there is answered as they are, with 200, switched off or not. Of many who ask \
        at the same time one makes the person. There is an entry in the trail for one who is made.";
    const CALLERS: &'static [&'static str] = &["service_role"];
    // Who was made by another meanwhile is seen when the statement is run again.
    const IS_SERIALIZABLE: bool = true;
    const CREATES: bool = true;
    const OUTPUT: Output = Output::Row("users");
    const EXAMPLE: &'static str = r#"{"email": "mette@nordlys.example", "name": "Mette Lund"}"#;
    const SQL: &'static str = "
        with input as (select i, lower(btrim(i ->> 'email')) as email from (select $1::jsonb as i) as one),
        fault (field, reason) as (
            select 'metadata', 'must be 256 KiB or less' from input where octet_length(i ->> 'metadata') > 262144
        ),
        found as (select u.* from shared.users u, input where u.email = input.email and not exists (select from fault)),
        made as (
            insert into shared.users (email, name, role, metadata)
            select email, btrim(i ->> 'name'), coalesce(btrim(i ->> 'role'), 'user'), coalesce(i -> 'metadata', '{}')
            from input
            where not exists (select from found) and not exists (select from fault)
            on conflict (email) do nothing
            returning *
        ),
        trail as (
            insert into shared.audit_logs (user_id, service, action, resource_type, resource_id, success)
            select auth.user_uuid(), 'shared', 'create', 'user', m.id::text, true from made m
        )
        select 'created'::text as outcome, to_json(m) as body from made m
        union all
        select 'ok', to_json(f) from found f
        union all
        select 'invalid_input', json_agg(f) from fault f having count(*) > 0";
    type Input = Input;
}
