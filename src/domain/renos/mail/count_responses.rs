//! A33: how many drafted answers are in which state.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::BACKEND;
use crate::domain::{Method, Nothing, Operation, Output};

pub(super) struct CountResponses;

/// Drafts by state.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Counts {
    pending: u64,
    approved: u64,
    sent: u64,
    rejected: u64,
    failed: u64,
}

impl Operation for CountResponses {
    const ID: &'static str = "renos_count_responses";
    const SCHEMA: &'static str = "renos";
    const METHOD: Method = Method::Get;
    const PATH: &'static str = "/email_responses/counts";
    const SUMMARY: &'static str = "Drafted answers by state";
    const DESCRIPTION: &'static str = "How many there are in each.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const OUTPUT: Output = Output::of::<Counts>();
    const EXAMPLE: &'static str = "{}";
    const SQL: &'static str = "
        select 'ok'::text as outcome, json_build_object(
            'pending', count(*) filter (where r.status = 'pending'),
            'approved', count(*) filter (where r.status = 'approved'),
            'sent', count(*) filter (where r.status = 'sent'),
            'rejected', count(*) filter (where r.status = 'rejected'),
            'failed', count(*) filter (where r.status = 'failed')) as body
        from renos.email_responses r
        where $1::jsonb is not null";
    type Input = Nothing;
}
