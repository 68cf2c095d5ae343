//! A8: copies that are good no more: one, those of a kind, or all.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{CONNECTOR, Kind};
use crate::domain::{Method, Operation, Output};

/// How many were deleted.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Answer {
    invoices: i64,
    customers: i64,
    products: i64,
}

/// The statement that deletes copies of an organisation: those of the kind and the id in the input, where there are such.
macro_rules! statement {
    ($answer:literal) => {
        concat!(
            "with input as (
                select i ->> 'kind' as kind, i ->> 'billy_id' as billy_id, (i ->> 'organization_id')::uuid as organization
                from (select $1::jsonb as i) as one
            ),
            organization as (select o.id from billy.organizations o, input where o.id = organization),
            invoice as (
                delete from billy.cached_invoices c
                using organization o, input i
                where c.organization_id = o.id and (i.kind is null or i.kind = 'invoices')
                    and (i.billy_id is null or c.billy_id = i.billy_id)
                returning c.id
            ),
            customer as (
                delete from billy.cached_customers c
                using organization o, input i
                where c.organization_id = o.id and (i.kind is null or i.kind = 'customers')
                    and (i.billy_id is null or c.billy_id = i.billy_id)
                returning c.id
            ),
            product as (
                delete from billy.cached_products c
                using organization o, input i
                where c.organization_id = o.id and (i.kind is null or i.kind = 'products')
                    and (i.billy_id is null or c.billy_id = i.billy_id)
                returning c.id
            ) ",
            $answer
        )
    };
}

/// The answer of those that delete many.
macro_rules! counting {
    () => {
        statement!(
            "select 'ok'::text as outcome, json_build_object(
                'invoices', (select count(*) from invoice), 'customers', (select count(*) from customer),
                'products', (select count(*) from product)) as body
            from organization"
        )
    };
}

pub(super) struct DeleteCached;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct One {
    /// The organisation.
    #[schema(format = "uuid")]
    organization_id: String,
    /// What is copied.
    kind: Kind,
    /// Its id in Billy.dk.
    #[schema(min_length = 1, max_length = 255)]
    billy_id: String,
}

impl Operation for DeleteCached {
    const ID: &'static str = "billy_delete_cached";
    const SCHEMA: &'static str = "billy";
    const METHOD: Method = Method::Delete;
    const PATH: &'static str = "/organizations/{organization_id}/cache/{kind}/{billy_id}";
    const SUMMARY: &'static str = "Delete a copy";
    const DESCRIPTION: &'static str = "Answers 204 whether or not there was one.";
    const CALLERS: &'static [&'static str] = CONNECTOR;
    const DELETES: bool = true;
    const OUTPUT: Output = Output::of::<Answer>();
    const EXAMPLE: &'static str = "{}";
    const SQL: &'static str = statement!("select 'deleted'::text as outcome, null::json as body from organization");
    type Input = One;
}

pub(super) struct DeleteCachedKind;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct OfKind {
    /// The organisation.
    #[schema(format = "uuid")]
    organization_id: String,
    /// What is copied.
    kind: Kind,
}

impl Operation for DeleteCachedKind {
    const ID: &'static str = "billy_delete_cached_kind";
    const SCHEMA: &'static str = "billy";
    const METHOD: Method = Method::Delete;
    const PATH: &'static str = "/organizations/{organization_id}/cache/{kind}";
    const SUMMARY: &'static str = "Delete all copies of a kind";
    const DESCRIPTION: &'static str = "Of the organisation, expired or not. Answers how many there were.";
    const CALLERS: &'static [&'static str] = CONNECTOR;
    const OUTPUT: Output = Output::of::<Answer>();
    const EXAMPLE: &'static str = "{}";
    const SQL: &'static str = counting!();
    type Input = OfKind;
}

pub(super) struct DeleteAllCached;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct All {
    /// The organisation.
    #[schema(format = "uuid")]
    organization_id: String,
}

impl Operation for DeleteAllCached {
    const ID: &'static str = "billy_delete_all_cached";
    const SCHEMA: &'static str = "billy";
    const METHOD: Method = Method::Delete;
    const PATH: &'static str = "/organizations/{organization_id}/cache";
    const SUMMARY: &'static str = "Delete all copies of an organisation";
    const DESCRIPTION: &'static str = "Of every kind, expired or not. Answers how many there were.";
    const CALLERS: &'static [&'static str] = CONNECTOR;
    const OUTPUT: Output = Output::of::<Answer>();
    const EXAMPLE: &'static str = "{}";
    const SQL: &'static str = counting!();
    type Input = All;
}
