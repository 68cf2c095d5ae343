//! A80: which services are booked.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::BACKEND;
use crate::domain::{Method, Operation, Output};

pub(super) struct ServiceDistribution;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// Bookings made in so many days up to now; all where it is absent.
    #[schema(minimum = 1, maximum = 3650)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    days: Option<u32>,
}

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Share {
    /// Null where a booking says none.
    service_type: Option<String>,
    bookings: i64,
    /// Of all, one decimal.
    percent: f64,
}

impl Operation for ServiceDistribution {
    const ID: &'static str = "renos_service_distribution";
    const SCHEMA: &'static str = "renos";
    const METHOD: Method = Method::Get;
    const PATH: &'static str = "/services/distribution";
    const SUMMARY: &'static str = "Bookings by service";
    const DESCRIPTION: &'static str = "Of any state; the most frequent service first.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const OUTPUT: Output = Output::of::<Vec<Share>>();
    const EXAMPLE: &'static str = r#"{"days": 30}"#;
    const SQL: &'static str = "
        with input as (select $1::jsonb as i),
        counted as (
            select b.service_type, count(*) as bookings, sum(count(*)) over () as all_bookings
            from renos.bookings b, input
            where not i ? 'days' or b.created_at >= now() - make_interval(days => (i ->> 'days')::integer)
            group by b.service_type
        )
        select 'ok'::text as outcome, coalesce(json_agg(json_build_object(
            'service_type', service_type, 'bookings', bookings, 'percent', round(100.0 * bookings / all_bookings, 1))
            order by bookings desc, service_type), '[]') as body
        from counted";
    type Input = Input;
}
