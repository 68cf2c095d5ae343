//! A57: somebody is forgotten.

use utoipa::openapi::{RefOr, Schema, schema::Type};

use super::{
    OPERATORS, row,
    shapes::{nullable, object, of},
};
use crate::domain::{Nothing, Operation, Output, json};

pub(super) struct ProcessDueErasure;

/// The request that was carried out, and how many more are due.
fn answer() -> RefOr<Schema> {
    object([("request", nullable(row("data_deletion_requests"))), ("remaining", of(Type::Integer))])
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
    type Input = Nothing;
}
