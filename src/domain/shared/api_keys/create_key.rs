//! A key for an application or a person.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{NewKey, OPERATORS, make_key};
use crate::domain::{Complete, Open, Operation, Output};

pub(super) struct CreateKey;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SharedCreateApiKey)]
pub(super) struct Input {
    /// What it is for.
    #[schema(min_length = 1, max_length = 200)]
    name: String,
    /// The role that callers with it have.
    role: Caller,
    /// Organisations that they may name in `X-Organization-Id`; of one alone it need not be named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_items = 100)]
    organizations: Option<Vec<String>>,
    /// The person that they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 200)]
    person: Option<String>,
    /// Whether only requests that read are let in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(default = false)]
    read_only: Option<bool>,
    /// When it ceases to be good; never where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = "date-time")]
    expires_at: Option<String>,
}

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = SharedApiKeyRole)]
enum Caller {
    Authenticated,
    VaultApp,
    BillyApp,
    RenosApp,
    CrmApp,
    FlowApp,
    ServiceRole,
}

impl Operation for CreateKey {
    const ID: &'static str = "shared_create_api_key";
    const SCHEMA: &'static str = "shared";
    const PATH: &'static str = "/api_keys/create";
    const SUMMARY: &'static str = "Make a key for the header X-API-Key";
    const DESCRIPTION: &'static str =
        "The key is in this answer and in no other: only a hash of it is kept. There is an entry in the trail.";
    const CALLERS: &'static [&'static str] = OPERATORS;
    const CREATES: bool = true;
    const OUTPUT: Output = Output::of::<NewKey>();
    const COMPLETE: Option<Complete> = Some(make_key);
    const SEALS: &'static [&'static str] = &["key"];
    const OPENS: &'static [Open] = &[Open::Text("key")];
    const EXAMPLE: &'static str = r#"{"name": "The website", "role": "flow_app", "read_only": true}"#;
    const SQL: &'static str = "
        with input as (select $1::jsonb as i),
        faults as (
            select json_agg(json_build_object('field', field, 'reason', reason)) as list
            from input, lateral (values
                ('name', 'must not be blank', btrim(i ->> 'name') = ''),
                ('person', 'must not be blank', btrim(i ->> 'person') = ''),
                ('organizations', 'must not have blank ones', exists (
                    select from jsonb_array_elements_text(i -> 'organizations') o where btrim(o) = '')),
                ('expires_at', 'must be in the future', (i ->> 'expires_at')::timestamptz <= now())
            ) rule (field, reason, is_broken)
            where is_broken
        ),
        made as (
            insert into shared.api_keys (name, key_hash, key_start, role, organizations, person, read_only, expires_at)
            select btrim(i ->> 'name'), i ->> 'key_hash', i ->> 'key_start', i ->> 'role',
                array(select btrim(o) from jsonb_array_elements_text(i -> 'organizations') o), btrim(i ->> 'person'),
                coalesce((i ->> 'read_only')::boolean, false), (i ->> 'expires_at')::timestamptz
            from input, faults
            where list is null
            returning *
        ),
        trail as (
            insert into shared.audit_logs (user_id, service, action, resource_type, resource_id, success, metadata)
            select auth.user_uuid(), 'shared', 'create_key', 'api_key', m.id::text, true,
                jsonb_build_object('name', m.name, 'role', m.role, 'organizations', m.organizations)
            from made m
        )
        select 'created'::text as outcome, json_build_object(
            'id', m.id, 'name', m.name, 'key', json_build_object('sealed', i ->> 'key'), 'key_start', m.key_start,
            'role', m.role, 'organizations', m.organizations, 'person', m.person, 'read_only', m.read_only,
            'expires_at', m.expires_at, 'created_at', m.created_at) as body
        from made m, input
        union all
        select 'invalid_input', list from faults where list is not null";
    type Input = Input;
}
