//! A58: what somebody consents to.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{PEOPLE, rows, whose::person};
use crate::domain::{Method, Operation, Output, json};

pub(super) struct ConsentStatus;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// The person; the caller where it is absent.
    #[schema(min_length = 1, max_length = 255)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    user_id: Option<String>,
}

impl Operation for ConsentStatus {
    const ID: &'static str = "renos_consent_status";
    const SCHEMA: &'static str = "renos";
    const METHOD: Method = Method::Get;
    const PATH: &'static str = "/consent_records/status";
    const SUMMARY: &'static str = "What somebody consents to";
    const DESCRIPTION: &'static str = "The newest record of each kind of consent, by kind.";
    const CALLERS: &'static [&'static str] = PEOPLE;
    const OUTPUT: Output = Output::Value(|| json(&rows("consent_records").into()));
    const EXAMPLE: &'static str = r#"{"user_id": "c019a0b1c2d3e4f5a6b7c8d9e"}"#;
    const SQL: &'static str = concat!(
        "with input as (select i, ",
        person!(),
        " as person from (select $1::jsonb) as given (i)),
        newest as (
            select distinct on (c.consent_type) c.*
            from renos.consent_records c, input
            where c.user_id = person
            order by c.consent_type, c.granted_at desc, c.id desc
        )
        select 'ok'::text as outcome, coalesce((select json_agg(n order by n.consent_type) from newest n), '[]') as body
        from input
        where person is not null"
    );
    type Input = Input;
}
