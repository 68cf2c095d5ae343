//! F23: a value for workflows is read.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::BACKEND;
use crate::domain::{Method, Open, Operation, Output};

pub(super) struct ReadVariable;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = FlowReadVariable)]
pub(super) struct Input {
    /// Its name.
    #[schema(min_length = 1, max_length = 200)]
    key: String,
    /// The workflow; absent is global.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 100)]
    workflow_id: Option<String>,
    /// Whether the global value is taken where the workflow has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(default = false)]
    fallback: Option<bool>,
    /// Whether a secret is answered in clear.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(default = false)]
    reveal: Option<bool>,
}

impl Operation for ReadVariable {
    const ID: &'static str = "flow_read_variable";
    const SCHEMA: &'static str = "flow";
    const METHOD: Method = Method::Get;
    const PATH: &'static str = "/variables/value";
    const SUMMARY: &'static str = "Read a value for workflows";
    const DESCRIPTION: &'static str = "The value of a secret is null, unless `reveal` asks for it: that is for service_role, and \
        for flow_app where the token's claims have `reveal_secrets: true`. It leaves an entry in the trail, and the answer must \
        not be stored.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const OUTPUT: Output = Output::of::<super::answers::Variable>();
    const LEAVES_TRAIL: bool = true;
    const OPENS: &'static [Open] = &[Open::Text("value")];
    const OPENS_WHEN: Option<&'static str> = Some("reveal");
    const EXAMPLE: &'static str = r#"{"key": "company_name", "workflow_id": "c1", "fallback": true}"#;
    const SQL: &'static str = "
        with input as (select $1::jsonb as i, coalesce(($1::jsonb ->> 'reveal')::boolean, false) as reveals),
        found as (
            select v.*, reveals and v.is_secret as is_asked_for, flow.may_reveal() as may
            from flow.variables v, input
            where v.key = btrim(i ->> 'key') and (
                v.workflow_id is not distinct from i ->> 'workflow_id'
                or v.workflow_id is null and (i ->> 'fallback')::boolean)
            order by v.workflow_id nulls last
            limit 1
        ),
        trail as (
            insert into shared.audit_logs (user_id, service, action, resource_type, resource_id, success, metadata)
            select auth.user_uuid(), 'flow', 'reveal_secret', 'variable', f.id, f.may,
                jsonb_build_object('key', f.key, 'workflow_id', f.workflow_id, 'role', auth.caller_role())
            from found f
            where f.is_asked_for
        )
        select 'ok'::text as outcome, json_build_object(
            'id', f.id, 'workflow_id', f.workflow_id, 'key', f.key,
            'value', case
                when not f.is_secret then to_json(f.value)
                when f.is_asked_for and f.encrypted then json_build_object('sealed', f.value)
                when f.is_asked_for then to_json(f.value)
            end,
            'type', f.type, 'is_secret', f.is_secret, 'encrypted', f.encrypted, 'description', f.description,
            'created_at', f.created_at, 'updated_at', f.updated_at) as body
        from found f
        where f.may or not f.is_asked_for
        union all
        select 'forbidden', json_build_object('message', 'The token must have the claim reveal_secrets: true')
        from found f
        where f.is_asked_for and not f.may";
    type Input = Input;
}
