//! A7: copies of a list that Billy.dk answered.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::{CONNECTOR, Kind};
use crate::domain::{Method, Operation, Output};

pub(super) struct SetManyCached;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// The organisation.
    #[schema(format = "uuid")]
    organization_id: String,
    /// What is copied.
    kind: Kind,
    /// The objects of the list.
    #[schema(min_items = 1, max_items = 500)]
    items: Vec<Item>,
    /// For how many minutes they are good; 60 unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 43_200)]
    ttl_minutes: Option<i32>,
}

/// An object of a list.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Item {
    /// Its id in Billy.dk.
    #[schema(min_length = 1, max_length = 255)]
    billy_id: String,
    /// What Billy.dk answered.
    #[schema(value_type = Object)]
    data: Value,
}

/// The copies, in the order given.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Answer {
    items: Vec<Copied>,
}

/// A copy, but for its data.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Copied {
    #[schema(format = "uuid")]
    id: String,
    billy_id: String,
    #[schema(format = "date-time")]
    cached_at: String,
    #[schema(format = "date-time")]
    expires_at: String,
    outcome: Change,
}

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Change {
    Inserted,
    Updated,
}

impl Operation for SetManyCached {
    const ID: &'static str = "billy_set_many_cached";
    const SCHEMA: &'static str = "billy";
    const METHOD: Method = Method::Put;
    const PATH: &'static str = "/organizations/{organization_id}/cache/{kind}";
    const SUMMARY: &'static str = "Store or replace copies of many";
    const DESCRIPTION: &'static str = "As for one; all are stored or none. Copies of what is not in the list stay.";
    const CALLERS: &'static [&'static str] = CONNECTOR;
    const OUTPUT: Output = Output::of::<Answer>();
    const EXAMPLE: &'static str = r#"{"items": [
        {"billy_id": "inv-1001", "data": {"id": "inv-1001", "state": "approved", "amount": 1396}},
        {"billy_id": "inv-1002", "data": {"id": "inv-1002", "state": "draft", "amount": 500}}
    ], "ttl_minutes": 15}"#;
    const SQL: &'static str = "
        with input as (
            select i, i ->> 'kind' as kind, (i ->> 'organization_id')::uuid as organization,
                now() + make_interval(mins => coalesce((i -> 'ttl_minutes')::integer, 60)) as expires_at
            from (select $1::jsonb as i) as one
        ),
        organization as (select o.id, o.is_active from billy.organizations o, input where o.id = organization),
        given as (
            select n, item ->> 'billy_id' as billy_id, item -> 'data' as data, format('items[%s].', n - 1) as field
            from input, jsonb_array_elements(i -> 'items') with ordinality as t (item, n)
        ),
        fault (field, reason) as (
            select field || 'data', 'must be 256 KiB or less' from given where octet_length(data::text) > 262144
            union all
            select field || 'billy_id', 'is given twice'
            from (select field, row_number() over (partition by billy_id order by n) as nth from given) as one
            where nth > 1
        ),
        copy as (
            select o.id as organization_id, billy_id, data, expires_at, kind
            from organization o, input, given
            where o.is_active and not exists (select from fault)
        ),
        invoice as (
            insert into billy.cached_invoices as c (organization_id, billy_id, data, expires_at)
            select organization_id, billy_id, data, expires_at from copy where kind = 'invoices' order by billy_id
            on conflict (organization_id, billy_id) do update
            set data = excluded.data, cached_at = excluded.cached_at, expires_at = excluded.expires_at
            returning c.id, c.billy_id, c.cached_at, c.expires_at, c.xmax = 0 as is_new
        ),
        customer as (
            insert into billy.cached_customers as c (organization_id, billy_id, data, expires_at)
            select organization_id, billy_id, data, expires_at from copy where kind = 'customers' order by billy_id
            on conflict (organization_id, billy_id) do update
            set data = excluded.data, cached_at = excluded.cached_at, expires_at = excluded.expires_at
            returning c.id, c.billy_id, c.cached_at, c.expires_at, c.xmax = 0 as is_new
        ),
        product as (
            insert into billy.cached_products as c (organization_id, billy_id, data, expires_at)
            select organization_id, billy_id, data, expires_at from copy where kind = 'products' order by billy_id
            on conflict (organization_id, billy_id) do update
            set data = excluded.data, cached_at = excluded.cached_at, expires_at = excluded.expires_at
            returning c.id, c.billy_id, c.cached_at, c.expires_at, c.xmax = 0 as is_new
        ),
        stored as (select * from invoice union all select * from customer union all select * from product)
        select 'ok'::text as outcome, json_build_object('items', json_agg(
            json_build_object(
                'id', s.id, 'billy_id', s.billy_id, 'cached_at', s.cached_at, 'expires_at', s.expires_at,
                'outcome', case when s.is_new then 'inserted' else 'updated' end)
            order by g.n)) as body
        from stored s
        join given g using (billy_id)
        having count(*) > 0
        union all
        select 'invalid_state', json_build_object(
            'message', 'The organisation is switched off', 'current', json_build_object('is_active', false),
            'allowed', json_build_object('is_active', json_build_array(true)))
        from organization
        where not is_active
        union all
        select 'invalid_input', (select json_agg(f) from fault f)
        from organization o
        where o.is_active and exists (select from fault)";
    type Input = Input;
}
