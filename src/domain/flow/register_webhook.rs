//! F16: an address that starts a workflow.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::BACKEND;
use crate::domain::{Complete, Open, Operation, Output, SealError, seal};

pub(super) struct RegisterWebhook;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = FlowRegisterWebhook)]
pub(super) struct Input {
    /// The workflow.
    #[schema(min_length = 1, max_length = 100)]
    workflow_id: String,
    /// Its name.
    #[schema(min_length = 1, max_length = 200)]
    name: String,
    /// The public address, `https://…` or a path. Where absent, a path is made that nobody can guess.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 2000)]
    url: Option<String>,
    /// The key that requests are signed with. Without one, requests need no signature.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 1000, format = "password")]
    secret: Option<String>,
    /// Whether a key is made, which is in this answer and in no other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(default = false)]
    generate_secret: Option<bool>,
    /// The HTTP method that is accepted; `POST` where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    method: Option<HttpMethod>,
    /// Addresses or networks that are let in; none is all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_items = 100)]
    allowed_ips: Option<Vec<String>>,
}

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "UPPERCASE")]
#[schema(as = FlowHttpMethod)]
enum HttpMethod {
    Get,
    Post,
    Put,
    Patch,
    Delete,
}

/// A webhook, and its secret where that was made now.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = FlowRegisteredWebhook)]
struct Answer {
    id: String,
    workflow_id: String,
    name: String,
    url: String,
    method: String,
    /// Whether requests are to be signed.
    has_secret: bool,
    /// The key that was made; null where none was.
    secret: Option<String>,
    allowed_ips: Vec<String>,
    is_active: bool,
    request_count: i32,
    #[schema(value_type = Option<String>, format = "date-time")]
    last_request_at: Option<String>,
    #[schema(value_type = String, format = "date-time")]
    created_at: String,
    #[schema(value_type = String, format = "date-time")]
    updated_at: String,
}

/// Makes a secret of 32 bytes where one is to be made. Where one is given as well, the statement refuses.
fn make_secret(input: &mut Map<String, Value>) -> Result<(), SealError> {
    let is_wanted = input.get("generate_secret") == Some(&Value::Bool(true));
    if is_wanted && !input.contains_key("secret") {
        input.insert("secret".to_owned(), seal::secret()?.into());
        input.insert("is_made".to_owned(), true.into());
    }
    Ok(())
}

impl Operation for RegisterWebhook {
    const ID: &'static str = "flow_register_webhook";
    const SCHEMA: &'static str = "flow";
    const PATH: &'static str = "/webhooks/register";
    const SUMMARY: &'static str = "Make an address that starts a workflow";
    const DESCRIPTION: &'static str = "The secret is encrypted before it is stored; that one was stored goes into the \
        trail. Only one that was made here is answered, once. An address that is taken is a conflict. \
        Nothing starts an archived workflow.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const CREATES: bool = true;
    const OUTPUT: Output = Output::of::<Answer>();
    const EXAMPLE: &'static str = r#"{"workflow_id": "c1", "name": "Form on the website", "generate_secret": true, "allowed_ips": ["192.0.2.0/24"]}"#;
    const COMPLETE: Option<Complete> = Some(make_secret);
    const SEALS: &'static [&'static str] = &["secret"];
    const OPENS: &'static [Open] = &[Open::Text("secret")];
    const OPENS_WHEN: Option<&'static str> = Some("generate_secret");
    const SQL: &'static str = "
        with input as (select $1::jsonb as i),
        faults as (
            select json_agg(json_build_object('field', field, 'reason', reason)) as list
            from input, lateral (values
                ('name', 'must not be blank', btrim(i ->> 'name') = ''),
                ('url', 'must begin with https://, http:// or /, and have no blanks',
                    btrim(i ->> 'url') !~ '^(https?://|/)\\S+$'),
                ('generate_secret', 'must not be true where a secret is given',
                    (i ->> 'generate_secret')::boolean and not i ? 'is_made'),
                ('allowed_ips', 'must be addresses or networks, as in 192.0.2.0/24', exists (
                    select from jsonb_array_elements_text(i -> 'allowed_ips') ip
                    where not flow.is_of_type(btrim(ip), 'network')))
            ) rule (field, reason, is_broken)
            where is_broken
        ),
        -- Whoever archives the workflow waits until the webhook is there, and switches it off then.
        workflow as materialized (
            select w.id, w.status
            from flow.workflows w, input, faults
            where w.id = i ->> 'workflow_id' and list is null
            for share of w
        ),
        made as (
            insert into flow.webhooks (workflow_id, name, url, method, secret, allowed_ips)
            select w.id, btrim(i ->> 'name'),
                coalesce(btrim(i ->> 'url'), '/hooks/' || replace(gen_random_uuid()::text || gen_random_uuid(), '-', '')),
                coalesce(i ->> 'method', 'POST'), i ->> 'secret',
                array(select btrim(ip) from jsonb_array_elements_text(i -> 'allowed_ips') ip)
            from input, workflow w
            where w.status <> 'archived'
            on conflict (url) do nothing
            returning *
        ),
        trail as (
            insert into shared.audit_logs (user_id, service, action, resource_type, resource_id, success)
            select auth.user_uuid(), 'flow', 'set_secret', 'webhook', m.id, true from made m where m.secret is not null
        )
        select 'created'::text as outcome, json_build_object(
            'id', m.id, 'workflow_id', m.workflow_id, 'name', m.name, 'url', m.url, 'method', m.method,
            'has_secret', m.secret is not null,
            'secret', case when i ? 'is_made' then json_build_object('sealed', m.secret) end, 'allowed_ips', m.allowed_ips, 'is_active', m.is_active,
            'request_count', m.request_count, 'last_request_at', m.last_request_at, 'created_at', m.created_at,
            'updated_at', m.updated_at) as body
        from made m, input
        union all
        select 'invalid_input', list from faults where list is not null
        union all
        select 'conflict', json_build_object('columns', json_build_array('url'))
        from workflow w where w.status <> 'archived' and not exists (select from made)
        union all
        select 'unprocessable', json_build_object('message', 'There is no such workflow', 'field', 'workflow_id')
        from faults where list is null and not exists (select from workflow)
        union all
        select 'invalid_state', json_build_object(
            'message', 'The workflow is archived', 'current', json_build_object('status', w.status),
            'allowed', json_build_object('status', json_build_array('draft', 'active', 'paused')))
        from workflow w where w.status = 'archived'";
    type Input = Input;
}
