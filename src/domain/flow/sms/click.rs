//! A76: somebody followed the link of a message.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::states::LEAD;
use crate::domain::{Operation, Output, Transition};

pub(in super::super) struct ClickSms;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = FlowClickSms)]
pub(in super::super) struct Input {
    /// The token in the link.
    #[schema(min_length = 1, max_length = 255)]
    tracking_id: String,
}

/// Where to go from here.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = FlowClickedSms)]
struct Answer {
    /// What the link was made of; `/` where nothing is known of the token.
    target_url: String,
}

impl Operation for ClickSms {
    const ID: &'static str = "flow_click_sms";
    const SCHEMA: &'static str = "flow";
    const PATH: &'static str = "/sms_tracking/{tracking_id}/click";
    const SUMMARY: &'static str = "Note that somebody followed a link";
    const DESCRIPTION: &'static str = "The first click counts; a new lead was contacted then. Nobody needs a token for it, and \
        a link that is not known is answered as one that is. Without one, an address has 60 calls a minute.";
    const CALLERS: &'static [&'static str] = &["anon", "flow_app", "service_role"];
    const TRANSITION: Option<Transition> = Some(Transition { of: &LEAD, from: &["new"], to: "contacted" });
    const ANONYMOUS_PER_MINUTE: Option<u32> = Some(60);
    const OUTPUT: Output = Output::of::<Answer>();
    const EXAMPLE: &'static str = "{}";
    const SQL: &'static str = "
        with input as (select $1::jsonb as i),
        message as (
            select m.id, m.lead_id, m.tracking_id, m.tracking_url
            from flow.sms_tracking m, input
            where m.tracking_id = i ->> 'tracking_id'
        ),
        lead as materialized (
            select l.id from flow.leads l, message m where l.id = m.lead_id for no key update of l
        ),
        clicked as (
            update flow.sms_tracking s set clicked_at = now()
            from message m, lead
            where s.id = m.id and s.clicked_at is null
        ),
        contacted as (
            update flow.leads l set status = i ->> 'to'
            from lead, input
            where l.id = lead.id and i -> 'allowed' ? l.status
            returning l.id
        ),
        trail as (
            insert into shared.audit_logs (user_id, service, action, resource_type, resource_id, success, metadata)
            select auth.user_uuid(), 'flow', 'set_status', 'lead', c.id::text, true,
                jsonb_build_object('from', 'new', 'to', 'contacted', 'actor', 'sms_tracking')
            from contacted c
        )
        select 'ok'::text as outcome, json_build_object('target_url', coalesce(
            (select rtrim(left(tracking_url, -length(tracking_id)), '/') from message
                where right(tracking_url, length(tracking_id)) = tracking_id),
            (select tracking_url from message),
            '/')) as body";
    type Input = Input;
}
