//! A76: what came of messages.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::BACKEND;
use crate::domain::{Method, Operation, Output};

pub(in super::super) struct SmsAnalytics;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = FlowSmsAnalytics)]
pub(in super::super) struct Input {
    /// Only messages of that tenant; of all that the caller may see unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(format = "uuid")]
    tenant_id: Option<String>,
    /// The first day on which they were sent, in Copenhagen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(format = "date")]
    from: Option<String>,
    /// The last day, in Copenhagen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(format = "date")]
    to: Option<String>,
}

/// Of the messages sent in that time.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = FlowSmsFigures)]
struct Answer {
    sent: i64,
    clicked: i64,
    converted: i64,
    /// Clicked of sent, in percent; 0 where none was sent.
    click_rate: f64,
    /// Converted of sent, in percent; 0 where none was sent.
    conversion_rate: f64,
    /// Converted of clicked, in percent: those that were both; 0 where none was clicked.
    click_to_conversion_rate: f64,
}

impl Operation for SmsAnalytics {
    const ID: &'static str = "flow_sms_analytics";
    const SCHEMA: &'static str = "flow";
    const METHOD: Method = Method::Get;
    const PATH: &'static str = "/sms_tracking/analytics";
    const SUMMARY: &'static str = "What came of messages";
    const DESCRIPTION: &'static str = "Messages sent on those days, both of which count, and how many were followed and led to \
        a booking. Rates have two decimals.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const OUTPUT: Output = Output::of::<Answer>();
    const EXAMPLE: &'static str = r#"{"from": "2026-01-01", "to": "2026-01-31"}"#;
    const SQL: &'static str = "
        with input as (
            select (i ->> 'tenant_id')::uuid as tenant, (i ->> 'from')::date as first, (i ->> 'to')::date as last
            from (select $1::jsonb as i) as one
        ),
        known as (select from input where tenant is null or exists (select from crm.tenants t where t.id = tenant)),
        figure as (
            select count(*) as sent, count(clicked_at) as clicked, count(converted_at) as converted,
                count(converted_at) filter (where clicked_at is not null) as both_of_them
            from flow.sms_tracking m, input
            where (tenant is null or m.tenant_id = tenant)
                and (first is null or m.sent_at >= first::timestamp at time zone 'Europe/Copenhagen')
                and (last is null or m.sent_at < (last + 1)::timestamp at time zone 'Europe/Copenhagen')
        )
        select 'ok'::text as outcome, json_build_object(
            'sent', sent, 'clicked', clicked, 'converted', converted,
            'click_rate', coalesce(round(100.0 * clicked / nullif(sent, 0), 2), 0),
            'conversion_rate', coalesce(round(100.0 * converted / nullif(sent, 0), 2), 0),
            'click_to_conversion_rate', coalesce(round(100.0 * both_of_them / nullif(clicked, 0), 2), 0)) as body
        from known, figure, input
        where first is null or last is null or first <= last
        union all
        select 'invalid_input', json_build_array(json_build_object('field', 'to', 'reason', 'must not be before from'))
        from known, input
        where first > last";
    type Input = Input;
}
