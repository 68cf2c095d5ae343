//! F19: the configuration of an integration in clear.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::BACKEND;
use crate::domain::{Open, Operation, Output};

pub(super) struct RevealIntegration;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = FlowRevealIntegration)]
pub(super) struct Input {
    /// The integration.
    id: String,
}

/// An integration's configuration, for the call that it is needed for.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = FlowRevealedIntegration)]
struct Answer {
    id: String,
    name: String,
    r#type: String,
    status: String,
    #[schema(value_type = Object)]
    config: Value,
}

impl Operation for RevealIntegration {
    const ID: &'static str = "flow_reveal_integration";
    const SCHEMA: &'static str = "flow";
    const PATH: &'static str = "/integrations/{id}/reveal";
    const SUMMARY: &'static str = "Read an integration's configuration in clear";
    const DESCRIPTION: &'static str = "For service_role, and for flow_app where the token's claims have `reveal_secrets: \
        true`. Each call leaves an entry in the trail; the answer must not be stored.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const OUTPUT: Output = Output::of::<Answer>();
    const OPENS: &'static [Open] = &[Open::Json("config")];
    const EXAMPLE: &'static str = "{}";
    const SQL: &'static str = "
        with found as (
            select g.id, g.name, g.type, g.status, g.config, flow.may_reveal() as may
            from flow.integrations g
            where g.id = $1::jsonb ->> 'id'
        ),
        trail as (
            insert into shared.audit_logs (user_id, service, action, resource_type, resource_id, success, metadata)
            select auth.user_uuid(), 'flow', 'reveal_secret', 'integration', id, may,
                jsonb_build_object('role', auth.caller_role())
            from found
        )
        select 'ok'::text as outcome, json_build_object(
            'id', id, 'name', name, 'type', type, 'status', status,
            'config', case
                when config ? 'enc' then jsonb_build_object('sealed', config -> 'enc')
                -- The encrypted text may stand there alone, too; and what moved in before anything was encrypted is in clear.
                when jsonb_typeof(config) = 'string' then jsonb_build_object('sealed', config)
                else config
            end) as body
        from found
        where may
        union all
        select 'forbidden', json_build_object('message', 'The token must have the claim reveal_secrets: true')
        from found
        where not may";
    type Input = Input;
}
