//! A57: somebody is forgotten.

use serde::{Deserialize, Serialize};
use utoipa::{
    ToSchema,
    openapi::{ObjectBuilder, OneOfBuilder, Ref, RefOr, Schema, schema::Type},
};

use super::OPERATORS;
use crate::domain::{Operation, Output, json};

pub(super) struct ProcessDueErasure;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {}

/// The request that was carried out, and how many more are due.
fn answer() -> RefOr<Schema> {
    let request = OneOfBuilder::new()
        .item(Ref::from_schema_name("renos.data_deletion_requests"))
        .item(ObjectBuilder::new().schema_type(Type::Null));
    ObjectBuilder::new()
        .property("request", request)
        .required("request")
        .property("remaining", ObjectBuilder::new().schema_type(Type::Integer))
        .required("remaining")
        .into()
}

impl Operation for ProcessDueErasure {
    const ID: &'static str = "renos_process_due_erasure";
    const SCHEMA: &'static str = "renos";
    const PATH: &'static str = "/data_deletion_requests/process_due";
    const SUMMARY: &'static str = "Carry out the erasure that is due";
    const DESCRIPTION: &'static str = "One at a time, that which has been due longest: call again as long as some remain. The account stays without a name, an address or a way in; sign-in sessions, chats, notifications and push endpoints go; addresses of consents and what the trails say of the person are blanked; what book-keeping law demands stays. A request that can't be carried out has failed, and the next call takes the next one. Either goes into the trail.";
    const CALLERS: &'static [&'static str] = OPERATORS;
    const OUTPUT: Output = Output::Value(|| json(&answer()));
    const EXAMPLE: &'static str = "{}";
    const SQL: &'static str = "
        select 'ok'::text as outcome, json_build_object(
            'request', case when done.id is not null then to_json(done) end,
            'remaining', (
                select count(*) from renos.data_deletion_requests r
                where r.status = 'pending' and r.scheduled_deletion_date <= now() and r.id is distinct from done.id
            )) as body
        from (select $1::jsonb as i) as input, renos.process_due_erasure() as done";
    type Input = Input;
}
