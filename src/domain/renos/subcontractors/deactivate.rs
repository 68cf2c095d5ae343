//! A64: a subcontractor takes on no more jobs.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::BACKEND;
use crate::domain::{Method, Operation, Output};

pub(super) struct Deactivate;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// The subcontractor.
    #[schema(format = "uuid")]
    id: String,
}

impl Operation for Deactivate {
    const ID: &'static str = "renos_deactivate_subcontractor";
    const SCHEMA: &'static str = "renos";
    const METHOD: Method = Method::Delete;
    const PATH: &'static str = "/subcontractors/{id}";
    const SUMMARY: &'static str = "Take a subcontractor off the list";
    const DESCRIPTION: &'static str = "It is inactive from now; jobs, reviews and papers stay.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const DELETES: bool = true;
    const OUTPUT: Output = Output::Row("subcontractors");
    const EXAMPLE: &'static str = "{}";
    const SQL: &'static str = "
        with changed as (
            update renos.subcontractors s
            set status = 'inactive'
            where s.id = ($1::jsonb ->> 'id')::uuid
            returning s.id
        )
        select 'deleted'::text as outcome, 'null'::json as body from changed";
    type Input = Input;
}
