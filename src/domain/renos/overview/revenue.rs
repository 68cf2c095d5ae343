//! A80: what was earned, and when.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::BACKEND;
use crate::domain::{Method, Operation, Output};

pub(super) struct Revenue;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// How far back; 30 days where it is absent.
    #[serde(default)]
    period: Period,
}

#[derive(Default, Serialize, Deserialize, ToSchema)]
#[schema(as = RenosRevenuePeriod)]
enum Period {
    #[serde(rename = "24h")]
    Day,
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
    unit: Unit,
    source: Source,
    /// DKK in the whole period.
    total: f64,
    points: Vec<Point>,
}

/// What a point is of.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = RenosRevenueUnit)]
enum Unit {
    Hour,
    Day,
    Week,
    Month,
}

/// What was summed: paid invoices, or accepted offers where none was paid.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = RenosRevenueSource)]
enum Source {
    Invoices,
    Quotes,
}

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Point {
    /// When it begins.
    #[schema(format = "date-time")]
    at: String,
    /// DKK.
    revenue: f64,
    /// Invoices or offers.
    count: i64,
}

impl Operation for Revenue {
    const ID: &'static str = "renos_revenue";
    const SCHEMA: &'static str = "renos";
    const METHOD: Method = Method::Get;
    const PATH: &'static str = "/revenue";
    const SUMMARY: &'static str = "What was earned, and when";
    const DESCRIPTION: &'static str = "Of 24 hours by hour, of 7 days by day, of 30 days by week, of 90 days by month, in Europe/Copenhagen; those without revenue too. Invoices count when they were paid; where none was in the period, accepted offers count when they were changed last.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const OUTPUT: Output = Output::of::<Answer>();
    const EXAMPLE: &'static str = r#"{"period": "7d"}"#;
    const SQL: &'static str = "
        with input as (
            select i ->> 'period' as period, unit, now() - length as since
            from (select $1::jsonb) as given (i)
            join (values
                ('24h', 'hour', interval '24 hours'), ('7d', 'day', interval '7 days'),
                ('30d', 'week', interval '30 days'), ('90d', 'month', interval '90 days')
            ) as known (name, unit, length) on name = i ->> 'period'
        ),
        paid as (
            select v.paid_at as at, v.total from renos.invoices v, input
            where v.status = 'paid' and v.paid_at >= since and v.paid_at <= now()
        ),
        accepted as (
            select q.updated_at as at, q.total from renos.quotes q, input
            where q.status = 'accepted' and q.updated_at >= since and q.updated_at <= now()
                and not exists (select from paid)
        ),
        earned as (select * from paid union all select * from accepted),
        units as (
            select distinct date_trunc(unit, hour, 'Europe/Copenhagen') as at
            from input, generate_series(since, now(), interval '1 hour') as hour
            union
            select date_trunc(unit, now(), 'Europe/Copenhagen') from input
        ),
        sums as (
            select date_trunc(unit, e.at, 'Europe/Copenhagen') as at, sum(e.total) as revenue, count(*) as count
            from earned e, input
            group by 1
        ),
        points as (
            select json_agg(json_build_object(
                'at', u.at, 'revenue', coalesce(s.revenue, 0), 'count', coalesce(s.count, 0)) order by u.at) as list
            from units u
            left join sums s on s.at = u.at
        )
        select 'ok'::text as outcome, json_build_object(
            'period', period, 'unit', unit,
            'source', case when exists (select from paid) or not exists (select from accepted)
                then 'invoices' else 'quotes' end,
            'total', (select coalesce(sum(total), 0) from earned),
            'points', list) as body
        from input, points";
    type Input = Input;
}
