//! B5: copies past their time go.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::CONNECTOR;
use crate::domain::{Operation, Output};

pub(super) struct ClearExpired;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// Only copies of that organisation; of all that the caller may see unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(format = "uuid")]
    organization_id: Option<String>,
}

/// How many were deleted.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Answer {
    invoices: i64,
    customers: i64,
    products: i64,
    /// Whether there may be more to delete: call again.
    more: bool,
}

impl Operation for ClearExpired {
    const ID: &'static str = "billy_clear_expired";
    const SCHEMA: &'static str = "billy";
    const PATH: &'static str = "/cache/clear_expired";
    const SUMMARY: &'static str = "Delete expired copies";
    const DESCRIPTION: &'static str = "At most 5,000 of each kind at a time, so that nobody waits for long; copies that \
        somebody is storing anew are passed over.";
    const CALLERS: &'static [&'static str] = CONNECTOR;
    const OUTPUT: Output = Output::of::<Answer>();
    const EXAMPLE: &'static str = "{}";
    const SQL: &'static str = "
        with input as materialized (select ($1::jsonb ->> 'organization_id')::uuid as organization),
        invoice as (
            delete from billy.cached_invoices
            where id = any(array(
                select id
                from billy.cached_invoices c, input
                where expires_at <= now() and (organization is null or organization_id = organization)
                limit 5000
                for update of c skip locked
            ))
            returning id
        ),
        customer as (
            delete from billy.cached_customers
            where id = any(array(
                select id
                from billy.cached_customers c, input
                where expires_at <= now() and (organization is null or organization_id = organization)
                limit 5000
                for update of c skip locked
            ))
            returning id
        ),
        product as (
            delete from billy.cached_products
            where id = any(array(
                select id
                from billy.cached_products c, input
                where expires_at <= now() and (organization is null or organization_id = organization)
                limit 5000
                for update of c skip locked
            ))
            returning id
        ),
        deleted as (
            select
                (select count(*) from invoice) as invoices,
                (select count(*) from customer) as customers,
                (select count(*) from product) as products
        )
        select 'ok'::text as outcome,
            json_build_object(
                'invoices', invoices, 'customers', customers, 'products', products,
                'more', greatest(invoices, customers, products) = 5000) as body
        from deleted, input
        where organization is null or exists (select from billy.organizations o where o.id = organization)";
    type Input = Input;
}
