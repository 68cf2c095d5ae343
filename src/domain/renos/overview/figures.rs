//! A80: how the business goes.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::BACKEND;
use crate::domain::{Method, Operation, Output};

pub(super) struct Figures;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// How far back; 30 days where it is absent.
    #[serde(default)]
    period: Period,
}

#[derive(Default, Serialize, Deserialize, ToSchema)]
#[schema(as = RenosOverviewPeriod)]
enum Period {
    #[serde(rename = "7d")]
    Week,
    #[default]
    #[serde(rename = "30d")]
    Month,
    #[serde(rename = "90d")]
    Quarter,
}

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Answer {
    period: String,
    /// New customers that are active.
    customers: Figure,
    leads: Figure,
    bookings: Figure,
    quotes: Figure,
    /// New conversations that are active.
    conversations: Figure,
    /// DKK that were paid.
    revenue: Figure,
}

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Figure {
    /// Of the period up to now.
    value: f64,
    /// Of the period before.
    previous: f64,
    /// Between the two, one decimal; 0 where there was nothing before.
    change_percent: f64,
}

impl Operation for Figures {
    const ID: &'static str = "renos_overview";
    const SCHEMA: &'static str = "renos";
    const METHOD: Method = Method::Get;
    const PATH: &'static str = "/overview";
    const SUMMARY: &'static str = "Figures of the business";
    const DESCRIPTION: &'static str =
        "What was made, and paid, in the days up to now, and in as many days before those.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const OUTPUT: Output = Output::of::<Answer>();
    const EXAMPLE: &'static str = r#"{"period": "7d"}"#;
    const SQL: &'static str = "
        with input as (select i ->> 'period' as period from (select $1::jsonb) as given (i)),
        span as (
            select now() - make_interval(days => days) as recent, now() - make_interval(days => 2 * days) as earlier
            from input, lateral (select rtrim(period, 'd')::integer) as length (days)
        ),
        made (name, value, previous) as (
            select 'customers',
                count(*) filter (where t.created_at >= recent), count(*) filter (where t.created_at < recent)
            from renos.customers t, span
            where t.status = 'active' and t.created_at >= earlier and t.created_at < now()
            union all
            select 'leads',
                count(*) filter (where t.created_at >= recent), count(*) filter (where t.created_at < recent)
            from renos.leads t, span
            where t.created_at >= earlier and t.created_at < now()
            union all
            select 'bookings',
                count(*) filter (where t.created_at >= recent), count(*) filter (where t.created_at < recent)
            from renos.bookings t, span
            where t.created_at >= earlier and t.created_at < now()
            union all
            select 'quotes',
                count(*) filter (where t.created_at >= recent), count(*) filter (where t.created_at < recent)
            from renos.quotes t, span
            where t.created_at >= earlier and t.created_at < now()
            union all
            select 'conversations',
                count(*) filter (where t.created_at >= recent), count(*) filter (where t.created_at < recent)
            from renos.conversations t, span
            where t.status = 'active' and t.created_at >= earlier and t.created_at < now()
            union all
            select 'revenue', coalesce(sum(t.total) filter (where t.paid_at >= recent), 0),
                coalesce(sum(t.total) filter (where t.paid_at < recent), 0)
            from renos.invoices t, span
            where t.status = 'paid' and t.paid_at >= earlier and t.paid_at < now()
        )
        select 'ok'::text as outcome, (jsonb_build_object('period', period) || figures)::json as body
        from input, (
            select jsonb_object_agg(name, jsonb_build_object(
                'value', value, 'previous', previous,
                'change_percent', coalesce(round(100 * (value - previous) / nullif(previous, 0), 1), 0))) as figures
            from made
        ) as all_made";
    type Input = Input;
}
