//! F23: a value for workflows is read.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::BACKEND;
use crate::domain::{Method, Operation, Output};

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
}

impl Operation for ReadVariable {
    const ID: &'static str = "flow_read_variable";
    const SCHEMA: &'static str = "flow";
    const METHOD: Method = Method::Get;
    const PATH: &'static str = "/variables/value";
    const SUMMARY: &'static str = "Read a value for workflows";
    const DESCRIPTION: &'static str = "The value of a secret is null.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const OUTPUT: Output = Output::of::<super::answers::Variable>();
    const EXAMPLE: &'static str = r#"{"key": "company_name", "workflow_id": "c1", "fallback": true}"#;
    const SQL: &'static str = "
        with input as (select $1::jsonb as i)
        select 'ok'::text as outcome, json_build_object(
            'id', v.id, 'workflow_id', v.workflow_id, 'key', v.key, 'value', case when not v.is_secret then v.value end,
            'type', v.type, 'is_secret', v.is_secret, 'encrypted', v.encrypted, 'description', v.description,
            'created_at', v.created_at, 'updated_at', v.updated_at) as body
        from flow.variables v, input
        where v.key = btrim(i ->> 'key') and (
            v.workflow_id is not distinct from i ->> 'workflow_id'
            or v.workflow_id is null and (i ->> 'fallback')::boolean)
        order by v.workflow_id nulls last
        limit 1";
    type Input = Input;
}
