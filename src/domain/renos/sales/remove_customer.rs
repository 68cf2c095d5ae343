//! A21: a customer goes, or is switched off.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::BACKEND;
use crate::domain::{Method, Operation, Output};

pub(super) struct RemoveCustomer;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// The customer.
    id: String,
    /// Whether one with plans is deleted, and they too; for `service_role` alone.
    #[serde(default)]
    hard: bool,
}

impl Operation for RemoveCustomer {
    const ID: &'static str = "renos_remove_customer";
    const SCHEMA: &'static str = "renos";
    const METHOD: Method = Method::Delete;
    const PATH: &'static str = "/customers/{id}";
    const SUMMARY: &'static str = "Delete a customer, or switch one off";
    const DESCRIPTION: &'static str = "One with invoices, bookings or cleaning plans becomes inactive (200, the row): business history stays. Any other is deleted (204). With `hard` the plans are deleted too; invoices and bookings refuse even that (409).";
    const CALLERS: &'static [&'static str] = BACKEND;
    const DELETES: bool = true;
    const OUTPUT: Output = Output::Row("customers");
    const EXAMPLE: &'static str = r#"{"hard": false}"#;
    const SQL: &'static str = "
        with input as (
            select i, (i ->> 'hard')::boolean and auth.caller_role() is distinct from 'service_role' as is_refused
            from (select $1::jsonb) as given (i)
        )
        select r.outcome, r.body
        from input
        cross join lateral renos.remove_customer(i ->> 'id', (i ->> 'hard')::boolean) as r
        where not is_refused
        union all
        select 'invalid_input', json_build_array(json_build_object('field', 'hard', 'reason', 'is for service_role alone'))
        from input
        where is_refused";
    type Input = Input;
}
