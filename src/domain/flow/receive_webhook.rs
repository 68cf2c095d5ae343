//! A72: somebody has called a webhook.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::BACKEND;
use crate::domain::{Look, Operation, Output, SealError, Sealer, seal};

pub(super) struct ReceiveWebhook;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = FlowReceiveWebhook)]
pub(super) struct Input {
    /// The address that was called, as it is registered.
    #[schema(min_length = 1, max_length = 2000)]
    url: String,
    /// The HTTP method that it was called with.
    #[schema(min_length = 1, max_length = 20)]
    method: String,
    /// Where the call came from.
    #[schema(min_length = 1, max_length = 100)]
    ip: String,
    /// HMAC-SHA256 of the body under the webhook's secret, in hexadecimal digits; `sha256=` may stand before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 200)]
    signature: Option<String>,
    /// The body as it came, byte for byte; up to 262,144 characters.
    #[schema(max_length = 262144)]
    body: String,
}

/// What is compared in clear, and what the run is given: the body as JSON where it is that, else as text.
fn judge(input: &mut Map<String, Value>, found: &Value, sealer: Option<&Sealer>) -> Result<(), SealError> {
    let text = |name: &str| input.get(name).and_then(Value::as_str).unwrap_or_default();
    let body = text("body");
    let is_signed = match found["secret"].as_str() {
        Some(sealed) => {
            let secret = sealer.ok_or(SealError::NoKey)?.open(sealed)?;
            let signature = text("signature");
            seal::is_signed(&secret, body, signature.strip_prefix("sha256=").unwrap_or(signature))
        }
        None => true,
    };
    // PostgreSQL has no place for U+0000, nor for a number that is none.
    let json = serde_json::from_str::<Value>(body).ok().filter(|json| !json.to_string().contains("\\u0000"));
    let payload = match body {
        "" => Value::Null,
        body => json.unwrap_or_else(|| body.into()),
    };
    // An address of the older kind may come in the clothes of the newer.
    let ip = text("ip").trim().parse::<IpAddr>().map_or(Value::Null, |ip| ip.to_canonical().to_string().into());
    input.remove("body");
    input.remove("signature");
    input.extend([
        ("address".to_owned(), ip),
        ("payload".to_owned(), payload),
        ("is_signed".to_owned(), is_signed.into()),
        ("seen".to_owned(), found["secret"].clone()),
    ]);
    Ok(())
}

impl Operation for ReceiveWebhook {
    const ID: &'static str = "flow_receive_webhook";
    const SCHEMA: &'static str = "flow";
    const PATH: &'static str = "/webhooks/receive";
    const SUMMARY: &'static str = "Take a call of a webhook";
    const DESCRIPTION: &'static str = "A run begins, with the body as its input. The webhook must be active and take the \
        method, the address must be one that it lets in (else 403), and where it has a secret the signature must be right (else \
        401). Who is turned away leaves an entry in the trail.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const CREATES: bool = true;
    const OUTPUT: Output = Output::Row("executions");
    const LOOK: Option<Look> = Some(Look {
        sql: "
            select json_build_object('secret', h.secret) as found
            from flow.webhooks h
            where h.url = btrim($1::jsonb ->> 'url')",
        judge,
    });
    const EXAMPLE: &'static str = r#"{
        "url": "https://flow.example/hooks/1", "method": "POST", "ip": "192.0.2.7", "body": "{\"lead\": 7}",
        "signature": "f2f8f4eb4a3ab6a0ff0f5c7c3d2a2b7e0f1d5d6a1c3b5a7988d0c1b2a3f4e5d6"
    }"#;
    const SQL: &'static str = "
        with input as (select $1::jsonb as i, ($1::jsonb ->> 'address')::inet as address),
        workflow as (
            select w.id, w.status, w.is_template
            from flow.workflows w
            where w.id = (select h.workflow_id from flow.webhooks h, input where h.url = btrim(i ->> 'url'))
            for update of w
        ),
        hook as (
            select h.id, h.workflow_id, h.method, h.is_active, h.secret, h.allowed_ips, w.status, w.is_template
            from workflow w, input, flow.webhooks h
            where h.url = btrim(i ->> 'url') and h.workflow_id = w.id
            for update of h
        ),
        judged as (
            select h.*, case
                when address is null then 'address'
                when h.secret is distinct from i ->> 'seen' then 'changed'
                when not h.is_active then 'inactive'
                when h.method <> upper(btrim(i ->> 'method')) then 'method'
                when cardinality(h.allowed_ips) > 0 and not exists (
                    select from unnest(h.allowed_ips) as net
                    where case when flow.is_of_type(net, 'network') then address <<= net::inet end
                ) then 'stranger'
                when h.secret is not null and not (i ->> 'is_signed')::boolean then 'unsigned'
                when h.status <> 'active' or h.is_template then 'workflow'
                else 'good'
            end as verdict
            from hook h, input
        ),
        counted_request as (
            update flow.webhooks h set request_count = h.request_count + 1, last_request_at = now()
            from judged j
            where h.id = j.id and verdict = 'good'
        ),
        counted as (
            update flow.workflows w set execution_count = w.execution_count + 1, last_executed_at = now()
            from judged j
            where w.id = j.workflow_id and verdict = 'good'
            returning w.id
        ),
        opened as (
            insert into flow.executions (workflow_id, status, input, triggered_by, metadata)
            select j.workflow_id, 'running', nullif(i -> 'payload', 'null'), 'webhook',
                jsonb_build_object('webhook_id', j.id, 'method', j.method, 'ip', i ->> 'address')
            from counted c, judged j, input
            returning *
        ),
        trail as (
            insert into shared.audit_logs (user_id, service, action, resource_type, resource_id, success, metadata)
            select auth.user_uuid(), 'flow', 'refuse_request', 'webhook', j.id, false,
                jsonb_build_object('reason', verdict, 'ip', i ->> 'address')
            from judged j, input
            where verdict in ('stranger', 'unsigned')
        )
        select 'created'::text as outcome, to_json(o) as body from opened o
        union all
        select
            case verdict
                when 'address' then 'invalid_input'
                when 'changed' then 'conflict'
                when 'method' then 'unprocessable'
                when 'stranger' then 'forbidden'
                when 'unsigned' then 'unauthenticated'
                else 'invalid_state'
            end,
            case verdict
                when 'address' then
                    json_build_array(json_build_object('field', 'ip', 'reason', 'must be an address, as 192.0.2.7'))
                when 'changed' then json_build_object('message', 'The webhook has just been changed')
                when 'method' then json_build_object('message', 'The webhook takes ' || method)
                when 'stranger' then json_build_object('message', 'The webhook is not open to this address')
                when 'unsigned' then json_build_object('message', 'The signature is not that of the body')
                when 'inactive' then json_build_object(
                    'current', json_build_object('is_active', false), 'allowed', json_build_object('is_active', true))
                else json_build_object(
                    'current', json_build_object('status', status, 'is_template', is_template),
                    'allowed', json_build_object('status', json_build_array('active'), 'is_template', false))
            end
        from judged
        where verdict <> 'good'";
    type Input = Input;
}
