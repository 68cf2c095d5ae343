//! B3: a copy, if it is still good.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::Kind;
use crate::domain::{Method, Operation, Output};

pub(super) struct GetCached;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// The organisation.
    #[schema(format = "uuid")]
    organization_id: String,
    /// What is copied.
    kind: Kind,
    /// Its id in Billy.dk.
    #[schema(min_length = 1, max_length = 255)]
    billy_id: String,
}

/// A copy, or that there is none.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Answer {
    /// Whether there is a good copy; nothing else is here without one.
    hit: bool,
    /// What Billy.dk answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    data: Option<Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(format = "date-time")]
    cached_at: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(format = "date-time")]
    expires_at: Option<String>,
}

impl Operation for GetCached {
    const ID: &'static str = "billy_get_cached";
    const SCHEMA: &'static str = "billy";
    const METHOD: Method = Method::Get;
    const PATH: &'static str = "/organizations/{organization_id}/cache/{kind}/{billy_id}";
    const SUMMARY: &'static str = "Look for a copy";
    const DESCRIPTION: &'static str = "A copy is good until it expires; one that is not is a miss, which is an answer \
        and no failure.";
    const CALLERS: &'static [&'static str] = &["authenticated", "billy_app", "renos_app", "service_role"];
    const OUTPUT: Output = Output::of::<Answer>();
    const EXAMPLE: &'static str = "{}";
    const SQL: &'static str = "
        with input as (
            select i, (i ->> 'organization_id')::uuid as organization, i ->> 'kind' as kind, i ->> 'billy_id' as billy_id
            from (select $1::jsonb as i) as one
        ),
        copy as (
            select c.data, c.cached_at, c.expires_at
            from billy.cached_invoices c, input x
            where x.kind = 'invoices' and c.organization_id = x.organization and c.billy_id = x.billy_id
            union all
            select c.data, c.cached_at, c.expires_at
            from billy.cached_customers c, input x
            where x.kind = 'customers' and c.organization_id = x.organization and c.billy_id = x.billy_id
            union all
            select c.data, c.cached_at, c.expires_at
            from billy.cached_products c, input x
            where x.kind = 'products' and c.organization_id = x.organization and c.billy_id = x.billy_id
        )
        select case when o.is_active then 'ok' else 'invalid_state' end::text as outcome,
            case
                when not o.is_active then json_build_object(
                    'message', 'The organisation is switched off', 'current', json_build_object('is_active', false),
                    'allowed', json_build_object('is_active', json_build_array(true)))
                else coalesce(
                    (select json_build_object(
                        'hit', true, 'data', data, 'cached_at', cached_at, 'expires_at', expires_at)
                    from copy
                    where expires_at > now()),
                    json_build_object('hit', false))
            end as body
        from billy.organizations o, input x
        where o.id = x.organization";
    type Input = Input;
}
