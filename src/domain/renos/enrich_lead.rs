//! R4: what research found about a lead.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::BACKEND;
use crate::domain::{Operation, Output};

pub(super) struct EnrichLead;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// The lead.
    id: String,
    /// Company.
    #[schema(min_length = 1, max_length = 10_000)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    company_name: Option<String>,
    /// Line of business.
    #[schema(min_length = 1, max_length = 10_000)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    industry: Option<String>,
    /// Number of employees or area, as text.
    #[schema(min_length = 1, max_length = 10_000)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    estimated_size: Option<String>,
    /// Possible value in DKK, two decimals.
    #[schema(minimum = 0, maximum = 9_999_999_999.99)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    estimated_value: Option<f64>,
    /// What the research answered, up to 256 KiB.
    #[schema(value_type = Option<Object>)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    enrichment_data: Option<Map<String, Value>>,
}

impl Operation for EnrichLead {
    const ID: &'static str = "renos_enrich_lead";
    const SCHEMA: &'static str = "renos";
    const PATH: &'static str = "/leads/{id}/enrich";
    const SUMMARY: &'static str = "Store what research found about a lead";
    const DESCRIPTION: &'static str = "At least one finding; what is absent or null stays as it is.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const OUTPUT: Output = Output::Row("leads");
    const EXAMPLE: &'static str = r#"{"company_name": "Dahl ApS", "industry": "Retail", "estimated_value": 12000}"#;
    const SQL: &'static str = "
        with input as (
            select i, case
                when i - 'id' = '{}' then json_build_array(json_build_object(
                    'field', '', 'reason',
                    'must have one of company_name, industry, estimated_size, estimated_value, enrichment_data'))
                when octet_length(i ->> 'enrichment_data') > 262144 then json_build_array(json_build_object(
                    'field', 'enrichment_data', 'reason', 'must be 256 KiB or less'))
            end as faults
            from (select $1::jsonb) as given (i)
        ),
        changed as (
            update renos.leads l
            set company_name = coalesce(btrim(i ->> 'company_name'), l.company_name),
                industry = coalesce(btrim(i ->> 'industry'), l.industry),
                estimated_size = coalesce(btrim(i ->> 'estimated_size'), l.estimated_size),
                estimated_value = coalesce(round((i ->> 'estimated_value')::numeric, 2), l.estimated_value),
                enrichment_data = coalesce(i -> 'enrichment_data', l.enrichment_data),
                last_enriched = now()
            from input
            where l.id = i ->> 'id' and faults is null
            returning l.*
        )
        select 'ok' as outcome, to_json(c) as body from changed c
        union all
        select 'invalid_input', faults from input where faults is not null";
    type Input = Input;
}
