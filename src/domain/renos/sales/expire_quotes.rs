//! A23: offers whose last day is over expire.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::{BACKEND, states::QUOTE};
use crate::domain::{Nothing, Operation, Output, Transition};

pub(super) struct ExpireQuotes;

/// What was done.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Expired {
    /// Offers that expired.
    quotes: u64,
}

impl Operation for ExpireQuotes {
    const ID: &'static str = "renos_expire_quotes";
    const SCHEMA: &'static str = "renos";
    const PATH: &'static str = "/quotes/expire";
    const SUMMARY: &'static str = "Let offers expire whose last day is over";
    const DESCRIPTION: &'static str =
        "For a job that runs once a day, after midnight in Copenhagen. Only offers that were sent expire.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const TRANSITION: Option<Transition> = Some(Transition { of: &QUOTE, from: &["sent"], to: "expired" });
    const OUTPUT: Output = Output::of::<Expired>();
    const EXAMPLE: &'static str = "{}";
    const SQL: &'static str = "
        with input as (select $1::jsonb as i),
        past as materialized (
            select q.id
            from renos.quotes q, input
            where i -> 'allowed' ? q.status and (q.valid_until at time zone 'Europe/Copenhagen')::date
                < (now() at time zone 'Europe/Copenhagen')::date
            order by q.id
            for no key update of q
        ),
        expired as (
            update renos.quotes q
            set status = i ->> 'to'
            from past p, input
            where q.id = p.id
            returning q.id
        )
        select 'ok'::text as outcome, json_build_object('quotes', (select count(*) from expired)) as body";
    type Input = Nothing;
}
