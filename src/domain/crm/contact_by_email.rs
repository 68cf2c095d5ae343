//! C2: a contact and its story.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::BACKEND;
use crate::domain::{Method, Operation, Output};

pub(super) struct ContactByEmail;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// The address, whatever its case.
    #[schema(format = "email", max_length = 320)]
    email: String,
    /// The tenant; the caller's unless given, and any where the caller has none and may see all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(format = "uuid")]
    tenant_id: Option<String>,
}

/// A contact, as in the table, and what goes with it.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Answer {
    id: String,
    #[schema(format = "uuid")]
    tenant_id: String,
    first_name: String,
    last_name: String,
    email: String,
    phone: Option<String>,
    mobile: Option<String>,
    title: Option<String>,
    company_id: Option<String>,
    linked_in: Option<String>,
    twitter: Option<String>,
    website: Option<String>,
    address: Option<String>,
    city: Option<String>,
    postal_code: Option<String>,
    country: Option<String>,
    status: String,
    source: Option<String>,
    owner: Option<String>,
    #[schema(format = "date-time")]
    last_contact_at: Option<String>,
    #[schema(format = "date-time")]
    next_follow_up: Option<String>,
    notes: Option<String>,
    tags: Vec<String>,
    #[schema(value_type = Option<Object>)]
    custom_fields: Option<Value>,
    #[schema(format = "date-time")]
    created_at: String,
    #[schema(format = "date-time")]
    updated_at: String,
    /// The row of `companies`.
    #[schema(value_type = Option<Object>)]
    company: Option<Value>,
    /// Rows of `deals`, the newest first.
    #[schema(value_type = Vec<Object>)]
    deals: Vec<Value>,
    /// Rows of `activities`, the ten newest.
    #[schema(value_type = Vec<Object>)]
    activities: Vec<Value>,
}

impl Operation for ContactByEmail {
    const ID: &'static str = "crm_contact_by_email";
    const SCHEMA: &'static str = "crm";
    const METHOD: Method = Method::Get;
    const PATH: &'static str = "/contacts/by_email";
    const SUMMARY: &'static str = "A contact with company, deals and the latest activities";
    const DESCRIPTION: &'static str = "Two tenants may know the same address; a caller who sees both names one.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const OUTPUT: Output = Output::of::<Answer>();
    const EXAMPLE: &'static str = r#"{"email": "mette@nordlys.example"}"#;
    const SQL: &'static str = "
        with input as (
            select lower(i ->> 'email') as email, coalesce((i ->> 'tenant_id')::uuid, auth.org_uuid()) as tenant_id
            from (select $1::jsonb as i) as one
        ),
        contact as (
            select c.*
            from crm.contacts c, input
            where c.email = input.email and (input.tenant_id is null or c.tenant_id = input.tenant_id)
        ),
        story as (
            select c.*,
                (select to_json(f) from crm.companies f where f.id = c.company_id) as company,
                (select coalesce(json_agg(d order by d.created_at desc, d.id), '[]')
                from crm.deals d
                where d.contact_id = c.id) as deals,
                (select coalesce(json_agg(a order by a.occurred_at desc, a.id), '[]')
                from (
                    select n.* from crm.activities n where n.contact_id = c.id order by n.occurred_at desc, n.id limit 10
                ) as a) as activities
            from contact c
        )
        select case when (select count(*) from contact) > 1 then 'unprocessable' else 'ok' end::text as outcome,
            case
                when (select count(*) from contact) > 1
                then json_build_object('message', 'Several tenants know this address; name tenant_id')
                else to_json(s)
            end as body
        from story s";
    type Input = Input;
}
