//! A22: an offer is made to a lead.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::BACKEND;
use crate::domain::{Operation, Output};

pub(super) struct ComposeQuote;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// The lead.
    #[schema(min_length = 1)]
    lead_id: String,
    /// DKK an hour before VAT, two decimals.
    #[schema(minimum = 0, maximum = 99_999.99)]
    hourly_rate: f64,
    /// Hours offered, two decimals.
    #[schema(minimum = 0.01, maximum = 9_999.99)]
    estimated_hours: f64,
    /// VAT in percent.
    #[schema(minimum = 0, maximum = 100, default = 25)]
    #[serde(default = "usual_vat")]
    vat_rate: f64,
    /// Text on the offer.
    #[schema(max_length = 10_000)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    notes: Option<String>,
    /// Until when it holds, to the end of that day in Copenhagen; for ever where it is absent.
    #[schema(format = "date-time")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    valid_until: Option<String>,
}

fn usual_vat() -> f64 {
    25.0
}

impl Operation for ComposeQuote {
    const ID: &'static str = "renos_compose_quote";
    const SCHEMA: &'static str = "renos";
    const PATH: &'static str = "/quotes/compose";
    const SUMMARY: &'static str = "Make an offer";
    const DESCRIPTION: &'static str = "A draft. Before VAT it is the rate times the hours, and the total is that and its VAT, each rounded to two decimals. The house price of 349 DKK with VAT is 279.20 before it.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const CREATES: bool = true;
    const OUTPUT: Output = Output::Row("quotes");
    const EXAMPLE: &'static str = r#"{"lead_id": "c019a0b1c2d3e4f5a6b7c8d9e", "hourly_rate": 279.20, "estimated_hours": 3.5,
        "valid_until": "2026-12-31T12:00:00+01:00"}"#;
    // The table computes subtotal and total.
    const SQL: &'static str = "
        with input as (select $1::jsonb as i),
        lead as (select l.id from renos.leads l, input where l.id = i ->> 'lead_id'),
        made as (
            insert into renos.quotes (lead_id, hourly_rate, estimated_hours, vat_rate, notes, valid_until)
            select l.id, (i ->> 'hourly_rate')::numeric, (i ->> 'estimated_hours')::numeric, (i ->> 'vat_rate')::numeric,
                btrim(i ->> 'notes'), (i ->> 'valid_until')::timestamptz
            from input, lead l
            returning *
        )
        select 'created' as outcome, to_json(m) as body from made m
        union all
        select 'unprocessable', json_build_object('field', 'lead_id', 'message', 'There is no such lead')
        where not exists (select from lead)";
    type Input = Input;
}
