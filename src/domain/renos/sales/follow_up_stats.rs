//! A15: what following leads up has brought.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::BACKEND;
use crate::domain::{Method, Operation, Output};

pub(super) struct FollowUpStats;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// Days back from now.
    #[schema(minimum = 1, maximum = 3660, default = 30)]
    #[serde(default = "thirty")]
    days: u32,
}

fn thirty() -> u32 {
    30
}

/// Figures of the leads whose last follow-up lies in the period.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Stats {
    days: u32,
    followed_up: u64,
    /// Those of them that are converted now.
    converted: u64,
    /// Converted in percent of those followed up, two decimals; null where there are none.
    success_rate: Option<f64>,
    /// Follow-ups of a converted lead, the mean with two decimals; null where there are none.
    mean_attempts: Option<f64>,
    by_attempts: ByAttempts,
}

/// Leads followed up, by how often.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ByAttempts {
    one: u64,
    two: u64,
    three_or_more: u64,
}

impl Operation for FollowUpStats {
    const ID: &'static str = "renos_follow_up_stats";
    const SCHEMA: &'static str = "renos";
    const METHOD: Method = Method::Get;
    const PATH: &'static str = "/leads/follow_up_stats";
    const SUMMARY: &'static str = "Figures of following leads up";
    const DESCRIPTION: &'static str =
        "Of the leads whose last follow-up was in the last 30 days, or as many as are given.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const OUTPUT: Output = Output::of::<Stats>();
    const EXAMPLE: &'static str = r#"{"days": 30}"#;
    const SQL: &'static str = "
        with input as (select ($1::jsonb ->> 'days')::integer as days),
        figures as (
            select count(*) as followed_up,
                count(*) filter (where l.status = 'converted') as converted,
                round(avg(l.follow_up_attempts) filter (where l.status = 'converted'), 2) as mean_attempts,
                count(*) filter (where l.follow_up_attempts = 1) as one,
                count(*) filter (where l.follow_up_attempts = 2) as two,
                count(*) filter (where l.follow_up_attempts >= 3) as more
            from renos.leads l, input
            where l.follow_up_attempts > 0 and l.last_follow_up_date >= now() - make_interval(days => days)
        )
        select 'ok'::text as outcome, json_build_object(
            'days', days, 'followed_up', followed_up, 'converted', converted,
            'success_rate', round(100.0 * converted / nullif(followed_up, 0), 2), 'mean_attempts', mean_attempts,
            'by_attempts', json_build_object('one', one, 'two', two, 'three_or_more', more)) as body
        from input, figures";
    type Input = Input;
}
