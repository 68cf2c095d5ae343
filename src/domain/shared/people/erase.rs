//! A78: a person is forgotten.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::{Operation, Output};

pub(in super::super) struct EraseUser;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct Input {
    /// The person.
    #[schema(format = "uuid")]
    id: String,
}

impl Operation for EraseUser {
    const ID: &'static str = "shared_erase_user";
    const SCHEMA: &'static str = "shared";
    const PATH: &'static str = "/users/{id}/erase";
    const SUMMARY: &'static str = "Forget a person";
    const DESCRIPTION: &'static str = "The row stays, for what refers to it: name and mail are replaced, attributes emptied, the \
        person switched off and all sessions deleted. One who is forgotten already is answered as they are. There is an entry \
        in the trail.";
    const CALLERS: &'static [&'static str] = &["service_role"];
    const IS_SERIALIZABLE: bool = true;
    const OUTPUT: Output = Output::Row("users");
    const EXAMPLE: &'static str = "{}";
    const SQL: &'static str = "
        with found as (
            select u.*, format('deleted-%s@invalid.local', u.id) as no_email
            from shared.users u
            where u.id = ($1::jsonb ->> 'id')::uuid
            for update
        ),
        changed as (
            update shared.users u
            set name = 'Slettet bruger', email = f.no_email, role = 'user', metadata = '{}', is_active = false
            from found f
            where u.id = f.id and f.email <> f.no_email
            returning u.*
        ),
        forgotten as (delete from shared.sessions s using found f where s.user_id = f.id),
        trail as (
            insert into shared.audit_logs (user_id, service, action, resource_type, resource_id, success)
            select auth.user_uuid(), 'shared', 'erase', 'user', c.id::text, true from changed c
        )
        select 'ok'::text as outcome,
            coalesce((select to_json(c) from changed c), (to_jsonb(f) - 'no_email')::json) as body
        from found f";
    type Input = Input;
}
