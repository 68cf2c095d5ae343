//! A76: a message to a lead, with a link that can be told from others.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::BACKEND;
use crate::domain::{Operation, Output};

pub(in super::super) struct TrackSms;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = FlowTrackSms)]
pub(in super::super) struct Input {
    /// The lead.
    #[schema(format = "uuid")]
    lead_id: String,
    /// Number written to.
    #[schema(min_length = 1, max_length = 50)]
    phone_number: String,
    /// Id at the SMS provider.
    #[schema(min_length = 1, max_length = 255)]
    message_id: String,
    /// Where the link leads: `https://…`, without a query. The token is put behind it.
    #[schema(min_length = 1, max_length = 2_000)]
    base_url: String,
}

impl Operation for TrackSms {
    const ID: &'static str = "flow_track_sms";
    const SCHEMA: &'static str = "flow";
    const PATH: &'static str = "/sms_tracking/track";
    const SUMMARY: &'static str = "Make the link of a message";
    const DESCRIPTION: &'static str = "Token and link are made here, and nobody can guess them. Send `tracking_url` in the \
        message.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const CREATES: bool = true;
    const OUTPUT: Output = Output::Row("sms_tracking");
    const EXAMPLE: &'static str = r#"{"lead_id": "11111111-1111-4111-8111-111111111111", "phone_number": "+4520123456",
        "message_id": "sms-18c2f0a1", "base_url": "https://flow.fjordklar.example/s"}"#;
    const SQL: &'static str = r"
        with input as (
            select i, rtrim(btrim(i ->> 'base_url'), '/') as base_url,
                btrim(i ->> 'base_url') ~* '^https?://[^\s/?#]+(/[^\s?#]*)?$' as is_sound
            from (select $1::jsonb as i) as one
        ),
        lead as (select l.id, l.tenant_id from flow.leads l, input where l.id = (i ->> 'lead_id')::uuid for key share of l),
        link as materialized (select replace(gen_random_uuid()::text || gen_random_uuid(), '-', '') as token),
        made as (
            insert into flow.sms_tracking (tracking_id, lead_id, tenant_id, phone_number, message_id, tracking_url)
            select token, lead.id, lead.tenant_id, btrim(i ->> 'phone_number'), btrim(i ->> 'message_id'),
                base_url || '/' || token
            from lead, link, input
            where is_sound
            returning *
        )
        select 'created'::text as outcome, to_json(m) as body from made m
        union all
        select 'invalid_input', json_build_array(json_build_object(
            'field', 'base_url', 'reason', 'must begin with https:// or http://, and have neither blanks nor a query'))
        from input
        where not is_sound
        union all
        select 'unprocessable', json_build_object('message', 'There is no such lead', 'field', 'lead_id')
        from input
        where is_sound and not exists (select from lead)";
    type Input = Input;
}
