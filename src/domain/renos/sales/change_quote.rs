//! A22: a draft of an offer is changed.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{super::BACKEND, given};
use crate::domain::{Method, Operation, Output};

pub(super) struct ChangeQuote;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// The offer.
    id: String,
    /// DKK an hour before VAT, two decimals.
    #[schema(minimum = 0, maximum = 99_999.99)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    hourly_rate: Option<f64>,
    /// Hours offered, two decimals.
    #[schema(minimum = 0.01, maximum = 9_999.99)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    estimated_hours: Option<f64>,
    /// VAT in percent.
    #[schema(minimum = 0, maximum = 100)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    vat_rate: Option<f64>,
    /// Text on the offer; null takes it away.
    #[schema(value_type = Option<String>, max_length = 10_000)]
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    notes: Option<Option<String>>,
    /// Until when it holds, to the end of that day in Copenhagen; null is for ever.
    #[schema(value_type = Option<String>, format = "date-time")]
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    valid_until: Option<Option<String>>,
}

impl Operation for ChangeQuote {
    const ID: &'static str = "renos_change_quote";
    const SCHEMA: &'static str = "renos";
    const METHOD: Method = Method::Patch;
    const PATH: &'static str = "/quotes/{id}";
    const SUMMARY: &'static str = "Change the draft of an offer";
    const DESCRIPTION: &'static str = "What is absent stays. Subtotal and total follow. Only a draft can be changed.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const OUTPUT: Output = Output::Row("quotes");
    const EXAMPLE: &'static str = r#"{"estimated_hours": 4, "notes": null}"#;
    const SQL: &'static str = "
        with input as (select $1::jsonb as i),
        found as materialized (
            select q.* from renos.quotes q, input where q.id = i ->> 'id' for no key update of q
        ),
        changed as (
            update renos.quotes q
            set hourly_rate = coalesce((i ->> 'hourly_rate')::numeric, q.hourly_rate),
                estimated_hours = coalesce((i ->> 'estimated_hours')::numeric, q.estimated_hours),
                vat_rate = coalesce((i ->> 'vat_rate')::numeric, q.vat_rate),
                notes = case when i ? 'notes' then btrim(i ->> 'notes') else q.notes end,
                valid_until = case when i ? 'valid_until' then (i ->> 'valid_until')::timestamptz else q.valid_until end
            from found f, input
            where q.id = f.id and f.status = 'draft'
            returning q.*
        )
        select 'ok' as outcome, to_json(c) as body from changed c
        union all
        select 'invalid_state', json_build_object('current', f.status, 'allowed', json_build_array('draft'))
        from found f
        where not exists (select from changed)";
    type Input = Input;
}
