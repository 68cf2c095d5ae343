//! C14: a mail that was written or received.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::BACKEND;
use crate::domain::{Operation, Output};

pub(super) struct LogEmail;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// The tenant; the caller's unless given. Only `service_role` reaches another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(format = "uuid")]
    tenant_id: Option<String>,
    /// Subject; may be empty.
    #[schema(max_length = 10_000)]
    subject: String,
    /// Text; may be empty.
    #[schema(max_length = 1_048_576)]
    body: String,
    /// Who wrote it.
    #[schema(format = "email", max_length = 320)]
    from: String,
    /// Who gets it.
    #[schema(min_items = 1, max_items = 500)]
    to: Vec<Address>,
    /// Who gets a copy; nobody unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_items = 500)]
    cc: Option<Vec<Address>>,
    /// Who gets a copy unseen; nobody unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_items = 500)]
    bcc: Option<Vec<Address>>,
    /// Whose mail it is.
    direction: Direction,
    /// How far it is; `received` for one from outside and `sent` for another unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    status: Option<Status>,
    /// The contact; unless given, the one with the address of the other party.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 10_000)]
    contact_id: Option<String>,
    /// Its id in the mail system; a mail that is known by it is not logged again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 1_000)]
    external_id: Option<String>,
    /// Its thread in the mail system.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 1_000)]
    thread_id: Option<String>,
    /// When it was sent; now unless given, and never for a draft.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(format = "date-time")]
    sent_at: Option<String>,
}

/// A mail address.
#[derive(Serialize, Deserialize, ToSchema)]
#[schema(format = "email", max_length = 320)]
struct Address(String);

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Direction {
    Inbound,
    Outbound,
}

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Status {
    Draft,
    Sent,
    Delivered,
    Opened,
    Clicked,
    Bounced,
    Received,
}

impl Operation for LogEmail {
    const ID: &'static str = "crm_log_email";
    const SCHEMA: &'static str = "crm";
    const PATH: &'static str = "/emails/log";
    const SUMMARY: &'static str = "Record a mail";
    const DESCRIPTION: &'static str = "One whose `external_id` is known is answered as it was recorded, with 200. \
        Addresses are kept in lower case.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const IS_SERIALIZABLE: bool = true;
    const CREATES: bool = true;
    const OUTPUT: Output = Output::Row("emails");
    const EXAMPLE: &'static str = r#"{
        "subject": "Tilbud på vinduespudsning", "body": "Hej Mette,\nHermed vores tilbud.", "direction": "outbound",
        "from": "salg@fjordklar.example", "to": ["mette@nordlys.example"], "external_id": "18c2f0a1b2c3d4e5"
    }"#;
    const SQL: &'static str = r#"
        with input as (
            select i, coalesce((i ->> 'tenant_id')::uuid, auth.org_uuid()) as tenant_id,
                lower(i ->> 'from') as "from",
                array(select lower(t) from jsonb_array_elements_text(i -> 'to') with ordinality as a (t, n) order by n)
                    as "to",
                array(select lower(t) from jsonb_array_elements_text(i -> 'cc') with ordinality as a (t, n) order by n)
                    as cc,
                array(select lower(t) from jsonb_array_elements_text(i -> 'bcc') with ordinality as a (t, n) order by n)
                    as bcc,
                coalesce(i ->> 'status', case i ->> 'direction' when 'inbound' then 'received' else 'sent' end) as status
            from (select $1::jsonb as i) as one
        ),
        tenant as (select t.id from crm.tenants t, input where t.id = input.tenant_id),
        known as (
            select e.* from crm.emails e, tenant, input where e.tenant_id = tenant.id and e.external_id = i ->> 'external_id'
        ),
        contact as (
            (select c.id
            from crm.contacts c, tenant, input
            where c.tenant_id = tenant.id and c.id = i ->> 'contact_id')
            union all
            (select c.id
            from crm.contacts c, tenant, input
            where not i ? 'contact_id' and c.tenant_id = tenant.id
                and c.email = any(case i ->> 'direction' when 'inbound' then array["from"] else "to" end)
            order by array_position("to", c.email)
            limit 1)
        ),
        refused (outcome, body) as (
            select 'invalid_input', json_build_array(json_build_object(
                'field', 'tenant_id', 'reason', 'is required where the token names no organisation'))
            from input
            where tenant_id is null
            union all
            select 'invalid_input', json_build_array(json_build_object(
                'field', 'sent_at', 'reason', 'must be absent: a draft is not sent'))
            from input
            where status = 'draft' and i ? 'sent_at' and tenant_id is not null
            union all
            select 'unprocessable', json_build_object('message', 'There is no such tenant', 'field', 'tenant_id')
            from input
            where tenant_id is not null and not exists (select from tenant) and not (status = 'draft' and i ? 'sent_at')
            union all
            select 'unprocessable', json_build_object('message', 'There is no such contact', 'field', 'contact_id')
            from tenant, input
            where i ? 'contact_id' and not exists (select from contact) and not exists (select from known)
                and not (status = 'draft' and i ? 'sent_at')
        ),
        logged as (
            insert into crm.emails (
                tenant_id, subject, body, "from", "to", cc, bcc, direction, status, contact_id, external_id, thread_id,
                sent_at)
            select tenant.id, btrim(i ->> 'subject'), i ->> 'body', "from", "to", cc, bcc, i ->> 'direction', status,
                (select id from contact), i ->> 'external_id', i ->> 'thread_id',
                case when status <> 'draft' then coalesce((i ->> 'sent_at')::timestamptz, now()) end
            from tenant, input
            where not exists (select from refused) and not exists (select from known)
            on conflict (tenant_id, external_id) where external_id is not null do nothing
            returning *
        )
        select outcome::text as outcome, body from refused
        union all
        select 'created', to_json(l) from logged l
        union all
        select 'ok', to_json(k) from known k where not exists (select from refused)"#;
    type Input = Input;
}
