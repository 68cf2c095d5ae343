//! A18: a lead moves in the funnel.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::BACKEND;
use crate::domain::{Operation, Output};

pub(super) struct SetLeadStatus;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// The lead.
    id: String,
    /// Where it stands.
    status: Status,
}

/// A place in the funnel but for the end of it, which is an operation of its own.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Status {
    New,
    Contacted,
    Qualified,
    Quoted,
    QuoteSent,
    AwaitingResponse,
    Lost,
    Conflict,
}

impl Operation for SetLeadStatus {
    const ID: &'static str = "renos_set_lead_status";
    const SCHEMA: &'static str = "renos";
    const PATH: &'static str = "/leads/{id}/status";
    const SUMMARY: &'static str = "Move a lead in the funnel";
    const DESCRIPTION: &'static str = "From any status to any other but for converted, which nothing leaves and which conversion alone leads to. The trail keeps the status that was: that of renos where the caller has an organisation, else the one across applications. With the status that it has already, nothing is written.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const OUTPUT: Output = Output::Row("leads");
    const EXAMPLE: &'static str = r#"{"status": "contacted"}"#;
    const SQL: &'static str = "
        with input as (select $1::jsonb as i),
        found as materialized (
            select l.* from renos.leads l, input where l.id = i ->> 'id' for no key update of l
        ),
        changed as (
            update renos.leads l
            set status = i ->> 'status'
            from found f, input
            where l.id = f.id and f.status not in ('converted', i ->> 'status')
            returning l.*
        ),
        trail as (
            insert into renos.audit_logs (
                organization_id, user_id, action, entity_type, entity_id, old_values, new_values)
            select auth.org_id(), auth.user_id(), 'set_status', 'lead', c.id,
                jsonb_build_object('status', f.status), jsonb_build_object('status', c.status)
            from changed c, found f
            where auth.org_id() is not null
        ),
        trail_of_all as (
            insert into shared.audit_logs (user_id, service, action, resource_type, resource_id, success, metadata)
            select auth.user_uuid(), 'renos', 'set_status', 'lead', c.id, true,
                jsonb_build_object('from', f.status, 'to', c.status)
            from changed c, found f
            where auth.org_id() is null
        )
        select 'ok' as outcome, to_json(c) as body from changed c
        union all
        select 'ok', to_json(f) from found f, input where f.status = i ->> 'status'
        union all
        select 'invalid_state', json_build_object('current', f.status, 'allowed', json_build_array(
            'new', 'contacted', 'qualified', 'quoted', 'quote_sent', 'awaiting_response', 'lost', 'conflict'))
        from found f
        where f.status = 'converted'";
    type Input = Input;
}
