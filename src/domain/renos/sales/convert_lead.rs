//! A16: a lead becomes a customer.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    super::{BACKEND, states::LEAD},
    lead_with_customer,
};
use crate::domain::{Operation, Output, Transition, json};

pub(super) struct ConvertLead;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// The lead.
    id: String,
    /// What a new customer has, where it is not what the lead has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    customer: Option<Customer>,
    /// Whether a lost lead may be won back.
    #[serde(default)]
    force: bool,
}

/// A customer who is known by the mail, or is made.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Customer {
    /// Name of the person or company.
    #[schema(min_length = 2, max_length = 100)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// Address of mails, whatever its case.
    #[schema(format = "email", max_length = 320)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    /// Phone number.
    #[schema(min_length = 1, max_length = 50)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    phone: Option<String>,
    /// Address.
    #[schema(min_length = 1, max_length = 500)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    address: Option<String>,
    /// Company, of business customers.
    #[schema(min_length = 1, max_length = 200)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    company_name: Option<String>,
}

impl Operation for ConvertLead {
    const ID: &'static str = "renos_convert_lead";
    const SCHEMA: &'static str = "renos";
    const PATH: &'static str = "/leads/{id}/convert";
    const SUMMARY: &'static str = "Make a lead a customer";
    const DESCRIPTION: &'static str = "The customer is the one that the lead is linked to, else the one of the mail, else a new one of what is given and of the lead; one that is there stays as it is, but for its figures, which are counted anew. A converted lead is answered as it is. A lost one is refused unless that is forced. Without a name the part of the mail before @ is taken; a lead with neither is unprocessable.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const TRANSITION: Option<Transition> = Some(Transition {
        of: &LEAD,
        from: &["new", "contacted", "qualified", "quoted", "quote_sent", "awaiting_response", "conflict"],
        to: "converted",
    });
    const OUTPUT: Output = Output::Value(|| json(&lead_with_customer()));
    const EXAMPLE: &'static str = r#"{"customer": {"name": "Ann Dahl", "phone": "+45 20 30 40 50"}}"#;
    // Two leads of one mail meet at the customer's key, and the second gets the first's customer. Who waited for the first
    // call on one lead can't see its customer in the statement's snapshot, so that is read by a function.
    const SQL: &'static str = "
        with input as (
            select i, case when (i ->> 'force')::boolean then i -> 'allowed' || '[\"lost\"]' else i -> 'allowed' end
                as allowed
            from (select $1::jsonb) as given (i)
        ),
        found as materialized (
            select l.* from renos.leads l, input where l.id = i ->> 'id' for no key update of l
        ),
        person as (
            select f.id, f.customer_id, mail,
                coalesce(
                    btrim(i #>> '{customer,name}'), nullif(btrim(f.name), ''),
                    btrim(i #>> '{customer,company_name}'), nullif(btrim(f.company_name), ''),
                    nullif(split_part(mail, '@', 1), '')) as name,
                coalesce(btrim(i #>> '{customer,phone}'), f.phone) as phone,
                coalesce(btrim(i #>> '{customer,address}'), f.address) as address,
                coalesce(btrim(i #>> '{customer,company_name}'), f.company_name) as company_name
            from input
            join found f on allowed ? f.status
            cross join lateral (
                select nullif(lower(btrim(coalesce(i #>> '{customer,email}', f.email))), '')
            ) as of_lead (mail)
        ),
        known as (
            select p.customer_id as id from person p where p.customer_id is not null
            union all
            (select c.id
            from person p
            join renos.customers c on lower(c.email) = p.mail
            where p.customer_id is null
            order by c.email = p.mail desc, c.created_at, c.id
            limit 1)
        ),
        made as (
            insert into renos.customers as c (name, email, phone, address, company_name)
            select p.name, p.mail, p.phone, p.address, p.company_name
            from person p
            where p.name is not null and not exists (select from known)
            on conflict (email) do update set email = excluded.email
            returning c.id
        ),
        changed as (
            update renos.leads l
            set customer_id = k.id, status = i ->> 'to'
            from person p, input, (select id from known union all select id from made) as k
            where l.id = p.id
            returning l.*
        )
        select 'ok' as outcome, (to_jsonb(c) || jsonb_build_object('customers', to_jsonb(r)))::json as body
        from changed c
        cross join lateral renos.refresh_customer(c.customer_id) as r
        union all
        select 'ok', (to_jsonb(f) || jsonb_build_object(
            'customers', case when r.id is not null then to_jsonb(r) end))::json
        from input
        join found f on f.status = i ->> 'to'
        cross join lateral renos.read_customer(f.customer_id) as r
        union all
        select 'unprocessable', json_build_object(
            'field', 'customer.name', 'message', 'The lead has neither a name nor a mail; give one')
        from person p
        where not exists (select from changed)
        union all
        select 'invalid_state', json_build_object('current', f.status, 'allowed', allowed)
        from found f, input
        where not allowed ? f.status and f.status <> i ->> 'to'";
    type Input = Input;
}
