//! A9: how many copies there are.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::{Method, Operation, Output};

pub(super) struct CacheStats;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// The organisation.
    #[schema(format = "uuid")]
    organization_id: String,
}

/// Figures by kind.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Answer {
    invoices: Figures,
    customers: Figures,
    products: Figures,
}

/// Copies of a kind.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Figures {
    total_cached: i64,
    /// Those that are good still.
    active_cached: i64,
    /// Those that wait for their deletion.
    expired_cached: i64,
    /// When the newest was stored or replaced; null where there is none.
    #[schema(format = "date-time")]
    last_cached_at: Option<String>,
}

/// The figures of a table.
macro_rules! figures {
    ($table:literal) => {
        concat!(
            "(select json_build_object(
                'total_cached', count(*), 'active_cached', count(*) filter (where c.expires_at > now()),
                'expired_cached', count(*) filter (where c.expires_at <= now()), 'last_cached_at', max(c.cached_at))
            from billy.",
            $table,
            " c
            where c.organization_id = o.id)"
        )
    };
}

impl Operation for CacheStats {
    const ID: &'static str = "billy_cache_stats";
    const SCHEMA: &'static str = "billy";
    const METHOD: Method = Method::Get;
    const PATH: &'static str = "/organizations/{organization_id}/cache/stats";
    const SUMMARY: &'static str = "Figures of an organisation's copies";
    const DESCRIPTION: &'static str = "By kind: how many there are, good and expired, and when the newest was stored.";
    const CALLERS: &'static [&'static str] = &["authenticated", "billy_app", "renos_app", "service_role"];
    const OUTPUT: Output = Output::of::<Answer>();
    const EXAMPLE: &'static str = "{}";
    const SQL: &'static str = concat!(
        "select 'ok'::text as outcome, json_build_object('invoices', ",
        figures!("cached_invoices"),
        ", 'customers', ",
        figures!("cached_customers"),
        ", 'products', ",
        figures!("cached_products"),
        ") as body
        from billy.organizations o
        where o.id = ($1::jsonb ->> 'organization_id')::uuid"
    );
    type Input = Input;
}
