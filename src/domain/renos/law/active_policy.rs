//! A59: the privacy policy in force.

use super::PEOPLE;
use crate::domain::{Method, Nothing, Operation, Output};

pub(super) struct ActivePolicy;

impl Operation for ActivePolicy {
    const ID: &'static str = "renos_active_policy";
    const SCHEMA: &'static str = "renos";
    const METHOD: Method = Method::Get;
    const PATH: &'static str = "/privacy_policies/active";
    const SUMMARY: &'static str = "The privacy policy in force";
    const DESCRIPTION: &'static str = "404 where none is.";
    const CALLERS: &'static [&'static str] = PEOPLE;
    const OUTPUT: Output = Output::Row("privacy_policies");
    const EXAMPLE: &'static str = "{}";
    const SQL: &'static str = "
        select 'ok'::text as outcome, to_json(p) as body
        from (select $1::jsonb as i) as input, renos.privacy_policies p
        where p.active";
    type Input = Nothing;
}
