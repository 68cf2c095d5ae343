//! A64: papers whose last day is near.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::BACKEND;
use crate::domain::{Method, Operation, Output};

pub(super) struct ExpiringDocuments;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// Days from today.
    #[schema(minimum = 0, maximum = 3650, default = 30)]
    #[serde(default = "thirty")]
    days: u32,
    /// Documents at most.
    #[schema(minimum = 1, maximum = 1000, default = 100)]
    #[serde(default = "hundred")]
    limit: u32,
    /// Documents to leave out first.
    #[schema(minimum = 0, maximum = 1_000_000_000)]
    #[serde(default)]
    offset: u32,
}

fn thirty() -> u32 {
    30
}

fn hundred() -> u32 {
    100
}

/// A document, and whom to ask for a new one.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Document {
    #[schema(format = "uuid")]
    id: String,
    #[schema(format = "uuid")]
    subcontractor_id: String,
    document_type: String,
    document_name: String,
    #[schema(format = "date")]
    expiration_date: String,
    days_left: i64,
    company_name: String,
    contact_name: String,
    email: String,
}

impl Operation for ExpiringDocuments {
    const ID: &'static str = "renos_expiring_documents";
    const SCHEMA: &'static str = "renos";
    const METHOD: Method = Method::Get;
    const PATH: &'static str = "/subcontractor_documents/expiring";
    const SUMMARY: &'static str = "Papers of subcontractors that expire soon";
    const DESCRIPTION: &'static str =
        "Valid documents whose last day is today or in the days to come, in Europe/Copenhagen; the soonest first.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const OUTPUT: Output = Output::of::<Vec<Document>>();
    const EXAMPLE: &'static str = r#"{"days": 14}"#;
    const SQL: &'static str = "
        with input as (
            select i, (now() at time zone 'Europe/Copenhagen')::date as today from (select $1::jsonb) as given (i)
        ),
        page as (
            select d.id, d.subcontractor_id, d.document_type, d.document_name, d.expiration_date,
                d.expiration_date - today as days_left, s.company_name, s.contact_name, s.email
            from input
            join renos.subcontractor_documents d
                on d.status = 'valid' and d.expiration_date between today and today + (i ->> 'days')::integer
            join renos.subcontractors s on s.id = d.subcontractor_id
            order by d.expiration_date, d.id
            limit (select (i ->> 'limit')::integer from input)
            offset (select (i ->> 'offset')::integer from input)
        )
        select 'ok'::text as outcome, coalesce(json_agg(p order by p.expiration_date, p.id), '[]') as body from page p";
    type Input = Input;
}
