//! A48: the checklist in use.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::{Method, Operation, Output, renos::BACKEND};

pub(super) struct ActiveChecklist;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// Kind of service.
    #[schema(min_length = 1, max_length = 100)]
    service_type: String,
}

impl Operation for ActiveChecklist {
    const ID: &'static str = "renos_active_checklist";
    const SCHEMA: &'static str = "renos";
    const METHOD: Method = Method::Get;
    const PATH: &'static str = "/quality_checklists/active";
    const SUMMARY: &'static str = "The checklist in use of a kind of service";
    const DESCRIPTION: &'static str = "Not found (404) where there is none.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const OUTPUT: Output = Output::Row("quality_checklists");
    const EXAMPLE: &'static str = r#"{"service_type": "standard"}"#;
    const SQL: &'static str = "
        select 'ok'::text as outcome, to_json(c) as body
        from renos.quality_checklists c
        where c.service_type = btrim($1::jsonb ->> 'service_type') and c.is_active";
    type Input = Input;
}
