//! B4: a copy of what Billy.dk answered.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::{CONNECTOR, Kind};
use crate::domain::{Method, Operation, Output};

pub(super) struct SetCached;

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
    /// What Billy.dk answered.
    #[schema(value_type = Object)]
    data: Value,
    /// For how many minutes it is good; 60 unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 43_200)]
    ttl_minutes: Option<i32>,
}

/// A copy, but for its data.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Answer {
    #[schema(format = "uuid")]
    id: String,
    #[schema(format = "uuid")]
    organization_id: String,
    billy_id: String,
    #[schema(format = "date-time")]
    cached_at: String,
    #[schema(format = "date-time")]
    expires_at: String,
}

impl Operation for SetCached {
    const ID: &'static str = "billy_set_cached";
    const SCHEMA: &'static str = "billy";
    const METHOD: Method = Method::Put;
    const PATH: &'static str = "/organizations/{organization_id}/cache/{kind}/{billy_id}";
    const SUMMARY: &'static str = "Store or replace a copy";
    const DESCRIPTION: &'static str = "Of two who store the same, the later one's copy stays.";
    const CALLERS: &'static [&'static str] = CONNECTOR;
    const CREATES: bool = true;
    const OUTPUT: Output = Output::of::<Answer>();
    const EXAMPLE: &'static str =
        r#"{"data": {"id": "inv-1001", "state": "approved", "amount": 1396}, "ttl_minutes": 15}"#;
    const SQL: &'static str = "
        with input as (
            select i ->> 'kind' as kind, i ->> 'billy_id' as billy_id, i -> 'data' as data,
                octet_length(i ->> 'data') > 262144 as is_too_large,
                now() + make_interval(mins => coalesce((i -> 'ttl_minutes')::integer, 60)) as expires_at,
                (i ->> 'organization_id')::uuid as organization
            from (select $1::jsonb as i) as one
        ),
        organization as (select o.id, o.is_active from billy.organizations o, input where o.id = organization),
        copy as (
            select o.id as organization_id, billy_id, data, expires_at, kind
            from organization o, input
            where o.is_active and not is_too_large
        ),
        invoice as (
            insert into billy.cached_invoices as c (organization_id, billy_id, data, expires_at)
            select organization_id, billy_id, data, expires_at from copy where kind = 'invoices'
            on conflict (organization_id, billy_id) do update
            set data = excluded.data, cached_at = excluded.cached_at, expires_at = excluded.expires_at
            returning c.id, c.organization_id, c.billy_id, c.cached_at, c.expires_at, c.xmax = 0 as is_new
        ),
        customer as (
            insert into billy.cached_customers as c (organization_id, billy_id, data, expires_at)
            select organization_id, billy_id, data, expires_at from copy where kind = 'customers'
            on conflict (organization_id, billy_id) do update
            set data = excluded.data, cached_at = excluded.cached_at, expires_at = excluded.expires_at
            returning c.id, c.organization_id, c.billy_id, c.cached_at, c.expires_at, c.xmax = 0 as is_new
        ),
        product as (
            insert into billy.cached_products as c (organization_id, billy_id, data, expires_at)
            select organization_id, billy_id, data, expires_at from copy where kind = 'products'
            on conflict (organization_id, billy_id) do update
            set data = excluded.data, cached_at = excluded.cached_at, expires_at = excluded.expires_at
            returning c.id, c.organization_id, c.billy_id, c.cached_at, c.expires_at, c.xmax = 0 as is_new
        ),
        stored as (select * from invoice union all select * from customer union all select * from product)
        select case when is_new then 'created' else 'ok' end::text as outcome,
            json_build_object(
                'id', id, 'organization_id', organization_id, 'billy_id', billy_id, 'cached_at', cached_at,
                'expires_at', expires_at) as body
        from stored
        union all
        select 'invalid_state', json_build_object(
            'message', 'The organisation is switched off', 'current', json_build_object('is_active', false),
            'allowed', json_build_object('is_active', json_build_array(true)))
        from organization
        where not is_active
        union all
        select 'invalid_input', json_build_array(json_build_object('field', 'data', 'reason', 'must be 256 KiB or less'))
        from organization o, input
        where o.is_active and is_too_large";
    type Input = Input;
}
