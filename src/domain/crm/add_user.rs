//! A70: a person of a tenant, within its limit.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::BACKEND;
use crate::domain::{Operation, Output};

pub(super) struct AddUser;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// The tenant; the caller's unless given. Only `service_role` reaches another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(format = "uuid")]
    tenant_id: Option<String>,
    /// Mail address, kept in lower case.
    #[schema(format = "email", max_length = 320)]
    email: String,
    /// Name.
    #[schema(min_length = 1, max_length = 200)]
    name: String,
    /// Phone number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 50)]
    phone: Option<String>,
    /// Rights in the tenant; `cleaner` unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    role: Option<Role>,
    /// The same person in `shared.users`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(format = "uuid")]
    shared_user_id: Option<String>,
}

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Role {
    SuperAdmin,
    TenantAdmin,
    TeamLeader,
    Cleaner,
    Customer,
}

impl Operation for AddUser {
    const ID: &'static str = "crm_add_user";
    const SCHEMA: &'static str = "crm";
    const PATH: &'static str = "/users/add";
    const SUMMARY: &'static str = "Add a person to a tenant";
    const DESCRIPTION: &'static str = "Active users are counted against the tenant's `max_users`, and one too many is \
        refused (422), however many are added at the same time. So it is where a row is added to the table.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const CREATES: bool = true;
    const OUTPUT: Output = Output::Row("users");
    const EXAMPLE: &'static str =
        r#"{"email": "mette@fjordklar.example", "name": "Mette Lund", "role": "team_leader"}"#;
    const SQL: &'static str = "
        with input as (
            select i, coalesce((i ->> 'tenant_id')::uuid, auth.org_uuid()) as tenant_id, lower(btrim(i ->> 'email')) as email
            from (select $1::jsonb as i) as one
        ),
        tenant as (select t.id from crm.tenants t, input where t.id = input.tenant_id),
        added as (
            insert into crm.users (tenant_id, shared_user_id, email, name, phone, role)
            select tenant.id, (i ->> 'shared_user_id')::uuid, email, btrim(i ->> 'name'), btrim(i ->> 'phone'),
                coalesce(i ->> 'role', 'cleaner')
            from tenant, input
            on conflict (tenant_id, email) do nothing
            returning *
        )
        select 'created'::text as outcome, to_json(a) as body from added a
        union all
        select 'invalid_input', json_build_array(json_build_object(
            'field', 'tenant_id', 'reason', 'is required where the token names no organisation'))
        from input
        where tenant_id is null
        union all
        select 'unprocessable', json_build_object('message', 'There is no such tenant', 'field', 'tenant_id')
        from input
        where tenant_id is not null and not exists (select from tenant)
        union all
        select 'conflict', json_build_object(
            'message', 'The tenant has a user of that address', 'columns', json_build_array('tenant_id', 'email'))
        from tenant
        where not exists (select from added)";
    type Input = Input;
}
