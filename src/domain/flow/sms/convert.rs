//! A76: a booking followed from a message.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::{BACKEND, states::LEAD};
use crate::domain::{Operation, Output, Transition};

pub(in super::super) struct ConvertSms;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = FlowConvertSms)]
pub(in super::super) struct Input {
    /// The lead.
    #[schema(format = "uuid")]
    lead_id: String,
}

impl Operation for ConvertSms {
    const ID: &'static str = "flow_convert_sms";
    const SCHEMA: &'static str = "flow";
    const PATH: &'static str = "/sms_tracking/convert";
    const SUMMARY: &'static str = "Note that a booking followed from a message";
    const DESCRIPTION: &'static str = "It is the newest message of the lead that counts, once. The lead is converted, whatever \
        it was, and that is in the trail.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const TRANSITION: Option<Transition> =
        Some(Transition { of: &LEAD, from: &["new", "contacted", "qualified", "lost"], to: "converted" });
    const IS_SERIALIZABLE: bool = true;
    const OUTPUT: Output = Output::Row("sms_tracking");
    const EXAMPLE: &'static str = r#"{"lead_id": "11111111-1111-4111-8111-111111111111"}"#;
    const SQL: &'static str = "
        with input as (select i, (i ->> 'lead_id')::uuid as lead_id from (select $1::jsonb as i) as one),
        lead as (select l.id, l.status from flow.leads l, input where l.id = input.lead_id for no key update of l),
        newest as (
            select m.*
            from flow.sms_tracking m, lead
            where m.lead_id = lead.id
            order by m.sent_at desc, m.id desc
            limit 1
        ),
        noted as (
            update flow.sms_tracking s set converted_at = now()
            from newest n
            where s.id = n.id and s.converted_at is null
            returning s.*
        ),
        converted as (
            update flow.leads l set status = i ->> 'to'
            from lead, newest n, input
            where l.id = lead.id and i -> 'allowed' ? lead.status
            returning l.id, lead.status as status_before
        ),
        trail as (
            insert into shared.audit_logs (user_id, service, action, resource_type, resource_id, success, metadata)
            select auth.user_uuid(), 'flow', 'set_status', 'lead', c.id::text, true,
                jsonb_build_object('from', c.status_before, 'to', 'converted', 'actor', 'sms_tracking')
            from converted c
        )
        select 'ok'::text as outcome, coalesce((select to_json(k) from noted k), to_json(n)) as body from newest n
        union all
        select 'unprocessable', json_build_object('message', 'No message was sent to the lead', 'field', 'lead_id')
        from lead
        where not exists (select from newest)";
    type Input = Input;
}
